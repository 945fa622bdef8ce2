import { dot } from "./dot.ts";
import { MOST_SIGNS, Sketches } from "./sketches.ts";

/** Lines per array, so that memory grows without copying. */
const CHUNK = 256;

/** Most lines that are all compared whole. Of more, only those whose signs agree best are. */
const MOST_COMPARED = 3_072;

/** So many times as many as are wanted: more of shorter vectors, whose signs tell less. */
const SPARE = 10;
const SPARE_COMPONENTS = 5_120;

type Chunk = {
  /** One row per line. */
  readonly rows: Int8Array;
  /** Factor that gives a row length 1. */
  readonly scales: Float32Array;
};

export type NearLine = { readonly n: number; readonly similarity: number };

/** The vectors of numbered lines, one byte per component. Exact up to 3,072 lines. */
export class LineVectors {
  readonly #dimensions: number;
  /** The place of each line, in order of arrival. */
  readonly #slots = new Map<number, number>();
  readonly #numbers: number[] = [];
  readonly #chunks: Chunk[] = [];
  #sketches: Sketches | undefined;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get size(): number {
    return this.#numbers.length;
  }

  add(n: number, row: Int8Array): void {
    let squares = 0;
    for (const value of row) squares += value * value;
    if (squares === 0) return;
    const slot = this.#slots.get(n) ?? this.#append(n);
    const { rows, scales } = this.#chunk(slot);
    rows.set(row, (slot % CHUNK) * this.#dimensions);
    scales[slot % CHUNK] = 1 / Math.sqrt(squares);
    this.#sketch(slot);
  }

  /** The `count` lines nearest to `vector`, best first; the newest of equals first. */
  nearest(vector: Float32Array, count: number): NearLine[] {
    const length = Math.hypot(...vector);
    const slots = this.#promising(vector, count);
    const products = new Float64Array(slots.length);
    for (let i = 0; i < slots.length; i += 1) products[i] = this.#product(vector, slots[i] ?? 0);
    return Array.from(greatest(products, count), (i) => ({
      n: this.#numbers[slots[i] ?? 0] ?? 0,
      similarity: (products[i] ?? 0) / length,
    }))
      .sort((a, b) => b.similarity - a.similarity || b.n - a.n)
      .slice(0, count);
  }

  /** The cosines of the lines in `numbers` that have a vector. */
  similarities(vector: Float32Array, numbers: readonly number[]): Map<number, number> {
    const length = Math.hypot(...vector);
    const found = new Map<number, number>();
    for (const n of numbers) {
      const slot = this.#slots.get(n);
      if (slot !== undefined) found.set(n, this.#product(vector, slot) / length);
    }
    return found;
  }

  /** Up to `count` evenly spaced lines. */
  spread(count: number): { readonly n: number; readonly vector: Float32Array }[] {
    const numbers = Int32Array.from(this.#numbers).sort();
    const step = Math.max(1, numbers.length / count);
    return Array.from({ length: Math.min(count, numbers.length) }, (_, i) => {
      const n = numbers[Math.floor(i * step)] ?? 0;
      return { n, vector: Float32Array.from(this.#row(this.#slots.get(n) ?? 0)) };
    });
  }

  #append(n: number): number {
    const slot = this.#numbers.length;
    this.#slots.set(n, slot);
    this.#numbers.push(n);
    if (slot % CHUNK === 0) {
      this.#chunks.push({ rows: new Int8Array(CHUNK * this.#dimensions), scales: new Float32Array(CHUNK) });
    }
    return slot;
  }

  /** Begins when there are too many lines to compare all of them whole. */
  #sketch(slot: number): void {
    if (this.#sketches !== undefined) this.#sketches.set(slot, this.#row(slot));
    if (this.#sketches !== undefined || this.size <= MOST_COMPARED) return;
    this.#sketches = new Sketches(this.#dimensions);
    for (let i = 0; i < this.size; i += 1) this.#sketches.set(i, this.#row(i));
  }

  /** The places of the lines to compare whole for `count` results. */
  #promising(vector: Float32Array, count: number): Uint32Array {
    if (this.#sketches === undefined) return Uint32Array.from(this.#numbers.keys());
    const asked = Int8Array.from(vector, (value) => (value < 0 ? -1 : 0));
    const most = Math.ceil(count * Math.max(SPARE, SPARE_COMPONENTS / this.#dimensions));
    return least(this.#sketches.differences(asked, this.size), most);
  }

  /** The dot product with a row as a unit vector. */
  #product(vector: Float32Array, slot: number): number {
    const { rows, scales } = this.#chunk(slot);
    const product = dot(vector, rows, (slot % CHUNK) * this.#dimensions, this.#dimensions);
    return (scales[slot % CHUNK] ?? 0) * product;
  }

  #row(slot: number): Int8Array {
    const start = (slot % CHUNK) * this.#dimensions;
    return this.#chunk(slot).rows.subarray(start, start + this.#dimensions);
  }

  #chunk(slot: number): Chunk {
    const chunk = this.#chunks[Math.floor(slot / CHUNK)];
    if (chunk === undefined) throw new Error(`There is no vector ${slot}`);
    return chunk;
  }
}

/** Indices of the `count` least values, in index order, including ties with the greatest of them. */
function least(values: Int32Array, count: number): Uint32Array {
  const howMany = new Uint32Array(MOST_SIGNS + 1);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    howMany[value] = (howMany[value] ?? 0) + 1;
  }
  let most = 0;
  let found = howMany[0] ?? 0;
  while (most < MOST_SIGNS && found < count) {
    most += 1;
    found += howMany[most] ?? 0;
  }
  const indices = new Uint32Array(found);
  for (let i = 0, at = 0; at < found; i += 1) {
    if ((values[i] ?? 0) > most) continue;
    indices[at] = i;
    at += 1;
  }
  return indices;
}

/** Indices of the `count` greatest values, in index order, including ties with the least of them. */
function greatest(values: Float64Array, count: number): Uint32Array {
  const least = nthSmallest(values.slice(), Math.max(0, values.length - count));
  const indices = new Uint32Array(values.length);
  let length = 0;
  for (let i = 0; i < values.length; i += 1) {
    if ((values[i] ?? 0) < least) continue;
    indices[length] = i;
    length += 1;
  }
  return indices.subarray(0, length);
}

/** The value at index `n` of the sorted `values`, by Hoare's selection, a fifth of the time of sorting. Reorders `values`. */
function nthSmallest(values: Float64Array, n: number): number {
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const pivot = values[(from + to) >> 1] ?? 0;
    let [low, high] = [from, to];
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low += 1;
      while ((values[high] ?? 0) > pivot) high -= 1;
      if (low > high) break;
      const value = values[low] ?? 0;
      values[low] = values[high] ?? 0;
      values[high] = value;
      low += 1;
      high -= 1;
    }
    if (n <= high) to = high;
    else if (n >= low) from = low;
    else break;
  }
  return values[n] ?? 0;
}
