import type { NoticeSink } from "../../ports/notices.ts";
import { unusable } from "./collection.ts";
import { Comparison } from "./comparison.ts";
import type { Position } from "../vectors/hnsw-file.ts";
import type { VectorIndex } from "../vectors/vector-index.ts";
import type { VectorRow, VectorRows } from "./vector-rows.ts";

/** Rows read at a time, so that nothing has to wait for 100,000 of them. */
export const PORTION = 500;

/**
 * Keeps an index equal to the `passages` table, which is the source of truth. It remembers the last row and change that it
 * followed, so that it only reads what is new. At the end it compares the sizes, and only if they differ, every row.
 */
export class Follower {
  readonly #rows: VectorRows;
  readonly #notify: NoticeSink;
  #position: Position = { seq: 0, toggle: 0 };
  /** In progress while the sizes differ. */
  #comparison: Comparison | undefined;
  /** Rows whose vectors the index rejected. */
  readonly #refused = new Set<number>();

  constructor(rows: VectorRows, notify: NoticeSink) {
    this.#rows = rows;
    this.#notify = notify;
  }

  /** The last row and change that the index has. */
  get position(): Position {
    return this.#position;
  }

  /** Starts with an empty index. */
  begin(): void {
    // Rows read later already reflect earlier toggles.
    this.#position = { seq: 0, toggle: this.#rows.newest().toggle };
    this.#refused.clear();
  }

  /** Starts with an index that has everything up to `position`. */
  goOnFrom(position: Position): void {
    this.#position = position;
  }

  /** Adds a row if it is the next one of the table. @returns whether it was. */
  addNext(index: VectorIndex, seq: number, vector: Float32Array): boolean {
    if (seq !== this.#position.seq + 1) return false;
    this.#add(index, seq, vector);
    this.#position = { ...this.#position, seq };
    return true;
  }

  /** Applies a portion of the table's changes to the index. @returns whether the two are equal. */
  follow(index: VectorIndex): boolean {
    const newest = this.#rows.newest();
    if (newest.seq < this.#position.seq || newest.toggle < this.#position.toggle) {
      this.#position = newest;
      this.#refused.clear();
      this.#comparison = new Comparison(index, this.#rows);
    }
    const toggled = this.#rows.toggledAfter(this.#position.toggle, PORTION);
    for (const { seq, vector } of toggled) {
      if (vector !== undefined) this.#add(index, seq, vector);
      else {
        index.remove(seq);
        this.#refused.delete(seq);
      }
    }
    if (toggled.length === PORTION) {
      this.#position = { ...this.#position, toggle: toggled.at(-1)?.toggle ?? newest.toggle };
      return false;
    }
    const rows = this.#rows.after(this.#position.seq, PORTION);
    for (const { seq, vector } of rows) this.#add(index, seq, vector);
    const isAll = rows.length < PORTION;
    this.#position = { ...newest, seq: isAll ? newest.seq : (rows.at(-1)?.seq ?? newest.seq) };
    return isAll && this.#isEqual(index);
  }

  /** Whether index and table are equal. If not, compares a span of rows to make them so. */
  #isEqual(index: VectorIndex): boolean {
    if (this.#comparison?.index !== index) {
      this.#comparison = undefined;
      if (index.size === this.#rows.embedded() - this.#refused.size) return true;
      this.#refused.clear();
      this.#comparison = new Comparison(index, this.#rows);
    }
    const isDone = this.#comparison.goOn(({ seq, vector }) => {
      this.#add(index, seq, vector);
    });
    if (isDone) this.#comparison = undefined;
    return isDone;
  }

  #add(index: VectorIndex, seq: number, vector: Float32Array): void {
    if (addTo(index, { seq, vector }, this.#notify)) this.#refused.delete(seq);
    else this.#refused.add(seq);
  }
}

/** Adds a vector. @returns false, after a notice, if it is unusable. */
export function addTo(index: VectorIndex, { seq, vector }: VectorRow, notify: NoticeSink): boolean {
  try {
    index.add(seq, vector);
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The passage is safe in the table. Neither a search nor a committed step must fail because of it.
    notify(unusable(error));
    return false;
  }
}
