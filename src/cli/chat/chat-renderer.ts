import type { WriteStream } from "node:tty";
import { Chalk, type ChalkInstance } from "chalk";
import stringWidth from "string-width";
import type { AgentEvent } from "../../index.ts";
import { type Notice, noticeLine, verboseLine } from "./notices.ts";
import { spentMark } from "../terminal/spent-text.ts";
import { FlowingText } from "../terminal/flowing-text.ts";
import { hanging } from "../terminal/hanging.ts";
import { LiveText } from "../terminal/live-text.ts";
import { plainly } from "../terminal/plain.ts";
import { paintMarks } from "../terminal/emphasis.ts";
import { visible } from "../terminal/sanitize.ts";
import { Spinner } from "../terminal/spinner.ts";

export type RendererOptions = { readonly debug?: boolean; readonly stripUi?: boolean; readonly stream: boolean };

/** Columns that text may take at the most: longer lines are hard to read. */
const WIDEST = 100;

/** Milliseconds without a word after which a reply is shown to be waited for. */
const STALLED_MS = 1_000;
const STOPS = "Ctrl-C stops";

/** Shows a conversation in a terminal as it happens: thoughts dimmed, notices in a line each, the reply as markdown. */
export class ChatRenderer {
  readonly #output: WriteStream;
  readonly #options: RendererOptions;
  readonly #paint: ChalkInstance;
  readonly #spinner: Spinner;
  /** The thought and the reply being written. Only one of them is. */
  #thought: FlowingText | undefined;
  #reply: LiveText | FlowingText | undefined;
  #stalled: NodeJS.Timeout | undefined;
  /** What of the step has been shown while it was written. */
  #shown = { thought: false, reply: false };
  #turnMs: number | undefined;
  /** What the turn cost, if anybody counted. */
  #spent: string | undefined;
  /** Whether function calls and their returns are shown. */
  #verbose: boolean;

  constructor(output: WriteStream, options: RendererOptions) {
    this.#output = output;
    this.#options = options;
    this.#verbose = options.debug === true;
    this.#paint = new Chalk({ level: this.hasColor ? 2 : 0 });
    this.#spinner = new Spinner(output);
  }

  /** Whether nothing may be drawn but text: without symbols, bars and what moves. */
  get isPlain(): boolean {
    return this.#options.stripUi === true || process.env["TERM"] === "dumb";
  }

  /** Whether text may be coloured. */
  get hasColor(): boolean {
    const { NO_COLOR: noColor } = process.env;
    if (this.isPlain || (noColor !== undefined && noColor !== "")) return false;
    return this.#output.isTTY;
  }

