import { stripVTControlCharacters } from "node:util";
import { ERASE_BELOW } from "./erase.ts";
import { renderFinished, renderMarkdown } from "./markdown.ts";
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
  /** Milliseconds from any start. */
  now?: () => number;
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
  readonly #now: () => number;
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

  /** Shows all that has come. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#paint(false);
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
    const started = this.#now();
    const { width, color } = this.#options;
    const options = { width: width(), color };
    const finished = final
      ? { rendered: renderMarkdown(this.#tail, options), length: this.#tail.length }
      : renderFinished(this.#tail, options);
    this.#tail = this.#tail.slice(finished.length);

    const printed = parted(this.#shown.slice(0, this.#kept), linesOf(finished.rendered));
    const changing = parted(printed, linesOf(renderMarkdown(this.#tail, options))).slice(printed.length);
    const lines = [...printed, ...this.#fitting(changing)];
    this.#replaceBy(lines);
    // One finished line is remembered: below it the next block goes on.
    const first = Math.max(0, printed.length - 1);
    this.#shown = lines.slice(first);
    this.#kept = printed.length - first;
    const now = this.#now();
    this.#nextPaint = now + Math.max(FRAME_MS, (now - started) / MAX_PAINT_SHARE);
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
    const differing = lines.findIndex((line, index) => line !== shown[index]);
    if (differing === -1 && lines.length === shown.length) return;
    // The cursor goes to the end of the last line, so that is written again where it is not the last any more.
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
      // Some terminals break the cursor's line anew when they are resized, some do not: better too little is erased.
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

/** Blocks below others, with a blank line between them. */
function parted(above: readonly string[], below: readonly string[]): string[] {
  return above.length > 0 && below.length > 0 ? [...above, "", ...below] : [...above, ...below];
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
