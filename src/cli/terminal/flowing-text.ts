import { indentOf } from "./hanging.ts";
import { createSanitizer } from "./sanitize.ts";
import { clusters, textWidth, widestWidth } from "./width.ts";
import { PIECE } from "./wrap.ts";

export type FlowingTextOptions = {
  /** Most cells in a line. */
  readonly width: () => number;
  /** Stands before the first line; the others are indented by its width. */
  readonly mark?: string;
  readonly paint?: (text: string) => string;
};

/**
 * Shows a text while it arrives, starting at the beginning of a line. Breaks lines between words without moving the cursor,
 * by writing each word only once it is complete.
 */
export class FlowingText {
  readonly #output: { write(text: string): unknown };
  readonly #options: FlowingTextOptions;
  readonly #sanitize = createSanitizer();
  readonly #paint: (text: string) => string;
  /** The last word, which may be incomplete, and the blanks before it. */
  #word = "";
  #blanks = "";
  #row = "";
  /** Width of the row so far, as we count it. */
  #column = 0;
  /** Whether the line holds more than its indent. */
  #isBegun = false;

  constructor(output: { write(text: string): unknown }, options: FlowingTextOptions) {
    this.#output = output;
    this.#options = options;
    this.#paint = options.paint ?? ((text) => text);
    const { mark = "" } = options;
    if (mark !== "") output.write(this.#paint(mark));
    this.#row = mark;
    this.#column = textWidth(mark);
  }

  /** The text before the cursor in its row. */
  get row(): string {
    return this.#paint(this.#row);
  }

  append(delta: string): void {
    this.#write(this.#take(this.#sanitize(delta)));
  }

  /** Writes the last word even if it may be incomplete. */
  flush(): void {
    this.#write(this.#put(this.#word));
    this.#word = "";
  }

  /** Writes the rest and moves the cursor to a fresh line. */
  end(): void {
    this.#write(this.#take(this.#sanitize("", true)));
    this.flush();
    if (this.#column > 0) this.#output.write("\n");
    this.#column = 0;
    this.#row = "";
  }

  #write(text: string): void {
    if (text === "") return;
    this.#output.write(this.#paint(text));
    this.#row = (this.#row + text).slice((this.#row + text).lastIndexOf("\n") + 1);
  }

  #take(text: string): string {
    if (text === "") return "";
    const pieces = (this.#word + text).match(PIECE) ?? [];
    this.#word = /\s$/.test(text) ? "" : (pieces.pop() ?? "");
    return pieces.map((piece) => this.#place(piece)).join("");
  }

  #place(piece: string): string {
    if (piece === "\n") return this.#break();
    if (/^[ \t]/.test(piece)) {
      this.#blanks += piece.replaceAll("\t", "    ");
      return "";
    }
    return this.#put(piece);
  }

  /** Puts a word and the blanks before it on this line, or the next if it does not fit; breaks a word too long for any line. */
  #put(word: string): string {
    if (word === "") return "";
    const width = this.#options.width();
    const cells = clusters(word).reduce((sum, cluster) => sum + widestWidth(cluster), 0);
    let shown = this.#isBegun && this.#column + this.#blanks.length + cells > width ? this.#break() : "";
    if (this.#blanks.length < width / 2) {
      shown += this.#blanks;
      this.#column += this.#blanks.length;
    }
    this.#blanks = "";
    for (const cluster of clusters(word)) {
      if (this.#isBegun && this.#column + widestWidth(cluster) > width) shown += this.#break();
      shown += cluster;
      this.#column += widestWidth(cluster);
      this.#isBegun = true;
    }
    return shown;
  }

  #break(): string {
    const indent = indentOf(this.#options.mark ?? "", this.#options.width());
    this.#blanks = "";
    this.#column = indent.length;
    this.#isBegun = false;
    return `\n${indent}`;
  }
}
