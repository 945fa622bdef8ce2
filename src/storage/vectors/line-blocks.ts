/** Lines per block. Consecutive lines form a block, whose mean tells whether it is worth searching. */
const BLOCK = 16;

/** Most blocks whose lines are compared: with more blocks, only those with the nearest means are. */
const MOST_COMPARED = 192;

/**
 * Most are left out by this many of their numbers, or a quarter; so many times as many blocks and lines as are wanted are then
 * compared whole.
 */
const FEW = 128;
const SPARE_BLOCKS = 2;
const SPARE_LINES = 6;

type Block = {
  readonly at: number;
  /** One row per line; zeros for a line without a vector. */
  readonly rows: Int8Array;
  /** Factor that gives a row length 1; 0 for an empty row. */
  readonly scales: Float32Array;
  /** Whether the sum of its rows is out of date. */
  isStale: boolean;
};

export type NearLine = { readonly n: number; readonly similarity: number };

/**
 * The vectors of numbered lines, one byte per component. Searches prefer blocks of neighbouring lines, because people stay on
 * a topic for some lines. Exact up to 3,000 lines.
 */
export class LineBlocks {
  readonly #dimensions: number;
  readonly #blocks = new Map<number, Block>();
  /** The sums of the blocks' rows, in the order of the blocks, and the factors to scale them by. */
  #sums = new Int8Array();
  #factors = new Float32Array();
  #size = 0;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get size(): number {
    return this.#size;
  }

  add(n: number, row: Int8Array): void {
    let squares = 0;
    for (const value of row) squares += value * value;
    if (squares === 0) return;
    const at = Math.floor(n / BLOCK);
    const block = this.#blocks.get(at) ?? this.#newBlock(at);
    this.#blocks.set(at, block);
    const slot = n % BLOCK;
    if (block.scales[slot] === 0) this.#size += 1;
    block.rows.set(row, slot * this.#dimensions);
    block.scales[slot] = 1 / Math.sqrt(squares);
    block.isStale = true;
  }

  /** The `count` lines nearest to `vector`, best first; the newest of equals first. */
  nearest(vector: Float32Array, count: number): NearLine[] {
    const length = Math.hypot(...vector);
    const all = [...this.#blocks.values()];
    const isFew = all.length <= MOST_COMPARED;
    const blocks = isFew ? all : this.#promising(vector, all);
    const products = this.#products(vector, blocks, isFew ? this.#dimensions : this.#few);
    const found: NearLine[] = [];
    for (const i of greatest(products, isFew ? count : SPARE_LINES * count)) {
      const [block, slot] = [blocks[Math.floor(i / BLOCK)], i % BLOCK];
      const scale = block?.scales[slot] ?? 0;
      if (block === undefined || scale === 0) continue;
      const product = dot(vector, block.rows, slot * this.#dimensions, this.#dimensions);
      found.push({ n: block.at * BLOCK + slot, similarity: (scale * product) / length });
    }
    return found.sort((a, b) => b.similarity - a.similarity || b.n - a.n).slice(0, count);
  }

  get #few(): number {
    return Math.min(this.#dimensions, Math.max(FEW, Math.ceil(this.#dimensions / 4)));
  }

  /** Dot products of the blocks' rows and `vector` over their first `length` components; -Infinity for an empty row. */
  #products(vector: Float32Array, blocks: readonly Block[], length: number): Float64Array {
    const products = new Float64Array(BLOCK * blocks.length);
    blocks.forEach(({ rows, scales }, i) => {
      for (let slot = 0; slot < BLOCK; slot += 1) {
        const scale = scales[slot] ?? 0;
        products[i * BLOCK + slot] =
          scale === 0 ? Number.NEGATIVE_INFINITY : scale * dot(vector, rows, slot * this.#dimensions, length);
      }
    });
    return products;
  }

  /** The blocks whose lines are compared: those whose sums are nearest. */
  #promising(vector: Float32Array, all: readonly Block[]): Block[] {
    this.#addUp(all);
    const products = (of: Uint32Array, length: number): Float64Array =>
      Float64Array.from(of, (i) => (this.#factors[i] ?? 0) * dot(vector, this.#sums, i * this.#dimensions, length));
    const every = Uint32Array.from(all.keys());
    const some = greatest(products(every, this.#few), SPARE_BLOCKS * MOST_COMPARED);
    return [...greatest(products(some, this.#dimensions), MOST_COMPARED)].flatMap((i) => all[some[i] ?? 0] ?? []);
  }

  /** The cosines of the lines in `numbers` that have a vector. */
  similarities(vector: Float32Array, numbers: readonly number[]): Map<number, number> {
    const length = Math.hypot(...vector);
    const found = new Map<number, number>();
    for (const n of numbers) {
      const block = this.#blocks.get(Math.floor(n / BLOCK));
      const scale = block?.scales[n % BLOCK] ?? 0;
      if (block === undefined || scale === 0) continue;
      const product = dot(vector, block.rows, (n % BLOCK) * this.#dimensions, this.#dimensions);
      found.set(n, (scale * product) / length);
    }
    return found;
  }

  /** Up to `count` evenly spaced lines. */
  spread(count: number): { readonly n: number; readonly vector: Float32Array }[] {
    const numbers = [...this.#blocks].flatMap(([at, { scales }]) =>
      Array.from(scales, (scale, slot) => (scale === 0 ? -1 : at * BLOCK + slot)).filter((n) => n >= 0),
    );
    const step = Math.max(1, numbers.length / count);
    return Array.from({ length: Math.min(count, numbers.length) }, (_, i) => {
      const n = numbers[Math.floor(i * step)] ?? 0;
      const start = (n % BLOCK) * this.#dimensions;
      const rows = this.#blocks.get(Math.floor(n / BLOCK))?.rows ?? new Int8Array();
      return { n, vector: Float32Array.from(rows.subarray(start, start + this.#dimensions)) };
    });
  }

  #newBlock(at: number): Block {
    const rows = new Int8Array(BLOCK * this.#dimensions);
    return { at, rows, scales: new Float32Array(BLOCK), isStale: true };
  }

  /** Updates the sums of `all`. */
  #addUp(all: readonly Block[]): void {
    const dimensions = this.#dimensions;
    if (this.#factors.length < all.length) {
      const [sums, factors] = [this.#sums, this.#factors];
      this.#sums = new Int8Array(2 * all.length * dimensions);
      this.#factors = new Float32Array(2 * all.length);
      this.#sums.set(sums);
      this.#factors.set(factors);
    }
    const sum = new Float32Array(dimensions);
    for (const [at, block] of all.entries()) {
      if (!block.isStale) continue;
      sum.fill(0);
      block.scales.forEach((scale, slot) => {
        if (scale === 0) return;
        const start = slot * dimensions;
        for (let i = 0; i < dimensions; i += 1) sum[i] = (sum[i] ?? 0) + scale * (block.rows[start + i] ?? 0);
      });
      const most = sum.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), Number.MIN_VALUE);
      for (let i = 0; i < dimensions; i += 1)
        this.#sums[at * dimensions + i] = Math.round((127 * (sum[i] ?? 0)) / most);
      this.#factors[at] = most / 127;
      block.isStale = false;
    }
  }
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

/** Four sums at once, since the additions do not depend on each other. */
function dot(one: Float32Array, many: Int8Array, start: number, length: number): number {
  // Separate variables: adding to array elements takes twice as long.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += (one[i] ?? 0) * (many[start + i] ?? 0);
    b += (one[i + 1] ?? 0) * (many[start + i + 1] ?? 0);
    c += (one[i + 2] ?? 0) * (many[start + i + 2] ?? 0);
    d += (one[i + 3] ?? 0) * (many[start + i + 3] ?? 0);
  }
  for (; i < length; i += 1) a += (one[i] ?? 0) * (many[start + i] ?? 0);
  return a + b + c + d;
}
