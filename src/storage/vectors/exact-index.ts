import { type Neighbour, type VectorIndex, bySimilarity, toUnit } from "./vector-index.ts";

/** Rows per block. Blocks let the index grow without copying and return memory when rows are removed. */
const BLOCK_ROWS = 256;

/** The row number, in a list and in a table. */
const BESIDE_BYTES = 50;

/** About how much memory an exact index takes. */
export function exactBytes(vectors: number, dimensions: number): number {
  return Math.ceil(vectors / BLOCK_ROWS) * BLOCK_ROWS * 4 * dimensions + vectors * BESIDE_BYTES;
}

/** Compares with every vector. Exact, needs no file and no native code, and quick up to about 10,000 vectors. */
export class ExactIndex implements VectorIndex {
  readonly #dimensions: number;
  readonly #rowOf = new Map<number, number>();
  /** Rows before `#first` were taken out; their blocks are gone. */
  #seqs: number[] = [];
  #first = 0;
  #blocks: (Float32Array | undefined)[] = [];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get size(): number {
    return this.#seqs.length - this.#first;
  }

  /** The lowest number there is; Infinity in an empty index. */
  get lowest(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const seq of this.#rowOf.keys()) lowest = Math.min(lowest, seq);
    return lowest;
  }

  seqs(): number[] {
    return this.#seqs.slice(this.#first);
  }

  add(seq: number, vector: Float32Array): void {
    const unit = toUnit(vector, this.#dimensions);
    this.#row(this.#rowOf.get(seq) ?? this.#append(seq)).set(unit);
  }

  remove(seq: number): void {
    const row = this.#rowOf.get(seq);
    if (row === undefined) return;
    const last = this.#seqs.length - 1;
    const moved = this.#seqs[last] ?? seq;
    this.#row(row).set(this.#row(last));
    this.#seqs[row] = moved;
    this.#rowOf.set(moved, row);
    this.#rowOf.delete(seq);
    this.#seqs.length = last;
    if (last % BLOCK_ROWS === 0) this.#blocks.length = last / BLOCK_ROWS;
    this.#resetIfEmpty();
  }

  /** Takes out what came first, as a rule. The vector has length 1. */
  pop(): { seq: number; unit: Float32Array } | undefined {
    const seq = this.#seqs[this.#first];
    if (seq === undefined) return undefined;
    const unit = this.#row(this.#first).slice();
    this.#rowOf.delete(seq);
    this.#first += 1;
    if (this.#first % BLOCK_ROWS === 0) this.#blocks[this.#first / BLOCK_ROWS - 1] = undefined;
    this.#resetIfEmpty();
    return { seq, unit };
  }

  async search(vector: Float32Array, count: number, among?: ReadonlySet<number>): Promise<Neighbour[]> {
    const unit = toUnit(vector, this.#dimensions);
    const wanted = Math.max(0, Math.floor(count));
    if (!(wanted >= 1)) return [];
    let best: Neighbour[] = [];
    let least = Number.NEGATIVE_INFINITY;
    const dimensions = this.#dimensions;
    for (let row = this.#first; row < this.#seqs.length; row += 1) {
      const seq = this.#seqs[row] ?? 0;
      if (among?.has(seq) === false) continue;
      const similarity = dot(unit, this.#block(row), (row % BLOCK_ROWS) * dimensions, dimensions);
      if (similarity < least) continue;
      best.push({ seq, similarity });
      // Sorted now and then: a hundredth of the work of sorting all.
      if (best.length < 2 * wanted + BLOCK_ROWS) continue;
      best = best.sort(bySimilarity).slice(0, wanted);
      least = best.at(-1)?.similarity ?? least;
    }
    return best.sort(bySimilarity).slice(0, wanted);
  }

  #append(seq: number): number {
    const row = this.#seqs.length;
    this.#blocks[Math.floor(row / BLOCK_ROWS)] ??= new Float32Array(BLOCK_ROWS * this.#dimensions);
    this.#seqs.push(seq);
    this.#rowOf.set(seq, row);
    return row;
  }

  #resetIfEmpty(): void {
    if (this.size > 0) return;
    this.#seqs = [];
    this.#first = 0;
    this.#blocks = [];
  }

  #block(row: number): Float32Array {
    const block = this.#blocks[Math.floor(row / BLOCK_ROWS)];
    if (block === undefined) throw new RangeError(`There is no row ${row}`);
    return block;
  }

  #row(row: number): Float32Array {
    const start = (row % BLOCK_ROWS) * this.#dimensions;
    return this.#block(row).subarray(start, start + this.#dimensions);
  }
}

/** Four sums at once: about three times as fast as one, since the additions need not wait for each other. */
function dot(unit: Float32Array, block: Float32Array, start: number, dimensions: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < dimensions; i += 4) {
    a += (unit[i] ?? 0) * (block[start + i] ?? 0);
    b += (unit[i + 1] ?? 0) * (block[start + i + 1] ?? 0);
    c += (unit[i + 2] ?? 0) * (block[start + i + 2] ?? 0);
    d += (unit[i + 3] ?? 0) * (block[start + i + 3] ?? 0);
  }
  for (; i < dimensions; i += 1) a += (unit[i] ?? 0) * (block[start + i] ?? 0);
  return a + b + c + d;
}
