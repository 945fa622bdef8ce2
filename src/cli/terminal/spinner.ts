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
/** Columns needed to show the hint. */
const HINT_COLUMNS = 36;

export type SpinnerOptions = {
  /** What the person can do meanwhile, shown with the seconds. */
  readonly hint?: string;
  /** Start of the wait in milliseconds of `performance.now()` (default: now). */
  readonly since?: number;
  /**
   * The text before the cursor in an unfinished row: the spinner then turns in the row below. `stop` prints the text again,
   * because terminals disagree about the width of symbols.
   */
  readonly below?: string;
};

/** One line that shows activity. Silent unless the output is a terminal that is not dumb. */
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

  /** Starts at the beginning of an empty line, or below the unfinished one. A running spinner changes its text. */
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

  /** Restores the screen and the cursor. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.off("exit", this.#onExit);
    const back = this.#below === undefined ? "" : `\x1b[1A${this.#below}`;
    this.#output.write(`${ERASE_LINE}${back}\x1b[?25h`);
  }
}
