import { emitKeypressEvents } from "node:readline";
import type { Key } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { DumbReader } from "./dumb-reader.ts";
import type { DumbReadOptions } from "./dumb-reader.ts";
import { Editing } from "./editing.ts";
import type { Outcome, ReadResult, View } from "./editing.ts";
import type { History } from "./history.ts";
import { clip, layout, listed, paint, reflowedCursorRow } from "./layout.ts";
import type { Layout } from "./layout.ts";

export type { ReadResult } from "./editing.ts";

export type LineEditorOptions = {
  input: ReadStream;
  output: WriteStream;
  history: History;
  /** Tab: candidates to replace the text before the cursor, which it is given. */
  complete?: (line: string) => string[];
};

export type ReadOptions = {
  /** One line; may hold colour codes. */
  prompt: string;
  /** Stands before the second and later lines of a text; by default `"... "`. */
  continuation?: string;
  /** Enter inserts a line break; Alt-Enter, Ctrl-D or a line `"""` submits. */
  multiline?: boolean;
  /** Text to begin with. A dumb terminal cannot edit it: it shows it, and Enter alone submits it. */
  initial?: string;
  /** Ctrl-C is the end of it whatever is typed; otherwise it clears a text first. */
  cancellable?: boolean;
  /** What was typed before, and where the text goes; the editor's own if there is none. */
  history?: History;
  signal?: AbortSignal;
};

type Press = { typed: string | undefined; key: Key };
type Reading = {
  options: ReadOptions;
  editing: Editing;
  resolve: (result: ReadResult) => void;
  reject: (reason: unknown) => void;
};

const NOTHING_SHOWN: Layout = { rows: [], cursor: { row: 0, column: 0, head: "" } };
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";
const CURSOR_OFF = "\x1b[?25l";
const CURSOR_ON = "\x1b[?25h";
const ERASE_BELOW = "\r\x1b[J";

/** Reads texts typed by a person in a terminal, with editing, history, completion and paste. */
export class LineEditor {
  readonly #options: LineEditorOptions;
  readonly #dumb: DumbReader | undefined;
  /** Keys that came in one go with the one that ended the last read. */
  readonly #ahead: Press[] = [];
  #reading: Reading | undefined;
  #shown = NOTHING_SHOWN;
  #scrolled = 0;
  #paintDue = false;
  /** What was typed when a read was aborted: the next one goes on with it. */
  #unfinished = "";
  #lastKeyAt = 0;
  /** Set while input typed before the read arrives: in it, Enter is `\n`, because the terminal was not raw then. */
  #catchingUp: symbol | undefined;

  constructor(options: LineEditorOptions) {
    this.#options = options;
    const { input, output } = options;
    const able = input.isTTY && output.isTTY && process.env["TERM"] !== "dumb";
    if (!able) this.#dumb = new DumbReader(input, output);
  }

  /** What is typed and not yet submitted; of a dumb terminal only whole lines are known. */
  get text(): string {
    return this.#dumb?.text ?? this.#reading?.editing.view.text ?? this.#unfinished;
  }

  /** When a key was last pressed while somebody read, in milliseconds since 1970; 0 if never. */
  get lastKeyAt(): number {
    return this.#lastKeyAt;
  }

  /** Whether the terminal knows no escape sequences. */
  get isDumb(): boolean {
    return this.#dumb !== undefined;
  }

  /**
   * Reads one text. On Ctrl-C or Ctrl-D at an empty line the result is `interrupt` or `eof`. What is typed while nobody
   * reads is kept for the next read.
   *
   * @throws the signal's reason once it is aborted. The line vanishes from the screen; its text is there again at the
   *   next read that has no `initial`.
   */
  async read(options: ReadOptions): Promise<ReadResult> {
    const { signal, multiline = false, cancellable = false, history = this.#options.history } = options;
    signal?.throwIfAborted();
    if (this.#dumb !== undefined) {
      const { prompt, continuation = "... ", initial } = options;
      return this.#readDumb(this.#dumb, { prompt, continuation, multiline, initial, signal }, history);
    }
    if (this.#reading !== undefined) throw new Error("The line editor is already reading.");
    const { complete, input } = this.#options;
    if (input.readableEnded || input.destroyed) return { type: "eof" };
    const initial = options.initial ?? this.#unfinished;
    this.#unfinished = "";
    const editing = new Editing({ history, complete, multiline, cancellable, initial });
    const onAbort = (): void => {
      this.#abort(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#reading = { options, editing, resolve, reject };
        this.#open();
        this.#replay();
        this.#paint();
      });
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#close();
    }
  }

