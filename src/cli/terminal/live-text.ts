import { stripVTControlCharacters } from "node:util";
import { finishedLength, renderMarkdown } from "./markdown.ts";
import { createSanitizer } from "./sanitize.ts";
import { clusters, widestWidth } from "./width.ts";

/** The part of `tty.WriteStream` that is needed. */
export type LiveOutput = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type LiveTextOptions = {
  /** Cells a line of text may take. */
  width: () => number;
  /** Rows of the window. */
  rows: () => number;
  color: boolean;
  /** Whether the cursor may be moved. By default where there is colour, on a terminal that is not dumb. */
  ansi?: boolean;
};

const FRAME_MS = 33;
/** A repaint may take this share of the time at most, so that long tails do not slow the program down. */
const MAX_PAINT_SHARE = 0.25;
const SYNC_ON = "\x1b[?2026h";
const SYNC_OFF = "\x1b[?2026l";

/**
 * Shows a markdown text while it is being written, from the start of a line on. A finished block is printed once; the
 * block being written is repainted in place. Whoever prints something else calls `end` first.
 */
export class LiveText {
  readonly #output: LiveOutput;
  readonly #options: LiveTextOptions;
  readonly #ansi: boolean;
  readonly #sanitize = createSanitizer();
  /** The blocks that are not finished. */
  #tail = "";
  /** What is on the screen and may be repainted, one entry per line. The cursor is at the end of the last. */
  #shown: string[] = [];
  #shownColumns = 0;
  /** How many of the first lines shown belong to finished blocks. */
  #kept = 0;
  #lastCharacter = "\n";
  #nextPaint = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: LiveOutput, options: LiveTextOptions) {
    this.#output = output;
    this.#options = options;
    const able = options.color && output.isTTY === true && process.env["TERM"] !== "dumb";
    this.#ansi = options.ansi ?? able;
  }

  append(delta: string): void {
    this.#take(this.#sanitize(delta));
    if (!this.#ansi || this.#timer !== undefined) return;
    const wait = this.#nextPaint - performance.now();
    if (wait <= 0) {
      this.#paint(false);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#paint(false);
    }, wait);
  }

  /** Shows what is left and puts the cursor on a fresh line. Further text begins a new markdown text. */
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
    const started = performance.now();
    const split = final ? this.#tail.length : finishedLength(this.#tail);
    const finished = this.#render(this.#tail.slice(0, split));
    const unfinished = this.#render(this.#tail.slice(split));
    this.#tail = this.#tail.slice(split);

    const before = [...this.#shown.slice(0, this.#kept), ...finished];
    const parted =
      finished.length > 0 && this.#kept > 0 ? [...this.#shown.slice(0, this.#kept), "", ...finished] : before;
    const rest = parted.length > 0 && unfinished.length > 0 ? ["", ...unfinished] : unfinished;
    const lines = [...parted, ...this.#fitting(rest)];
    this.#replaceBy(lines);
    // One finished line is remembered: below it the next block goes on.
    const first = Math.max(0, parted.length - 1);
    this.#shown = lines.slice(first);
    this.#kept = parted.length - first;
    const now = performance.now();
    this.#nextPaint = now + Math.max(FRAME_MS, (now - started) / MAX_PAINT_SHARE);
  }

  #render(text: string): string[] {
    const { width, color } = this.#options;
    const rendered = renderMarkdown(text, { width: width(), color });
    return rendered === "" ? [] : rendered.split("\n");
  }

  /** The last lines that the window has room for: what has left it cannot be repainted. */
  #fitting(lines: readonly string[]): string[] {
    let room = this.#options.rows() - 1;
    const first = lines.findLastIndex((line) => (room -= rowsOf(line, this.#columns)) < 0) + 1;
    return first === lines.length && first > 0 ? ["…"] : lines.slice(first);
  }

  /** Leaves lines that stay the same alone, and writes the others anew. */
  #replaceBy(lines: readonly string[]): void {
    const shown = this.#shown;
    const differing = shown.findIndex((line, index) => line !== lines[index]);
    const same = Math.min(differing === -1 ? shown.length : differing, Math.max(0, lines.length - 1));
    if (same === shown.length && same === lines.length) return;
    if (differing === -1 && shown.length === lines.length) return;
    const text = lines.slice(same).join("\r\n");
    const start = same === shown.length ? (same > 0 ? "\r\n" : "") : this.#eraseFrom(same);
    this.#output.write(SYNC_ON + start + text + SYNC_OFF);
    this.#shownColumns = this.#columns;
  }

  #eraseFrom(first: number): string {
    const columns = this.#columns;
    const rows = this.#shown.slice(first).map((line, index, all) => {
      const now = rowsOf(line, columns);
      // Some terminals break the cursor's line anew when they are resized, some do not: better too little is erased.
      return index === all.length - 1 ? Math.min(now, rowsOf(line, this.#shownColumns)) : now;
    });
    const rise = Math.min(
      rows.reduce((sum, count) => sum + count, -1),
      this.#options.rows() - 1,
    );
    return `${rise > 0 ? `\x1b[${String(rise)}A` : ""}\r\x1b[J`;
  }

  get #columns(): number {
    return this.#output.columns ?? this.#options.width();
  }
}

/** Rows that a line takes in a window, where a wide character that does not fit goes to the next row whole. */
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