  /** Columns that text may take. */
  get width(): number {
    return Math.max(20, Math.min(WIDEST, this.#output.columns || 80));
  }

  prompt(kind: "message" | "lines" | "edit" | "answer"): string {
    return this.#paint.bold.cyan({ message: "> ", lines: '""" ', edit: "edit> ", answer: "? " }[kind]);
  }

  /** Shows function calls and their returns from now on, or no longer. @returns whether they are shown now. */
  toggleVerbose(): boolean {
    this.#verbose = !this.#verbose;
    return this.#verbose;
  }

  /** Shows that something is going on, until something else is shown. */
  wait(text = "Thinking"): void {
    this.stop();
    if (!this.isPlain) this.#spinner.start(text, { hint: STOPS });
  }

  /** Lines from the program itself. */
  lines(lines: readonly string[]): void {
    for (const line of lines) this.#print(this.#paint.dim(this.#wrap(this.#plainly(visible(line)))));
  }

  /** Text that a command shows; `asIs` leaves long lines to the terminal. */
  text(text: string, asIs = false): void {
    const shown = asIs ? visible(text) : this.#wrap(this.#plainly(visible(text)));
    this.#print(paintMarks(shown, (marked) => this.#paint.bold.underline(marked)));
  }

  error(text: string): void {
    this.#print(this.#paint.red(this.#wrap(text)));
  }

  event(event: AgentEvent): void {
    switch (event.type) {
      case "turn_start":
      case "step_start":
        this.#shown = { thought: false, reply: false };
        this.wait();
        return;
      case "internal_monologue_delta":
        if (this.#options.stream) this.#think(event.text);
        return;
      case "assistant_message_delta":
        if (this.#options.stream) this.#say(event.text);
        return;
      case "internal_monologue":
        if (!this.#shown.thought) this.#think(event.text);
        this.stop();
        return;
      case "assistant_message":
        if (!this.#shown.reply) this.#say(event.text);
        this.stop();
        return;
      case "function_call":
        if (this.#verbose) this.#notice(verboseLine(event));
        return;
      case "turn_end":
        this.stop();
        this.#turnMs = event.durationMs;
        this.#spent = spentMark(event.spent);
        return;
      case "retry":
      case "function_return":
      case "memory_edit":
      case "memory_pressure":
      case "popped":
      case "queue_flush":
      case "notice":
      case "step_end": {
        const notice = noticeLine(event);
        if (event.type === "function_return" && this.#verbose) this.#notice(verboseLine(event));
        else if (notice !== undefined) this.#notice(notice);
        // What was shown of the answer so far does not count.
        if (event.type === "retry") this.#shown = { thought: false, reply: false };
      }
    }
  }

  /** Ends whatever is being written, and leaves the cursor at the start of a line. */
  stop(): void {
    this.#pause();
    this.#thought?.end();
    this.#thought = undefined;
    this.#reply?.end();
    this.#reply = undefined;
  }

  /** The line under a reply: model, share of the window, time, as much of it as the window has room for. */
  status({ model, used, window }: { model: string; used: number; window: number }): void {
    const parts = [model, `${Math.round((100 * used) / window)}% of ${window.toLocaleString("en-US")} tokens`];
    if (this.#turnMs !== undefined) parts.push(duration(this.#turnMs));
    if (this.#spent !== undefined) parts.push(this.#spent);
    this.#turnMs = undefined;
    this.#spent = undefined;
    const line = (): string => this.#plainly(visible(`  ${parts.join(" · ")}`));
    while (parts.length > 1 && stringWidth(line()) >= this.width) parts.pop();
    this.#print(`${this.#paint.dim(line())}\n`);
  }

  #think(text: string): void {
    this.#pause();
    if (this.#thought === undefined) this.stop();
    const mark = this.isPlain ? "(thinks) " : "💭 ";
    this.#thought ??= new FlowingText(this.#output, { width: this.#room, mark, paint: this.#paint.dim.italic });
    this.#shown.thought = true;
    this.#thought.append(text);
    this.#expect(this.#thought);
  }

  #say(text: string): void {
    this.#pause();
    if (this.#reply === undefined) this.stop();
    this.#reply ??= this.hasColor
      ? new LiveText(this.#output, { width: () => this.width, rows: () => this.#output.rows || 24, color: true })
      : new FlowingText(this.#output, { width: this.#room });
    this.#shown.reply = true;
    this.#reply.append(text);
    this.#expect(this.#reply);
  }

  /** What a line may take that goes on where the cursor is: in a full one it would be lost. */
  readonly #room = (): number => this.width - 1;

  /** Shows after a while that more of `text` is waited for. */
  #expect(text: LiveText | FlowingText): void {
    if (this.isPlain) return;
    const since = performance.now();
    this.#stalled = setTimeout(() => {
      text.flush();
      const below = text instanceof FlowingText ? text.row : "";
      this.#spinner.start("Waiting", { hint: STOPS, since, below });
    }, STALLED_MS).unref();
  }

  /** Takes away what shows that something is waited for. */
  #pause(): void {
    clearTimeout(this.#stalled);
    this.#spinner.stop();
  }

  #notice({ symbol, kind, text }: Notice): void {
    const line = this.#plainly(visible(text.length > 400 ? `${text.slice(0, 400)}…` : text));
    const paint = {
      memory: this.#paint.magenta,
      search: this.#paint.blue,
      warning: this.#paint.yellow,
      info: this.#paint.dim,
    }[kind];
    this.#print(paint(hanging(line, this.width, this.isPlain ? "- " : `${symbol} `)));
  }

  #wrap(text: string): string {
    return hanging(text, this.width);
  }

  #plainly(text: string): string {
    return this.isPlain ? plainly(text) : text;
  }

  #print(text: string): void {
    this.stop();
    this.#output.write(`${text}\n`);
  }
}

function duration(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
