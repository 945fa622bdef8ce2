import type { WriteStream } from "node:tty";
import { Chalk, type ChalkInstance } from "chalk";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";
import type { AgentEvent } from "../../index.ts";
import { type Notice, noticeLine, verboseLine } from "./notices.ts";
import { spentMark } from "./spent-text.ts";
import { LiveText } from "../terminal/live-text.ts";
import { createSanitizer, visible } from "../terminal/sanitize.ts";
import { Spinner } from "../terminal/spinner.ts";

export type RendererOptions = { readonly debug?: boolean; readonly stripUi?: boolean; readonly stream: boolean };

/** Columns that text may take at the most: longer lines are hard to read. */
const WIDEST = 100;

/** Shows a conversation in a terminal as it happens: thoughts dimmed, notices in a line each, the reply as markdown. */
export class ChatRenderer {
  readonly #output: WriteStream;
  readonly #options: RendererOptions;
  readonly #paint: ChalkInstance;
  readonly #spinner: Spinner;
  /** The reply being written. */
  #reply: LiveText | undefined;
  /** Makes the thought being written safe to print. */
  #thought: ReturnType<typeof createSanitizer> | undefined;
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
    this.#paint = new Chalk({ level: this.#hasColor() ? 2 : 0 });
    this.#spinner = new Spinner(output);
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
    if (this.#options.stripUi !== true) this.#spinner.start(text);
  }

  /** Lines from the program itself. */
  lines(lines: readonly string[]): void {
    for (const line of lines) this.#print(this.#paint.dim(this.#wrap(visible(line))));
  }

  /** Text that a command shows; `asIs` leaves long lines to the terminal. */
  text(text: string, asIs = false): void {
    this.#print(asIs ? visible(text) : this.#wrap(visible(text)));
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
        this.#endThought();
        return;
      case "assistant_message":
        if (!this.#shown.reply) this.#say(event.text);
        this.#endReply();
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
    this.#spinner.stop();
    this.#endThought();
    this.#endReply();
  }

  /** The line under a reply: model, share of the window, time, as much of it as the window has room for. */
  status({ model, used, window }: { model: string; used: number; window: number }): void {
    const parts = [model, `${Math.round((100 * used) / window)}% of ${window.toLocaleString("en-US")} tokens`];
    if (this.#turnMs !== undefined) parts.push(duration(this.#turnMs));
    if (this.#spent !== undefined) parts.push(this.#spent);
    this.#turnMs = undefined;
    this.#spent = undefined;
    const line = (): string => visible(`  ${parts.join(" · ")}`);
    while (parts.length > 1 && stringWidth(line()) >= this.width) parts.pop();
    this.#print(`${this.#paint.dim(line())}\n`);
  }

  #hasColor(): boolean {
    const { NO_COLOR: noColor, TERM: term } = process.env;
    if (this.#options.stripUi === true || (noColor !== undefined && noColor !== "") || term === "dumb") return false;
    return this.#output.isTTY;
  }

  #think(text: string): void {
    this.#spinner.stop();
    this.#endReply();
    if (this.#thought === undefined) {
      this.#thought = createSanitizer();
      this.#output.write(this.#paint.dim.italic(this.#options.stripUi === true ? "(thinks) " : "💭 "));
    }
    this.#shown.thought = true;
    this.#output.write(this.#paint.dim.italic(this.#thought(text)));
  }

  #endThought(): void {
    if (this.#thought === undefined) return;
    this.#output.write(`${this.#thought("", true)}\n`);
    this.#thought = undefined;
  }

  #say(text: string): void {
    this.#spinner.stop();
    this.#endThought();
    const color = this.#hasColor();
    this.#reply ??= new LiveText(this.#output, { width: () => this.width, rows: () => this.#output.rows || 24, color });
    this.#shown.reply = true;
    this.#reply.append(text);
  }

  #endReply(): void {
    this.#reply?.end();
    this.#reply = undefined;
  }

  #notice({ symbol, kind, text }: Notice): void {
    this.stop();
    const line = visible(text.length > 400 ? `${text.slice(0, 400)}…` : text);
    const paint = {
      memory: this.#paint.magenta,
      search: this.#paint.blue,
      warning: this.#paint.yellow,
      info: this.#paint.dim,
    }[kind];
    this.#print(paint(this.#wrap(this.#symbol(symbol) + line)));
  }

  #symbol(symbol: string): string {
    return this.#options.stripUi === true ? "" : `${symbol} `;
  }

  #wrap(text: string): string {
    return wrapAnsi(text, this.width, { hard: true, trim: false });
  }

  #print(text: string): void {
    this.stop();
    this.#output.write(`${text}\n`);
  }
}

function duration(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
