import { visible } from "./sanitize.ts";
import { cut } from "./width.ts";

export type SpinnerOutput = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 80;
const SECONDS_FROM_MS = 2_000;
const ERASE_LINE = "\r\x1b[2K";
/** A narrower window has no room for the hint. */
const HINT_COLUMNS = 36;

export type SpinnerOptions = {
  /** What a person can do meanwhile, shown with the seconds. */
  readonly hint?: string;
  /** Since when it has been waited, in milliseconds of `performance.now()`; from now on if absent. */
  readonly since?: number;
  /**
   * What stands before the cursor in a row that goes on afterwards: the spinner then turns in the row below. It is printed
   * again at the end, because terminals differ in how wide a symbol is.
   */
  readonly below?: string;
};

/** One line that shows that something is going on. Silent where the output is no terminal, or a dumb one. */
export class Spinner {
  readonly #output: SpinnerOutput;
  readonly #onExit = (): void => {
    this.stop();
  };
  #timer: NodeJS.Timeout | undefined;
  #below: string | undefined;

  constructor(output: SpinnerOutput) {
    this.#output = output;
  }

  /** Starts at the beginning of an empty line, or below the one that is being written. A spinner that is turning takes the new text. */
  start(text: string, { hint, since = performance.now(), below }: SpinnerOptions = {}): void {
    this.stop();
    if (this.#output.isTTY !== true || process.env["TERM"] === "dumb") return;
    const line = visible(text).replace(/[\n\t]+/g, " ");
    let frame = 0;
    const draw = (): void => {
      const elapsed = performance.now() - since;
      const columns = this.#output.columns ?? 80;
      const isLong = elapsed >= (below === undefined ? SECONDS_FROM_MS : 0);
      const hinted = hint === undefined || columns < HINT_COLUMNS ? "" : ` (${hint})`;
      const end = isLong ? ` ${String(Math.floor(elapsed / 1_000))}s${hinted}` : "";
      const sign = FRAMES[frame % FRAMES.length] ?? "";
      this.#output.write(`${ERASE_LINE}${sign} ${cut(line, columns - 3 - end.length)}${end}`);
      frame += 1;
    };
    this.#below = below;
    this.#output.write(`${below === undefined ? "" : "\r\n"}\x1b[?25l`);
    process.on("exit", this.#onExit);
    this.#timer = setInterval(draw, FRAME_MS).unref();
    draw();
  }

  /** Leaves the screen and the cursor as they were before. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.off("exit", this.#onExit);
    const back = this.#below === undefined ? "" : `\x1b[1A${this.#below}`;
    this.#output.write(`${ERASE_LINE}${back}\x1b[?25h`);
  }
}
