import { stripVTControlCharacters } from "node:util";
import { ERASE_BELOW } from "./erase.ts";
import { renderFinished, renderMarkdown } from "./markdown.ts";
import { createSanitizer } from "./sanitize.ts";
import { clusters, widestWidth } from "./width.ts";

/** The part of `tty.WriteStream` used here. */
export type LiveOutput = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type LiveTextOptions = {
  /** Most cells in a line of text. */
  width: () => number;
  /** Rows of the window. */
  rows: () => number;
  color: boolean;
  /** Whether to move the cursor (default: with colour, on a terminal that is not dumb). */
  ansi?: boolean;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
};

const FRAME_MS = 33;
/** Largest share of the time spent on repainting, so that long unfinished blocks do not slow the program down. */
const MAX_PAINT_SHARE = 0.25;
const SYNC_ON = "\x1b[?2026h";
const SYNC_OFF = "\x1b[?2026l";

/**
 * Shows a markdown text while it arrives, starting at the beginning of a line. Prints each finished block once and repaints
 * the unfinished one in place. Call `end` before printing anything else.
 */
export class LiveText {
  readonly #output: LiveOutput;
  readonly #options: LiveTextOptions;
  readonly #ansi: boolean;
  readonly #now: () => number;
  readonly #sanitize = createSanitizer();
  /** The unfinished blocks. */
  #tail = "";
  /** Lines on the screen that may be repainted. The cursor is at the end of the last. */
  #shown: string[] = [];
  #shownColumns = 0;
  /** How many of these lines, from the first, belong to finished blocks. */
  #kept = 0;
  #lastCharacter = "\n";
  #nextPaint = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: LiveOutput, options: LiveTextOptions) {
    this.#output = output;
    this.#options = options;
    const able = options.color && output.isTTY === true && process.env["TERM"] !== "dumb";
    this.#ansi = options.ansi ?? able;
    this.#now = options.now ?? (() => performance.now());
  }

  append(delta: string): void {
    this.#take(this.#sanitize(delta));
    if (!this.#ansi || this.#timer !== undefined) return;
    const wait = this.#nextPaint - this.#now();
    if (wait <= 0) {
      this.#paint(false);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#paint(false);
    }, wait);
  }

  /** Shows everything received so far. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#paint(false);
  }

  /** Shows the rest and moves the cursor to a fresh line. Further text starts a new markdown text. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#take(this.#sanitize("", true));
    if (!this.#ansi) {
      if (this.#lastCharacter !== "\n") this.#output.write("\n");
      this.#lastCharacter = "\n";
      return;
    }
    this.#paint(true);
    if (this.#shown.length > 0) this.#output.write("\r\n");
    this.#shown = [];
    this.#kept = 0;
  }

  #take(text: string): void {
    if (this.#ansi) {
      this.#tail += text;
      return;
    }
    if (text !== "") this.#output.write(text);
    this.#lastCharacter = text.at(-1) ?? this.#lastCharacter;
  }

  #paint(final: boolean): void {
    const started = this.#now();
    const { width, color } = this.#options;
    const options = { width: width(), color };
    const finished = final
      ? { rendered: renderMarkdown(this.#tail, options), length: this.#tail.length }
      : renderFinished(this.#tail, options);
    this.#tail = this.#tail.slice(finished.length);

    const printed = separated(this.#shown.slice(0, this.#kept), linesOf(finished.rendered));
    const changing = separated(printed, linesOf(renderMarkdown(this.#tail, options))).slice(printed.length);
    const lines = [...printed, ...this.#fitting(changing)];
    this.#replaceBy(lines);
    // Keeps the last finished line: the next block continues below it.
    const first = Math.max(0, printed.length - 1);
    this.#shown = lines.slice(first);
    this.#kept = printed.length - first;
    const now = this.#now();
    this.#nextPaint = now + Math.max(FRAME_MS, (now - started) / MAX_PAINT_SHARE);
  }

  /** The last lines that fit the window: what has scrolled out cannot be repainted. */
  #fitting(lines: readonly string[]): string[] {
    let room = this.#options.rows() - 1;
    const first = lines.findLastIndex((line) => (room -= rowsOf(line, this.#columns)) < 0) + 1;
    return first === lines.length && first > 0 ? ["…"] : lines.slice(first);
  }

  /** Rewrites the lines that changed. */
  #replaceBy(lines: readonly string[]): void {
    const shown = this.#shown;
    const differing = lines.findIndex((line, index) => line !== shown[index]);
    if (differing === -1 && lines.length === shown.length) return;
    // Rewrites the last line even if unchanged, because the cursor must end there.
    const same = differing === -1 ? Math.max(0, lines.length - 1) : differing;
    const below = same > 0 ? "\r\n" : "";
    const start = same === shown.length ? below : this.#eraseFrom(same);
    const text = lines.slice(same).join("\r\n");
    this.#output.write(SYNC_ON + start + text + SYNC_OFF);
    this.#shownColumns = this.#columns;
  }

  #eraseFrom(first: number): string {
    const columns = this.#columns;
    const rows = this.#shown.slice(first).map((line, index, all) => {
      const now = rowsOf(line, columns);
      // Some terminals re-wrap the cursor's line on resize, some do not: erasing too little is safer.
      return index === all.length - 1 ? Math.min(now, rowsOf(line, this.#shownColumns)) : now;
    });
    const rise = Math.min(
      rows.reduce((sum, count) => sum + count, -1),
      this.#options.rows() - 1,
    );
    return `${rise > 0 ? `\x1b[${String(rise)}A` : ""}${ERASE_BELOW}`;
  }

  get #columns(): number {
    return this.#output.columns ?? this.#options.width();
  }
}

function linesOf(rendered: string): string[] {
  return rendered === "" ? [] : rendered.split("\n");
}

/** Joins blocks with a blank line between them. */
function separated(above: readonly string[], below: readonly string[]): string[] {
  return above.length > 0 && below.length > 0 ? [...above, "", ...below] : [...above, ...below];
}

/** Rows that a line takes in a window. A wide character that does not fit goes to the next row. */
function rowsOf(line: string, columns: number): number {
  let rows = 1;
  let used = 0;
  for (const cluster of clusters(stripVTControlCharacters(line))) {
    const width = widestWidth(cluster);
    if (used + width > columns && used > 0) {
      rows += 1;
      used = 0;
    }
    used += width;
  }
  return rows;
}
