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

/** One line that shows that something is going on. Silent where the output is no terminal, or a dumb one. */
export class Spinner {
  readonly #output: SpinnerOutput;
  readonly #onExit = (): void => {
    this.stop();
  };
  #timer: NodeJS.Timeout | undefined;

  constructor(output: SpinnerOutput) {
    this.#output = output;
  }

  /** Starts at the beginning of an empty line. A spinner that is turning takes the new text. */
  start(text: string): void {
    this.stop();
    if (this.#output.isTTY !== true || process.env["TERM"] === "dumb") return;
    const started = performance.now();
    const line = visible(text).replace(/[\n\t]+/g, " ");
    let frame = 0;
    const draw = (): void => {
      const elapsed = performance.now() - started;
      const seconds = elapsed < SECONDS_FROM_MS ? "" : ` ${String(Math.floor(elapsed / 1_000))}s`;
      const room = (this.#output.columns ?? 80) - 3 - seconds.length;
      const sign = FRAMES[frame % FRAMES.length] ?? "";
      this.#output.write(`${ERASE_LINE}${sign} ${cut(line, room)}${seconds}`);
      frame += 1;
    };
    this.#output.write("\x1b[?25l");
    process.on("exit", this.#onExit);
    this.#timer = setInterval(draw, FRAME_MS).unref();
    draw();
  }

  /** Leaves the line as it was before. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.off("exit", this.#onExit);
    this.#output.write(`${ERASE_LINE}\x1b[?25h`);
  }
}
