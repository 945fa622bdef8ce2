/** Lines that follow one another are held together, and their mean tells where it is worth to look. */
const BLOCK = 32;

/** Number of blocks whose lines are compared: all, or those with the nearest means. */
const MOST_COMPARED = 96;

type Block = {
  /** One row a line; a line without a vector has zeros. */
  readonly rows: Int8Array;
  /** Factor that gives a row length 1; 0 for an empty row. */
  readonly scales: Float32Array;
  readonly sum: Float32Array;
};

export type NearLine = { readonly n: number; readonly similarity: number };

/**
 * The vectors of numbered lines, each number in one byte, found by their neighbours: who speaks of something goes on with it for
 * some lines. Exact up to 3,000 lines.
 */
export class LineBlocks {
  readonly #dimensions: number;
  readonly #blocks = new Map<number, Block>();
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
    const block = this.#blocks.get(at) ?? this.#newBlock();
    this.#blocks.set(at, block);
    const slot = n % BLOCK;
    const before = block.scales[slot] ?? 0;
    if (before === 0) this.#size += 1;
    else this.#addTo(block, slot, -before);
    block.rows.set(row, slot * this.#dimensions);
    block.scales[slot] = 1 / Math.sqrt(squares);
    this.#addTo(block, slot, block.scales[slot] ?? 0);
  }

  /** The `count` nearest to `vector`, best first; of equals the newest. */
  nearest(vector: Float32Array, count: number): NearLine[] {
    const length = Math.hypot(...vector);
    const blocks = [...this.#blocks];
    const compared =
      blocks.length <= MOST_COMPARED
        ? blocks
        : blocks
            .map(([at, block]) => ({ at, block, similarity: dot(vector, block.sum, 0, this.#dimensions) }))
            .sort((a, b) => b.similarity - a.similarity)
            .slice(0, MOST_COMPARED)
            .map(({ at, block }) => [at, block] as const);
    const found = compared.flatMap(([at, { rows, scales }]) =>
      Array.from(scales, (scale, slot) => ({
        n: at * BLOCK + slot,
        similarity: scale === 0 ? -2 : (scale * dot(vector, rows, slot * this.#dimensions, this.#dimensions)) / length,
      })).filter(({ similarity }) => similarity > -2),
    );
    return found.sort((a, b) => b.similarity - a.similarity || b.n - a.n).slice(0, count);
  }

  /** The cosines of those of `numbers` that have a vector. */
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

  /** Up to `count` lines in even steps. */
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

  #newBlock(): Block {
    return {
      rows: new Int8Array(BLOCK * this.#dimensions),
      scales: new Float32Array(BLOCK),
      sum: new Float32Array(this.#dimensions),
    };
  }

  #addTo({ rows, sum }: Block, slot: number, scale: number): void {
    const start = slot * this.#dimensions;
    for (let i = 0; i < this.#dimensions; i += 1) sum[i] = (sum[i] ?? 0) + scale * (rows[start + i] ?? 0);
  }
}

/** Four sums at once, since the additions need not wait for each other. */
function dot(one: Float32Array, many: Int8Array | Float32Array, start: number, length: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
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
