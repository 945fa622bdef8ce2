import type { Key } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { DumbReader } from "./dumb-reader.ts";
import type { DumbReadOptions } from "./dumb-reader.ts";
import { Editing } from "./editing.ts";
import type { Outcome, ReadResult } from "./editing.ts";
import { Folds } from "./folds.ts";
import type { History } from "./history.ts";
import { LineScreen, type LineStyle, clearScreen } from "./line-screen.ts";
import { RawInput } from "./raw-input.ts";

export type { ReadResult } from "./editing.ts";

export type LineEditorOptions = {
  input: ReadStream;
  output: WriteStream;
  history: History;
  /** For Tab: given the text before the cursor, returns texts that may replace it. */
  complete?: (line: string) => string[];
};

export type ReadOptions = LineStyle & {
  /** Enter inserts a line break; Alt-Enter, Ctrl-D or a line `"""` submits. */
  multiline?: boolean;
  /** Initial text. A dumb terminal cannot edit it: it shows the text, and Enter alone submits it. */
  initial?: string;
  /** Whether `initial` is only offered: typing replaces it, so that text typed ahead is never appended to it. */
  isOffered?: boolean;
  /** Whether Ctrl-C cancels even if there is text. Otherwise it clears the text first. */
  cancellable?: boolean;
  /** Earlier texts, and where this one is stored (default: the editor's own history). */
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

/** Reads text typed in a terminal, with editing, history, completion and paste. */
export class LineEditor {
  readonly #options: LineEditorOptions;
  readonly #dumb: DumbReader | undefined;
  /** Keys pressed since the last read ended. */
  readonly #ahead: Press[] = [];
  readonly #folds = new Folds();
  #reading: Reading | undefined;
  /** Whether to collect keys between reads. */
  #isHeld = false;
  readonly #screen: LineScreen;
  readonly #input: RawInput;
  #paintDue = false;
  /** Text of an aborted read, for the next one. */
  #unfinished = "";
  #lastKeyAt = 0;

  constructor(options: LineEditorOptions) {
    this.#options = options;
    const { input, output } = options;
    const able = input.isTTY && output.isTTY && process.env["TERM"] !== "dumb";
    if (!able) this.#dumb = new DumbReader(input, output);
    this.#screen = new LineScreen(output);
    const [onKey, onEnd, onCaughtUp] = [this.#onKey, this.#onEnd, this.#onCaughtUp];
    this.#input = new RawInput({ input, output, onKey, onEnd, onCaughtUp });
  }

  /** Text typed but not yet submitted. A dumb terminal reports whole lines only. */
  get text(): string {
    return this.#dumb?.text ?? this.#reading?.editing.text ?? this.#unfinished;
  }

  /** Whether anything but Enter was typed between reads. */
  get hasTypedAhead(): boolean {
    return this.#ahead.some(({ key }) => key.name !== "return");
  }

  /** Time of the last key, in milliseconds since 1970; 0 if none. */
  get lastKeyAt(): number {
    return this.#lastKeyAt;
  }

  /** Whether the terminal does not support escape sequences. */
  get isDumb(): boolean {
    return this.#dumb !== undefined;
  }

  /**
   * Reads one text. Ctrl-C or Ctrl-D at an empty line gives `interrupt` or `eof`. Keys pressed between reads go to the
   * next one.
   *
   * @throws the signal's reason once it is aborted. The line disappears; the next read without `initial` starts with its
   *   text.
   */
  async read(options: ReadOptions): Promise<ReadResult> {
    const { signal, multiline = false, cancellable = false, history = this.#options.history } = options;
    signal?.throwIfAborted();
    if (this.#dumb !== undefined) {
      const { prompt, continuation = "... ", initial } = options;
      return this.#readDumb(this.#dumb, { prompt, continuation, multiline, initial, signal }, history);
    }
    if (this.#reading !== undefined) throw new Error("The line editor is already reading.");
    const { complete } = this.#options;
    if (this.#input.hasEnded) return { type: "eof" };
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
   * Collects typed keys for the next read, without echo, while the program writes to the screen. Ctrl-C raises SIGINT and
   * Ctrl-Z stops the process, as without a reader. @returns a function that ends this.
   */
  hold(): () => void {
    const isFree = this.#dumb === undefined && this.#reading === undefined && !this.#isHeld;
    if (!isFree || this.#input.hasEnded) return () => undefined;
    this.#isHeld = true;
    this.#input.attach();
    return () => {
      this.#isHeld = false;
      this.#input.detach();
    };
  }

  /** Clears the screen between reads. */
  clearScreen(): void {
    if (this.#dumb === undefined) clearScreen(this.#options.output);
  }

  async #readDumb(reader: DumbReader, options: DumbReadOptions, history: History): Promise<ReadResult> {
    const result = await reader.read(options);
    this.#lastKeyAt = Date.now();
    if (result.type === "line") history.append(result.text);
    return result;
  }

  #open(): void {
    this.#screen.open();
    this.#options.output.on("resize", this.#onResize);
    this.#input.attach();
  }

  #close(): void {
    this.#reading = undefined;
    this.#options.output.off("resize", this.#onResize);
    this.#input.detach();
  }

  #replay(): void {
    for (const { typed, key } of this.#ahead.splice(0)) this.#onKey(typed, key);
  }

  readonly #onKey = (typed: string | undefined, pressed: Key): void => {
    const reading = this.#reading;
    this.#lastKeyAt = Date.now();
    const isAhead = this.#input.isCatchingUp;
    const key = isAhead && pressed.name === "enter" ? { ...pressed, name: "return" } : pressed;
    if (reading === undefined) {
      this.#keep(typed, key);
      return;
    }
    const { editing, options } = reading;
    // Ignores Enter pressed during a reply: it must send neither an empty text nor an offered one.
    if (isAhead && key.name === "return" && editing.isUntouched && options.multiline !== true) return;
    try {
      this.#act(reading, editing.press(typed, key));
    } catch (error) {
      this.#reading = undefined;
      reading.reject(error);
    }
  };

  /** Handles a key pressed between reads. */
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
        this.#screen.clear();
        this.#paint();
        return;
      case "suspend":
        this.#suspend();
        return;
      case "show":
        this.#screen.showAbove(outcome.text);
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

  readonly #onCaughtUp = (): void => {
    if (this.#reading?.editing.isUntouched === true) this.#paint();
  };

  readonly #onResize = (): void => {
    this.#screen.resize();
    this.#paint();
  };

  #finish(reading: Reading, result: ReadResult): void {
    this.#screen.finish(reading.options, reading.editing.view.text);
    this.#reading = undefined;
    reading.resolve(result);
  }

  #abort(reason: unknown): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    this.#unfinished = reading.editing.text;
    this.#screen.erase();
    this.#reading = undefined;
    reading.reject(reason);
  }

  #suspend(): void {
    if (process.platform === "win32") return;
    if (this.#reading !== undefined) this.#screen.erase();
    this.#input.suspend(
      () => this.#reading !== undefined || this.#isHeld,
      () => {
        this.#screen.restart();
        this.#paint();
      },
    );
  }

  /** Paints once for keys that arrive together, as in a paste. */
  #paintSoon(): void {
    if (this.#paintDue) return;
    this.#paintDue = true;
    queueMicrotask(() => {
      this.#paintDue = false;
      this.#paint();
    });
  }

  /** A text that Enter would send is shown only once Enter is obeyed. */
  #paint(): void {
    if (this.#reading === undefined) return;
    const { editing, options } = this.#reading;
    if (this.#input.isCatchingUp && editing.isUntouched && editing.text !== "") return;
    this.#screen.paint(options, editing.view);
  }
}
