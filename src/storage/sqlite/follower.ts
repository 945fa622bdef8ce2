import type { NoticeSink } from "../../ports/notices.ts";
import { unusable } from "./collection.ts";
import { Comparison } from "./comparison.ts";
import type { Position } from "../vectors/hnsw-file.ts";
import type { VectorIndex } from "../vectors/vector-index.ts";
import type { VectorRow, VectorRows } from "./vector-rows.ts";

/** Rows that are read at a time, so that nothing waits for 100,000 of them. */
export const PORTION = 500;

/**
 * Makes an index equal to the `passages` table, which is the source of truth. It knows up to which row and which change it
 * has followed the table, so that following costs what has changed since; their numbers are compared in the end, and only
 * where they differ every row.
 */
export class Follower {
  readonly #rows: VectorRows;
  readonly #notify: NoticeSink;
  #position: Position = { seq: 0, toggle: 0 };
  /** Under way where their numbers differ. */
  #comparison: Comparison | undefined;
  /** Rows whose vectors the index did not take. */
  readonly #refused = new Set<number>();

  constructor(rows: VectorRows, notify: NoticeSink) {
    this.#rows = rows;
    this.#notify = notify;
  }

  /** What of the table is in the index. */
  get position(): Position {
    return this.#position;
  }

  /** The index is an empty one. */
  begin(): void {
    // What was toggled before a row is read is seen in the row.
    this.#position = { seq: 0, toggle: this.#rows.newest().toggle };
    this.#refused.clear();
  }

  /** The index is one that was followed so far. */
  goOnFrom(position: Position): void {
    this.#position = position;
  }

  /** Adds the next row of the table. @returns whether it is the next one. */
  addNext(index: VectorIndex, seq: number, vector: Float32Array): boolean {
    if (seq !== this.#position.seq + 1) return false;
    this.#add(index, seq, vector);
    this.#position = { ...this.#position, seq };
    return true;
  }

  /** Brings the index nearer to the table. @returns whether the two are equal. */
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

  /** Whether the index has what the table has. If not, looks at some rows to make it so. */
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

/** Adds a vector. @returns whether it can be used; if not, that is said. */
export function addTo(index: VectorIndex, { seq, vector }: VectorRow, notify: NoticeSink): boolean {
  try {
    index.add(seq, vector);
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The passage is safe in the table; a search must not fail for it, nor a step that is already committed.
    notify(unusable(error));
    return false;
  }
}
