import { type Neighbour, type VectorIndex, bySimilarity, toUnit } from "./vector-index.ts";

/** Compares with every vector. Exact, needs no file and no native code, and quick up to about 20,000 vectors. */
export class ExactIndex implements VectorIndex {
  readonly #dimensions: number;
  readonly #rowOf = new Map<number, number>();
  #seqs: number[] = [];
  #data: Float32Array;

  constructor(dimensions: number, capacity = 256) {
    this.#dimensions = dimensions;
    this.#data = new Float32Array(dimensions * Math.max(1, capacity));
  }

  get size(): number {
    return this.#seqs.length;
  }

  seqs(): number[] {
    return [...this.#seqs];
  }

  add(seq: number, vector: Float32Array): void {
    const unit = toUnit(vector, this.#dimensions);
    const row = this.#rowOf.get(seq) ?? this.#append(seq);
    this.#data.set(unit, row * this.#dimensions);
  }

  remove(seq: number): void {
    const row = this.#rowOf.get(seq);
    if (row === undefined) return;
    const last = this.#seqs.length - 1;
    const moved = this.#seqs[last] ?? seq;
    this.#data.copyWithin(row * this.#dimensions, last * this.#dimensions, (last + 1) * this.#dimensions);
    this.#seqs[row] = moved;
    this.#rowOf.set(moved, row);
    this.#seqs.length = last;
    this.#rowOf.delete(seq);
  }

  /** Takes out the row that costs least to take out. The vector has length 1. */
  pop(): { seq: number; unit: Float32Array } | undefined {
    const seq = this.#seqs.pop();
    if (seq === undefined) return undefined;
    this.#rowOf.delete(seq);
    const start = this.#seqs.length * this.#dimensions;
    return { seq, unit: this.#data.slice(start, start + this.#dimensions) };
  }

  async search(vector: Float32Array, count: number): Promise<Neighbour[]> {
    const unit = toUnit(vector, this.#dimensions);
    const hits = this.#seqs.map((seq, row) => ({ seq, similarity: this.#dot(unit, row) }));
    hits.sort(bySimilarity);
    return hits.slice(0, Math.max(0, count));
  }

  #append(seq: number): number {
    const row = this.#seqs.length;
    if ((row + 1) * this.#dimensions > this.#data.length) {
      const grown = new Float32Array(this.#data.length * 2);
      grown.set(this.#data);
      this.#data = grown;
    }
    this.#seqs.push(seq);
    this.#rowOf.set(seq, row);
    return row;
  }

  /** Four sums at once: about three times as fast as one, since the additions need not wait for each other. */
  #dot(vector: Float32Array, row: number): number {
    const data = this.#data;
    const start = row * this.#dimensions;
    let [a, b, c, d] = [0, 0, 0, 0];
    let i = 0;
    for (; i + 3 < this.#dimensions; i += 4) {
      a += (vector[i] ?? 0) * (data[start + i] ?? 0);
      b += (vector[i + 1] ?? 0) * (data[start + i + 1] ?? 0);
      c += (vector[i + 2] ?? 0) * (data[start + i + 2] ?? 0);
      d += (vector[i + 3] ?? 0) * (data[start + i + 3] ?? 0);
    }
    for (; i < this.#dimensions; i += 1) a += (vector[i] ?? 0) * (data[start + i] ?? 0);
    return a + b + c + d;
  }
}
