import { type Key, emitKeypressEvents } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { CURSOR_ON } from "./line-screen.ts";

const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";

type RawInputOptions = {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly onKey: (typed: string | undefined, key: Key) => void;
  readonly onEnd: () => void;
  /** Called once all input typed before `attach` has arrived. */
  readonly onCaughtUp: () => void;
};

/** Delivers keys from a terminal in raw mode, and restores the terminal afterwards. */
export class RawInput {
  readonly #options: RawInputOptions;
  /** Set while input typed before `attach` arrives. The terminal was not raw then, so Enter is `\n` in it. */
  #catchingUp: symbol | undefined;

  constructor(options: RawInputOptions) {
    this.#options = options;
  }

  /** Whether keys arriving now were typed before `attach`. */
  get isCatchingUp(): boolean {
    return this.#catchingUp !== undefined;
  }

  /** Whether no more input will come. */
  get hasEnded(): boolean {
    const { input } = this.#options;
    return input.readableEnded || input.destroyed;
  }

  attach(): void {
    const { input, output, onKey, onEnd } = this.#options;
    emitKeypressEvents(input);
    input.on("keypress", onKey);
    input.on("end", onEnd);
    input.on("error", onEnd);
    process.on("exit", this.#onExit);
    input.setRawMode(true);
    output.write(PASTE_ON);
    input.resume();
    this.#catchUp();
  }

  detach(): void {
    const { input, output, onKey, onEnd } = this.#options;
    input.pause();
    if (!input.destroyed) input.setRawMode(false);
    output.write(PASTE_OFF + CURSOR_ON);
    input.off("end", onEnd);
    input.off("error", onEnd);
    process.off("exit", this.#onExit);
    input.off("keypress", onKey);
  }

  /**
   * Stops the foreground process group, as Ctrl-Z does in a terminal that is not raw. When the process continues and
   * `isAttached`, restores raw mode and calls `redraw`.
   */
  suspend(isAttached: () => boolean, redraw: () => void): void {
    const { input, output } = this.#options;
    output.write(PASTE_OFF);
    input.setRawMode(false);
    process.once("SIGCONT", () => {
      if (!isAttached()) return;
      input.setRawMode(true);
      output.write(PASTE_ON);
      redraw();
    });
    process.kill(0, "SIGTSTP");
  }

  readonly #onExit = (): void => {
    this.#options.output.write(PASTE_OFF + CURSOR_ON);
  };

  /** Buffered input arrives in the next round of the event loop, whatever the current phase. */
  #catchUp(): void {
    const current = Symbol("attached");
    this.#catchingUp = current;
    const done = (): void => {
      if (this.#catchingUp !== current) return;
      this.#catchingUp = undefined;
      this.#options.onCaughtUp();
    };
    setImmediate(() => setImmediate(done));
  }
}
