import { type BitMemory, LONGEST_ROW, bitMemory } from "./bit-memory.ts";

/** Most components that are compared, the first ones. */
export const MOST_SIGNS = 8 * LONGEST_ROW;

/** Room for rows at first; then always for twice as many. */
const ROOM = 4096;

/**
 * The signs of many rows' components, one bit each: an eighth of the rows, so that all can be compared in a search. The more signs
 * two rows share, the smaller is the angle between them.
 */
export class Sketches {
  readonly #memory: BitMemory;
  /** Bytes of a sketch. */
  readonly #length: number;
  #room = 0;

  constructor(dimensions: number, memory: BitMemory = bitMemory()) {
    this.#length = Math.min(LONGEST_ROW, 16 * Math.ceil(dimensions / 128));
    this.#memory = memory;
  }

  set(slot: number, row: Int8Array): void {
    if (slot >= this.#room) {
      this.#room = Math.max(ROOM, 2 * this.#room);
      this.#memory.reserve(this.#startOf(this.#room) + 4 * this.#room);
    }
    this.#write(row, this.#startOf(slot));
  }

  /** The number of components of each of the first `count` rows whose sign is not that in `row`. Valid until the next call. */
  differences(row: Int8Array, count: number): Int32Array {
    this.#write(row, 0);
    const counts = this.#startOf(this.#room);
    if (count > 0) this.#memory.compare(this.#length, 0, counts, count, this.#length);
    return new Int32Array(this.#memory.bytes().buffer, counts, count);
  }

  /** The row that is asked for comes first, and the counts last. */
  #startOf(slot: number): number {
    return this.#length * (1 + slot);
  }

  #write(row: Int8Array, start: number): void {
    const bytes = this.#memory.bytes();
    const length = Math.min(row.length, 8 * this.#length);
    for (let i = 0; i < length; i += 8) {
      let signs = 0;
      for (let bit = 0; bit < 8; bit += 1) signs |= ((row[i + bit] ?? 0) >>> 31) << bit;
      bytes[start + (i >> 3)] = signs;
    }
  }
}
