import { dot } from "./dot.ts";
import { SparseRows } from "./sparse-rows.ts";
import { type Neighbour, type VectorIndex, bySimilarity, toUnit } from "./vector-index.ts";

/** Rows per block. Blocks let the index grow without copying and return memory when rows are removed. */
const BLOCK_ROWS = 256;

/** Bytes per vector for its row number, in a list and in a map. */
const BESIDE_BYTES = 50;

/** About how much memory an exact index takes at most; far less if most components are zero. */
export function exactBytes(vectors: number, dimensions: number): number {
  return Math.ceil(vectors / BLOCK_ROWS) * BLOCK_ROWS * 4 * dimensions + vectors * BESIDE_BYTES;
}

/** Compares with every vector. Exact, without files or native code, and fast up to about 10,000 vectors. */
export class ExactIndex implements VectorIndex {
  readonly #dimensions: number;
  readonly #rowOf = new Map<number, number>();
  /** Rows before `#first` were popped, and their blocks freed. */
  #seqs: number[] = [];
  #first = 0;
  #blocks: (Float32Array | SparseRows | undefined)[] = [];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get size(): number {
    return this.#seqs.length - this.#first;
  }

  /** The lowest row number; Infinity if the index is empty. */
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
    this.#set(this.#rowOf.get(seq) ?? this.#append(seq), unit);
  }

  remove(seq: number): void {
    const row = this.#rowOf.get(seq);
    if (row === undefined) return;
    const last = this.#seqs.length - 1;
    const moved = this.#seqs[last] ?? seq;
    this.#set(row, this.#row(last));
    this.#seqs[row] = moved;
    this.#rowOf.set(moved, row);
    this.#rowOf.delete(seq);
    this.#seqs.length = last;
    if (last % BLOCK_ROWS === 0) this.#blocks.length = last / BLOCK_ROWS;
    this.#resetIfEmpty();
  }

  /** Removes and returns a row, usually the oldest. The vector has length 1. */
  pop(): { seq: number; unit: Float32Array } | undefined {
    const seq = this.#seqs[this.#first];
    if (seq === undefined) return undefined;
    const unit = this.#row(this.#first);
    this.#rowOf.delete(seq);
    this.#first += 1;
    if (this.#first % BLOCK_ROWS === 0) this.#blocks[this.#first / BLOCK_ROWS - 1] = undefined;
    this.#resetIfEmpty();
    return { seq, unit };
  }

  async search(vector: Float32Array, count: number, among?: ReadonlySet<number>): Promise<Neighbour[]> {
    const unit = toUnit(vector, this.#dimensions);
    const most = Math.max(0, Math.floor(count));
    if (!(most >= 1)) return [];
    let best: Neighbour[] = [];
    let least = Number.NEGATIVE_INFINITY;
    const dimensions = this.#dimensions;
    for (let row = this.#first; row < this.#seqs.length; row += 1) {
      const seq = this.#seqs[row] ?? 0;
      if (among?.has(seq) === false) continue;
      const block = this.#block(row);
      const slot = row % BLOCK_ROWS;
      const similarity =
        block instanceof SparseRows ? block.product(unit, slot) : dot(unit, block, slot * dimensions, dimensions);
      if (similarity < least) continue;
      best.push({ seq, similarity });
      // Sort only occasionally: a hundredth of the work of sorting everything.
      if (best.length < 2 * most + BLOCK_ROWS) continue;
      best = best.sort(bySimilarity).slice(0, most);
      least = best.at(-1)?.similarity ?? least;
    }
    return best.sort(bySimilarity).slice(0, most);
  }

  #append(seq: number): number {
    const row = this.#seqs.length;
    this.#blocks[Math.floor(row / BLOCK_ROWS)] ??= new SparseRows(BLOCK_ROWS, this.#dimensions);
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

  /** A block stays sparse as long as all of its rows are. */
  #set(row: number, unit: Float32Array): void {
    const [block, slot] = [this.#block(row), row % BLOCK_ROWS];
    if (block instanceof SparseRows && SparseRows.suits(unit)) {
      block.set(slot, unit);
      return;
    }
    const dense = block instanceof SparseRows ? this.#dense(block) : block;
    this.#blocks[Math.floor(row / BLOCK_ROWS)] = dense;
    dense.set(unit, slot * this.#dimensions);
  }

  #dense(sparse: SparseRows): Float32Array {
    const dense = new Float32Array(BLOCK_ROWS * this.#dimensions);
    for (let slot = 0; slot < BLOCK_ROWS; slot += 1) dense.set(sparse.row(slot), slot * this.#dimensions);
    return dense;
  }

  #block(row: number): Float32Array | SparseRows {
    const block = this.#blocks[Math.floor(row / BLOCK_ROWS)];
    if (block === undefined) throw new Error(`Row ${row} of the index is gone`);
    return block;
  }

  /** A copy. */
  #row(row: number): Float32Array {
    const [block, slot] = [this.#block(row), row % BLOCK_ROWS];
    if (block instanceof SparseRows) return block.row(slot);
    return block.slice(slot * this.#dimensions, (slot + 1) * this.#dimensions);
  }
}
