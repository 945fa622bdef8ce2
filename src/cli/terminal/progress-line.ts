import { visible } from "./sanitize.ts";
import type { SpinnerOutput } from "./spinner.ts";
import { cut } from "./width.ts";

const ERASE_LINE = "\r\x1b[2K";
const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;
/** Milliseconds before a rate is shown: earlier it would be a guess. */
const RATED_FROM_MS = 1_000;

/** Progress of a long task. */
export type Progress = {
  readonly label?: string;
  readonly done: number;
  /** Undefined if unknown until the end. */
  readonly total?: number | undefined;
  /** The things counted, such as `passages`. */
  readonly unit?: string | undefined;
  /** What else was counted, such as `1,204 passages`. */
  readonly detail?: string | undefined;
  /** The count to rate, such as `passages` per second, if not `done`. */
  readonly rated?: { readonly done: number; readonly unit: string } | undefined;
  /** The measure for bar and time left, if the things counted differ in size. */
  readonly work?: { readonly done: number; readonly total: number } | undefined;
};

type Since = { readonly key: string; readonly rated: number; readonly worked: number; readonly at: number };

/** A bar with count, rate and time left, on one line of a terminal. Silent unless the output is a terminal that is not dumb. */
export class ProgressLine {
  readonly #output: SpinnerOutput;
  readonly #now: () => number;
  readonly #isTerminal: boolean;
  #since: Since | undefined;
  #isShown = false;

  constructor(output: SpinnerOutput, now = (): number => performance.now()) {
    this.#output = output;
    this.#now = now;
    this.#isTerminal = output.isTTY === true && process.env["TERM"] !== "dumb";
  }

  show(progress: Progress): void {
    if (!this.#isTerminal) return;
    const columns = (this.#output.columns ?? 80) - 1;
    const { done, total, label = "", unit = "", detail = "" } = progress;
    const count = total === undefined ? shown(done) : `${shown(done)} of ${shown(total)}`;
    const text = [
      `${label === "" ? "" : `${label}: `}${count}${unit === "" ? "" : ` ${unit}`}`,
      ...(detail === "" ? [] : [detail]),
      ...this.#pace(progress),
    ];
    const line = visible(text.join(", ")).replace(/[\n\t]+/g, " ");
    this.#output.write(ERASE_LINE + cut(bar(progress, columns - line.length - 1) + line, columns));
    this.#isShown = true;
  }

  /** Clears the line. */
  end(): void {
    if (this.#isShown) this.#output.write(ERASE_LINE);
    this.#isShown = false;
  }

  /** Rate and time left. Excludes what an earlier run had done before the first call. */
  #pace(progress: Progress): string[] {
    const { label = "", unit = "", done, rated = { done, unit: "" } } = progress;
    const work = workOf(progress);
    const key = `${label}\n${unit}`;
    const now = this.#now();
    if (this.#since?.key !== key || rated.done < this.#since.rated || work.done < this.#since.worked) {
      this.#since = { key, rated: rated.done, worked: work.done, at: now };
    }
    const elapsed = now - this.#since.at;
    if (elapsed < RATED_FROM_MS) return [];
    const [perSecond, workPerSecond] = [rated.done - this.#since.rated, work.done - this.#since.worked].map(
      (advanced) => (1000 * advanced) / elapsed,
    );
    return [
      ...(perSecond === undefined || perSecond <= 0 ? [] : [rateText(perSecond, rated.unit)]),
      ...(workPerSecond === undefined || workPerSecond <= 0 || work.total === undefined || work.done >= work.total
        ? []
        : [`${timeText((work.total - work.done) / workPerSecond)} left`]),
    ];
  }
}

function workOf({ work, done, total }: Progress): { readonly done: number; readonly total: number | undefined } {
  return work ?? { done, total };
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}

function bar(progress: Progress, room: number): string {
  const { done, total } = workOf(progress);
  const width = Math.min(WIDEST_BAR, room - 3);
  if (total === undefined || total <= 0 || width < NARROWEST_BAR) return "";
  const filled = Math.round((width * Math.min(done, total)) / total);
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] `;
}

function rateText(perSecond: number, unit: string): string {
  const what = unit === "" ? "" : ` ${unit}`;
  return perSecond >= 1
    ? `${perSecond < 10 ? perSecond.toFixed(1) : shown(Math.round(perSecond))}${what}/s`
    : `${(60 * perSecond).toFixed(1)}${what}/min`;
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
