import { emitKeypressEvents } from "node:readline";
import type { Key } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { DumbReader } from "./dumb-reader.ts";
import type { DumbReadOptions } from "./dumb-reader.ts";
import { Editing } from "./editing.ts";
import type { Outcome, ReadResult, View } from "./editing.ts";
import { ERASE_BELOW } from "./erase.ts";
import { Folds } from "./folds.ts";
import type { History } from "./history.ts";
import { clip, layout, listed, paint, reflowedCursorRow } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { visible } from "./sanitize.ts";

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
  /** Whether `initial` is only offered: what is typed replaces it, so that it is never glued to what was typed ahead. */
  isOffered?: boolean;
  /** Whether an offered text may be shown faint. */
  faint?: boolean;
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
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

/** Reads texts typed by a person in a terminal, with editing, history, completion and paste. */
export class LineEditor {
  readonly #options: LineEditorOptions;
  readonly #dumb: DumbReader | undefined;
  /** Keys that came in one go with the one that ended the last read. */
  readonly #ahead: Press[] = [];
  readonly #folds = new Folds();
  #reading: Reading | undefined;
  /** Whether keys are taken in while nobody reads. */
  #isHeld = false;
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
    return this.#dumb?.text ?? this.#reading?.editing.text ?? this.#unfinished;
  }

  /** Whether something was typed while nobody read, beside Enter. */
  get hasTypedAhead(): boolean {
    return this.#ahead.some(({ key }) => key.name !== "return");
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
    const { isOffered = false } = options;
    const editing = new Editing({
      history,
      folds: this.#folds,
      complete,
      multiline,
      cancellable,
      initial,
      isOffered,
    });
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

  /**
   * Keeps what is typed for the next read, and off the screen, while a program writes there. Ctrl-C is a SIGINT and Ctrl-Z
   * stops the process, as where nobody reads. @returns what ends it.
   */
  hold(): () => void {
    const { input } = this.#options;
    const isFree = this.#dumb === undefined && this.#reading === undefined && !this.#isHeld;
    if (!isFree || input.readableEnded || input.destroyed) return () => undefined;
    this.#isHeld = true;
    this.#attach();
    return () => {
      this.#isHeld = false;
      this.#detach();
    };
  }

  /** Empties the screen. What was on it stays in the scrollback of terminals that keep it. */
  clearScreen(): void {
    if (this.#dumb === undefined) this.#options.output.write(CLEAR_SCREEN);
  }

  async #readDumb(reader: DumbReader, options: DumbReadOptions, history: History): Promise<ReadResult> {
    const result = await reader.read(options);
    this.#lastKeyAt = Date.now();
    if (result.type === "line") history.append(result.text);
    return result;
  }

  #open(): void {
    this.#shown = NOTHING_SHOWN;
    this.#scrolled = 0;
    this.#options.output.on("resize", this.#onResize);
    this.#attach();
  }

  #attach(): void {
    const { input, output } = this.#options;
    emitKeypressEvents(input);
    input.on("keypress", this.#onKey);
    input.on("end", this.#onEnd);
    input.on("error", this.#onEnd);
    process.on("exit", this.#onExit);
    input.setRawMode(true);
    output.write(PASTE_ON);
    input.resume();
    this.#catchUp();
  }

  #close(): void {
    this.#reading = undefined;
    this.#options.output.off("resize", this.#onResize);
    this.#detach();
  }

  #detach(): void {
    const { input, output } = this.#options;
    input.pause();
    if (!input.destroyed) input.setRawMode(false);
    output.write(PASTE_OFF + CURSOR_ON);
    input.off("end", this.#onEnd);
    input.off("error", this.#onEnd);
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

  readonly #onKey = (typed: string | undefined, pressed: Key): void => {
    const reading = this.#reading;
    this.#lastKeyAt = Date.now();
    const isAhead = this.#catchingUp !== undefined;
    const key = isAhead && pressed.name === "enter" ? { ...pressed, name: "return" } : pressed;
    if (reading === undefined) {
      this.#keep(typed, key);
      return;
    }
    const { editing, options } = reading;
    // Enter pressed while a reply came means nothing: it sends neither an empty text nor one that is offered.
    if (isAhead && key.name === "return" && editing.isUntouched && options.multiline !== true) return;
    try {
      this.#act(reading, editing.press(typed, key));
    } catch (error) {
      this.#reading = undefined;
      reading.reject(error);
    }
  };

  /** A key that nobody reads yet. */
  #keep(typed: string | undefined, key: Key): void {
    if (this.#isHeld && key.ctrl === true && key.name === "c") process.kill(process.pid, "SIGINT");
    else if (this.#isHeld && key.ctrl === true && key.name === "z") this.#suspend();
    else this.#ahead.push({ typed, key });
  }

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
      case "show":
        this.#options.output.write(`${this.#erase()}${visible(outcome.text).replaceAll("\n", "\r\n")}\r\n`);
        this.#shown = NOTHING_SHOWN;
        this.#paint();
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
    const view = { prompt: undefined, text, cursor: text.length, below: [], isOffered: false };
    const whole = this.#layout(reading.options, view);
    this.#options.output.write(`${this.#erase()}${paint(whole)}\r\n`);
    this.#reading = undefined;
    reading.resolve(result);
  }

  #abort(reason: unknown): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    this.#unfinished = reading.editing.text;
    this.#options.output.write(this.#erase());
    this.#reading = undefined;
    reading.reject(reason);
  }

  /** The line is erased first: some terminals keep in their scrollback what is cleared. */
  #clearScreen(): void {
    this.#options.output.write(`${this.#erase()}${CLEAR_SCREEN}`);
    this.#shown = NOTHING_SHOWN;
    this.#paint();
  }

  /** Stops all that runs in the foreground, as Ctrl-Z does where the terminal is not raw. */
  #suspend(): void {
    const { input, output } = this.#options;
    if (process.platform === "win32") return;
    output.write(`${this.#reading === undefined ? "" : this.#erase()}${PASTE_OFF}`);
    input.setRawMode(false);
    process.once("SIGCONT", () => {
      if (this.#reading === undefined && !this.#isHeld) return;
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

  #layout({ prompt, continuation = "... ", faint = false }: ReadOptions, view: View): Layout {
    const { text, cursor, isOffered } = view;
    const { columns } = this.#window;
    return layout({ prompt: view.prompt ?? prompt, continuation, text, cursor, columns, faint: faint && isOffered });
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