  async #readDumb(reader: DumbReader, options: DumbReadOptions, history: History): Promise<ReadResult> {
    const result = await reader.read(options);
    this.#lastKeyAt = Date.now();
    if (result.type === "line") history.append(result.text);
    return result;
  }

  #open(): void {
    const { input, output } = this.#options;
    this.#shown = NOTHING_SHOWN;
    this.#scrolled = 0;
    emitKeypressEvents(input);
    input.on("keypress", this.#onKey);
    input.on("end", this.#onEnd);
    input.on("error", this.#onEnd);
    output.on("resize", this.#onResize);
    process.on("exit", this.#onExit);
    input.setRawMode(true);
    output.write(PASTE_ON);
    input.resume();
    this.#catchUp();
  }

  #close(): void {
    const { input, output } = this.#options;
    this.#reading = undefined;
    input.pause();
    if (!input.destroyed) input.setRawMode(false);
    output.write(PASTE_OFF + CURSOR_ON);
    input.off("end", this.#onEnd);
    input.off("error", this.#onEnd);
    output.off("resize", this.#onResize);
    process.off("exit", this.#onExit);
    input.off("keypress", this.#onKey);
  }

  /** What the system holds is delivered in the next round of the event loop, whichever phase this is called in. */
  #catchUp(): void {
    const current = Symbol("read");
    this.#catchingUp = current;
    const done = (): void => {
      if (this.#catchingUp === current) this.#catchingUp = undefined;
    };
    setImmediate(() => setImmediate(done));
  }

  #replay(): void {
    for (const { typed, key } of this.#ahead.splice(0)) this.#onKey(typed, key);
  }

  readonly #onKey = (typed: string | undefined, key: Key): void => {
    const reading = this.#reading;
    this.#lastKeyAt = Date.now();
    if (reading === undefined) {
      this.#ahead.push({ typed, key });
      return;
    }
    try {
      const typedAhead = this.#catchingUp !== undefined && key.name === "enter";
      const outcome = reading.editing.press(typed, typedAhead ? { ...key, name: "return" } : key);
      this.#act(reading, outcome);
    } catch (error) {
      this.#reading = undefined;
      reading.reject(error);
    }
  };

  #act(reading: Reading, outcome: Outcome | undefined): void {
    switch (outcome?.type) {
      case undefined:
        this.#paintSoon();
        return;
      case "clear_screen":
        this.#clearScreen();
        return;
      case "suspend":
        this.#suspend();
        return;
      case "line":
      case "eof":
      case "interrupt":
        this.#finish(reading, outcome);
    }
  }

  readonly #onEnd = (): void => {
    if (this.#reading !== undefined) this.#finish(this.#reading, { type: "eof" });
  };

  readonly #onExit = (): void => {
    this.#options.output.write(PASTE_OFF + CURSOR_ON);
  };

  /**
   * Terminals differ in whether they break the rows anew. The smaller rise is taken: it may leave a row behind, but
   * never erases what was there before.
   */
  readonly #onResize = (): void => {
    const { columns, rows } = this.#window;
    const row = Math.min(this.#shown.cursor.row, reflowedCursorRow(this.#shown, columns), rows - 1);
    this.#shown = { ...this.#shown, cursor: { ...this.#shown.cursor, row } };
    this.#paint();
  };

  /** Leaves the whole text on the screen, and the cursor on a fresh line below it. */
  #finish(reading: Reading, result: ReadResult): void {
    const { text } = reading.editing.view;
    const whole = this.#layout(reading.options, { prompt: undefined, text, cursor: text.length, below: [] });
    this.#options.output.write(`${this.#erase()}${paint(whole)}\r\n`);
    this.#reading = undefined;
    reading.resolve(result);
  }

  #abort(reason: unknown): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    this.#unfinished = reading.editing.view.text;
    this.#options.output.write(this.#erase());
    this.#reading = undefined;
    reading.reject(reason);
  }

  #clearScreen(): void {
    this.#options.output.write("\x1b[H\x1b[2J");
    this.#shown = NOTHING_SHOWN;
    this.#paint();
  }

  /** Stops all that runs in the foreground, as Ctrl-Z does where the terminal is not raw. */
  #suspend(): void {
    const { input, output } = this.#options;
    if (process.platform === "win32") return;
    output.write(`${this.#erase()}${PASTE_OFF}`);
    input.setRawMode(false);
    process.once("SIGCONT", () => {
      if (this.#reading === undefined) return;
      input.setRawMode(true);
      output.write(PASTE_ON);
      this.#shown = NOTHING_SHOWN;
      this.#paint();
    });
    process.kill(0, "SIGTSTP");
  }

  /** Many keys may come at once, as in a paste: they are shown together. */
  #paintSoon(): void {
    if (this.#paintDue) return;
    this.#paintDue = true;
    queueMicrotask(() => {
      this.#paintDue = false;
      this.#paint();
    });
  }

  #paint(): void {
    if (this.#reading === undefined) return;
    const { editing, options } = this.#reading;
    const { view } = editing;
    const window = this.#window;
    const { shown, scrolled } = clip(this.#layout(options, view), window.rows, this.#scrolled);
    const room = window.rows - shown.rows.length;
    const below = listed(view.below, window.columns, room);
    const next = { rows: [...shown.rows, ...below], cursor: shown.cursor };
    this.#options.output.write(`${CURSOR_OFF}${this.#erase()}${paint(next)}${CURSOR_ON}`);
    this.#shown = next;
    this.#scrolled = scrolled;
  }

  #layout({ prompt, continuation = "... " }: ReadOptions, view: View): Layout {
    const { text, cursor } = view;
    return layout({ prompt: view.prompt ?? prompt, continuation, text, cursor, columns: this.#window.columns });
  }

  /** Some terminals do not know their size, which is 0 then. */
  get #window(): { columns: number; rows: number } {
    const { columns, rows } = this.#options.output;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  #erase(): string {
    const { row } = this.#shown.cursor;
    return (row > 0 ? `\x1b[${String(row)}A` : "") + ERASE_BELOW;
  }
}
