import { visible } from "./sanitize.ts";
import type { SpinnerOutput } from "./spinner.ts";
import { cut } from "./width.ts";

const ERASE_LINE = "\r\x1b[2K";
/** Where every line stays, one for every so many percent is enough. */
const STEP_PERCENT = 10;

/** Says how far something has come: in one line that changes, or, where the output is no terminal, in a few lines. */
export class ProgressLine {
  readonly #output: SpinnerOutput;
  readonly #isTerminal: boolean;
  #percent = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(output: SpinnerOutput) {
    this.#output = output;
    this.#isTerminal = output.isTTY === true && process.env["TERM"] !== "dumb";
  }

  show(text: string, done: number, total: number): void {
    const line = visible(text).replace(/[\n\t]+/g, " ");
    if (this.#isTerminal) {
      this.#output.write(ERASE_LINE + cut(line, (this.#output.columns ?? 80) - 1));
      this.#isShown = true;
      return;
    }
    const percent = Math.floor((100 * done) / Math.max(1, total));
    if (percent < this.#percent + STEP_PERCENT && done < total) return;
    this.#percent = percent - (percent % STEP_PERCENT);
    this.#output.write(`${line}\n`);
  }

  /** Leaves the line empty. */
  end(): void {
    if (this.#isShown) this.#output.write(ERASE_LINE);
    this.#isShown = false;
  }
}
