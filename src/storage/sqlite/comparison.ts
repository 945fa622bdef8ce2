import type { VectorIndex } from "../vectors/vector-index.ts";
import type { VectorRow, VectorRows } from "./vector-rows.ts";

/** Rows compared at a time: about 5 ms if the index lacks all of them. */
const SPAN = 1000;

/**
 * Makes an index equal to the table by comparing every row, a span at a time. The caller must apply the table's changes to the
 * index before every span.
 */
export class Comparison {
  readonly index: VectorIndex;
  readonly #rows: VectorRows;
  /** Rows that the index had at first and that have not been met in the table. */
  readonly #unmet: Set<number>;
  readonly #last: number;
  #after = 0;

  constructor(index: VectorIndex, rows: VectorRows) {
    this.index = index;
    this.#rows = rows;
    this.#unmet = new Set(index.seqs());
    this.#last = rows.newest().seq;
  }

  /** Compares the next span. @param add Receives rows that the index lacks. @returns whether the comparison is complete. */
  goOn(add: (row: VectorRow) => void): boolean {
    const end = this.#after + SPAN;
    const missing = this.#rows
      .between(this.#after, Math.min(end, this.#last))
      .filter((seq) => !this.#unmet.delete(seq));
    for (const row of this.#rows.some(missing)) add(row);
    this.#after = end;
    if (end < this.#last) return false;
    // Rows restored after their span was compared exist again.
    for (const { seq } of this.#rows.some([...this.#unmet])) this.#unmet.delete(seq);
    for (const seq of this.#unmet) this.index.remove(seq);
    return true;
  }
}
