import type { VectorIndex } from "../vectors/vector-index.ts";
import type { VectorRow, VectorRows } from "./vector-rows.ts";

/** Rows that are looked at between two other things: about 5 ms if the index lacks all of them. */
const SPAN = 1000;

/**
 * Makes an index equal to the table by looking at every row, a span at a time. Meanwhile whatever changes in the table must
 * be followed, before every span.
 */
export class Comparison {
  readonly index: VectorIndex;
  readonly #rows: VectorRows;
  /** What was in the index at first and has not been met in the table. */
  readonly #gone: Set<number>;
  readonly #last: number;
  #after = 0;

  constructor(index: VectorIndex, rows: VectorRows) {
    this.index = index;
    this.#rows = rows;
    this.#gone = new Set(index.seqs());
    this.#last = rows.newest().seq;
  }

  /** @param add Receives what the index lacks. @returns whether that was all. */
  goOn(add: (row: VectorRow) => void): boolean {
    const end = this.#after + SPAN;
    const missing = this.#rows.between(this.#after, Math.min(end, this.#last)).filter((seq) => !this.#gone.delete(seq));
    for (const row of this.#rows.some(missing)) add(row);
    this.#after = end;
    if (end < this.#last) return false;
    // One that came back after it was not met is there again.
    for (const { seq } of this.#rows.some([...this.#gone])) this.#gone.delete(seq);
    for (const seq of this.#gone) this.index.remove(seq);
    return true;
  }
}
