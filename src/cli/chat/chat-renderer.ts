import type { WriteStream } from "node:tty";
import { Chalk, type ChalkInstance } from "chalk";
import type { AgentEvent } from "../../index.ts";
import { type Notice, noticeLine, verboseLine } from "./notices.ts";
import { spentMark } from "../terminal/spent-text.ts";
import { FlowingText } from "../terminal/flowing-text.ts";
import { hanging } from "../terminal/hanging.ts";
import { LiveText } from "../terminal/live-text.ts";
import { withAsciiSymbols } from "../terminal/ascii-symbols.ts";
import { paintMarks } from "../terminal/emphasis.ts";
import { visible } from "../terminal/sanitize.ts";
import { Spinner } from "../terminal/spinner.ts";
import { textWidth } from "../terminal/width.ts";

export type RendererOptions = { readonly debug?: boolean; readonly stripUi?: boolean; readonly stream: boolean };

/** Most columns of text: longer lines are hard to read. */
const WIDEST = 100;

/** Milliseconds of silence after which the spinner appears under a reply. */
const STALLED_MS = 1_000;
const STOP_HINT = "Ctrl-C stops";

type Status = { readonly model: string; readonly used: number; readonly window: number; readonly isIncognito: boolean };

/** Shows a conversation in a terminal as it happens: dimmed thoughts, one line per notice, replies as markdown. */
export class ChatRenderer {
  readonly #output: WriteStream;
  readonly #options: RendererOptions;
  readonly #paint: ChalkInstance;
  readonly #spinner: Spinner;
  /** The thought or the reply being written; at most one of them is. */
  #thought: FlowingText | undefined;
  #reply: LiveText | FlowingText | undefined;
  #stalled: NodeJS.Timeout | undefined;
  /** Which parts of this step were already shown as deltas. */
  #shown = { thought: false, reply: false };
  #turnMs: number | undefined;
  /** What the turn cost, if known. */
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

  /** Whether to draw text only: no symbols, bars or animation. */
  get isPlain(): boolean {
    return this.#options.stripUi === true || process.env["TERM"] === "dumb";
  }

  /** Whether to use colours. */
  get hasColor(): boolean {
    const { NO_COLOR: noColor } = process.env;
    if (this.isPlain || (noColor !== undefined && noColor !== "")) return false;
    return this.#output.isTTY;
  }

  /** Columns available for text. */
  get width(): number {
    return Math.max(20, Math.min(WIDEST, this.#output.columns || 80));
  }

  prompt(kind: "message" | "lines" | "edit" | "answer"): string {
    return this.#paint.bold.cyan({ message: "> ", lines: '""" ', edit: "edit> ", answer: "? " }[kind]);
  }

  /** Shows or hides function calls and their returns. @returns whether they are now shown. */
  toggleVerbose(): boolean {
    this.#verbose = !this.#verbose;
    return this.#verbose;
  }

  /** Shows the spinner until something else is shown. */
  wait(text = "Thinking"): void {
    this.stop();
    if (!this.isPlain) this.#spinner.start(text, { hint: STOP_HINT });
  }

  /** Lines from the program itself. */
  lines(lines: readonly string[]): void {
    for (const line of lines) this.#print(this.#paint.dim(this.#wrap(this.#asciiIfPlain(visible(line)))));
  }

  /** Output of a command; `asIs` does not wrap long lines. */
  text(text: string, asIs = false): void {
    const shown = asIs ? visible(text) : this.#wrap(this.#asciiIfPlain(visible(text)));
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
        // The new answer replaces what was shown so far.
        if (event.type === "retry") this.#shown = { thought: false, reply: false };
      }
    }
  }

  /** Ends what is being written and moves the cursor to the start of a line. */
  stop(): void {
    this.#hideSpinner();
    this.#thought?.end();
    this.#thought = undefined;
    this.#reply?.end();
    this.#reply = undefined;
  }

  /** The line under a reply: incognito, model, share of the window, time and cost, as many as fit. */
  status({ model, used, window, isIncognito }: Status): void {
    const mode = isIncognito ? ["incognito"] : [];
    const parts = [...mode, model, `${Math.round((100 * used) / window)}% of ${window.toLocaleString("en-US")} tokens`];
    if (this.#turnMs !== undefined) parts.push(duration(this.#turnMs));
    if (this.#spent !== undefined) parts.push(this.#spent);
    this.#turnMs = undefined;
    this.#spent = undefined;
    const line = (): string => this.#asciiIfPlain(visible(`  ${parts.join(" · ")}`));
    while (parts.length > 1 && textWidth(line()) >= this.width) parts.pop();
    this.#print(`${this.#paint.dim(line())}\n`);
  }

  #think(text: string): void {
    this.#hideSpinner();
    if (this.#thought === undefined) this.stop();
    const mark = this.isPlain ? "(thinks) " : "💭 ";
    this.#thought ??= new FlowingText(this.#output, { width: this.#room, mark, paint: this.#paint.dim.italic });
    this.#shown.thought = true;
    this.#thought.append(text);
    this.#awaitMore(this.#thought);
  }

  #say(text: string): void {
    this.#hideSpinner();
    if (this.#reply === undefined) this.stop();
    this.#reply ??= this.hasColor
      ? new LiveText(this.#output, { width: () => this.width, rows: () => this.#output.rows || 24, color: true })
      : new FlowingText(this.#output, { width: this.#room });
    this.#shown.reply = true;
    this.#reply.append(text);
    this.#awaitMore(this.#reply);
  }

  /** Columns for text that continues at the cursor: after a full line, terminals lose track of it. */
  readonly #room = (): number => this.width - 1;

  /** Shows the spinner if more of `text` does not come soon. */
  #awaitMore(text: LiveText | FlowingText): void {
    if (this.isPlain) return;
    const since = performance.now();
    this.#stalled = setTimeout(() => {
      text.flush();
      const below = text instanceof FlowingText ? text.row : "";
      this.#spinner.start("Waiting", { hint: STOP_HINT, since, below });
    }, STALLED_MS).unref();
  }

  /** Removes the spinner. */
  #hideSpinner(): void {
    clearTimeout(this.#stalled);
    this.#spinner.stop();
  }

  #notice({ symbol, kind, text }: Notice): void {
    const line = this.#asciiIfPlain(visible(text.length > 400 ? `${text.slice(0, 400)}…` : text));
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

  #asciiIfPlain(text: string): string {
    return this.isPlain ? withAsciiSymbols(text) : text;
  }

  #print(text: string): void {
    this.stop();
    this.#output.write(`${text}\n`);
  }
}

function duration(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
