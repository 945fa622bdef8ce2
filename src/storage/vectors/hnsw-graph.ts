import { statSync, writeFileSync } from "node:fs";
import type { HierarchicalNSW } from "hnswlib-node";
import { MemGPTError } from "../../errors.ts";
import { type Neighbour, toUnit } from "./vector-index.ts";

/** The native package, an optional dependency. */
export type HnswLibrary = { readonly HierarchicalNSW: typeof HierarchicalNSW };
export type LoadHnsw = () => Promise<HnswLibrary>;

export const loadHnsw: LoadHnsw = async () => (await import("hnswlib-node")).default;

/**
 * By what vectors are like, so that recall@10 is at least 0.99 (`npm run bench -- hnsw` measures it).
 *
 * - dense: those of neural models. 0.9945 for 100,000 clustered ones of 384 dimensions.
 * - sparse: those with many zeros, as the hashed n-grams of the built-in embedder. Their neighbours are far apart, so that
 *   more links and candidates are needed: 0.999 for 20,000 and 0.995 for 100,000 of 1,024 dimensions.
 */
export const HNSW_SETTINGS = {
  dense: { m: 16, efConstruction: 200, ef: 400 },
  sparse: { m: 24, efConstruction: 200, ef: 600 },
} as const;
export type VectorKind = keyof typeof HNSW_SETTINGS;

/** What a graph of vectors like these should be made for. */
export function kindOf(vectors: readonly Float32Array[]): VectorKind {
  let [zeros, all] = [0, 0];
  for (const vector of vectors) {
    for (const value of vector) if (value === 0) zeros += 1;
    all += vector.length;
  }
  return zeros > all / 2 ? "sparse" : "dense";
}

/**
 * What the library and this class keep of each vector beside it and its links: a lock, a level, a pointer and a mark for half
 * as many again as there are, and the row number in two tables.
 */
const BESIDE_BYTES = 150;

/** About how much memory a graph takes. @source hnswlib's `hnswalg.h` */
export function graphBytes(vectors: number, dimensions: number, kind: VectorKind): number {
  const { m } = HNSW_SETTINGS[kind];
  const links = 4 * (2 * m + 1);
  // One vector in m has links on a second level, one in m² on a third.
  const links2 = (4 * (m + 1)) / (m - 1);
  return Math.round(vectors * (4 * dimensions + links + links2 + BESIDE_BYTES));
}

/** How many vectors a graph should have at most: with more of them recall falls below 0.99, and adding one takes longer. */
export const GRAPH_SIZE = 100_000;

const METRIC = "ip";
const SMALLEST_CAPACITY = 1024;
const HIGHEST_LABEL = 2 ** 32 - 1;

/** What is read or written on another thread, which ends the process if the collector takes it meanwhile. */
const busy = new Set<HierarchicalNSW>();

/**
 * The graph of hnswlib-node, whose mistakes end the process. So this file alone talks to it, and:
 *
 * - every vector is finite, of the right length and of length 1 before the library sees it, in an array without holes;
 * - labels are checked, since the library cuts them to 32 bits;
 * - files are read into new instances only, and only after `hnsw-file.ts` has compared their checksum;
 * - while a file is read or written on another thread the instance is kept from the collector, and nothing changes it:
 *   additions are refused, marks of deletion wait; searches only read, as writing does;
 * - what is stored and what is deleted is known here, so that no label is deleted, revived or looked up in vain;
 * - no filter is ever passed, since one that throws ends the process.
 *
 * Deleted vectors stay in the graph, where searches pass through them without returning them.
 */
export class HnswGraph {
  readonly kind: VectorKind;
  readonly #native: HierarchicalNSW;
  readonly #dimensions: number;
  readonly #live: Set<number>;
  readonly #deleted: Set<number>;
  /** Deleted ones that the library still takes to be there. */
  readonly #unmarked = new Set<number>();
  #isWriting = false;
  #additions = 0;

  /** @param expected how many vectors there will be: growing later copies everything, in one go. */
  static create(library: HnswLibrary, dimensions: number, kind: VectorKind, expected = 0): HnswGraph {
    const native = new library.HierarchicalNSW(METRIC, dimensions);
    const { m, efConstruction } = HNSW_SETTINGS[kind];
    native.initIndex({ maxElements: withRoom(expected), m, efConstruction });
    return new HnswGraph(native, { dimensions, kind, deleted: [] });
  }

  /**
   * Reads a file that `write` wrote, byte for byte: anything else may end the process.
   *
   * @param of what was true of the graph when writing began.
   * @param deleted what is deleted by now.
   * @throws Error
   */
  static async read(
    library: HnswLibrary,
    file: string,
    of: GraphFacts,
    deleted: readonly number[] = of.deleted,
  ): Promise<HnswGraph> {
    const native = new library.HierarchicalNSW(METRIC, of.dimensions);
    await keeping(native, () => native.readIndex(file));
    const graph = new HnswGraph(native, of);
    graph.#setDeleted(deleted);
    return graph;
  }

  private constructor(native: HierarchicalNSW, { dimensions, kind, deleted }: GraphFacts) {
    this.#native = native;
    this.#dimensions = dimensions;
    this.kind = kind;
    this.#live = new Set(native.getIdsList());
    this.#deleted = new Set(deleted);
    for (const seq of deleted) if (!this.#live.delete(seq)) throw neverAdded(seq);
  }

  get size(): number {
    return this.#live.size;
  }

  seqs(): number[] {
    return [...this.#live];
  }

  /** How many were removed and are still in the graph. */
  get removed(): number {
    return this.#deleted.size;
  }

  /** How many are in the graph, with those that were removed. */
  get count(): number {
    return this.#live.size + this.#deleted.size;
  }

  /** How often a vector was added since the graph was made or read. */
  get additions(): number {
    return this.#additions;
  }

  /** Whether `seq` is in the graph, removed or not. */
  has(seq: number): boolean {
    return this.#live.has(seq) || this.#deleted.has(seq);
  }

  /** Must not be called while the graph is being written. */
  add(seq: number, vector: Float32Array): void {
    checkLabel(seq);
    if (this.#isWriting) throw new Error("The graph is being written");
    const point = this.#toPoint(vector);
    const count = this.#native.getCurrentCount();
    if (count >= this.#native.getMaxElements() && !this.has(seq)) this.#native.resizeIndex(withRoom(count));
    this.#additions += 1;
    this.#native.addPoint(point, seq);
    this.#deleted.delete(seq);
    this.#live.add(seq);
  }

  /** Unknown numbers are ignored. */
  remove(seq: number): void {
    if (!this.#live.delete(seq)) return;
    if (this.#isWriting) this.#unmarked.add(seq);
    else this.#native.markDelete(seq);
    this.#deleted.add(seq);
  }

  /** Takes back the removal of `seq`, if it was removed with this very vector. @returns whether it was. */
  revive(seq: number, vector: Float32Array): boolean {
    if (!this.#deleted.has(seq)) return false;
    const wasUnmarked = this.#unmarked.has(seq);
    if (this.#isWriting && !wasUnmarked) return false;
    const point = this.#toPoint(vector);
    if (!wasUnmarked) this.#native.unmarkDelete(seq);
    const stored = this.#native.getPoint(seq);
    if (!point.every((value, i) => value === stored[i])) {
      if (!wasUnmarked) this.#native.markDelete(seq);
      return false;
    }
    this.#unmarked.delete(seq);
    this.#deleted.delete(seq);
    this.#live.add(seq);
    return true;
  }

  search(vector: Float32Array, count: number): Neighbour[] {
    const point = this.#toPoint(vector);
    const wanted = Math.min(Math.floor(count), this.#live.size);
    if (!(wanted >= 1)) return [];
    const asked = wanted + this.#unmarked.size;
    this.#native.setEf(Math.max(HNSW_SETTINGS[this.kind].ef, 2 * asked));
    const { neighbors, distances } = this.#native.searchKnn(point, asked);
    const hits = neighbors.flatMap((seq, i) => {
      const distance = distances[i];
      return distance === undefined || !this.#live.has(seq) ? [] : [{ seq, similarity: 1 - distance }];
    });
    return hits.slice(0, wanted);
  }

  /** Writes on another thread. @throws Error if the file cannot be written whole. */
  async write(file: string): Promise<void> {
    if (this.#isWriting) throw new Error("The graph is being written");
    const least = this.#startFile(file);
    this.#isWriting = true;
    try {
      await keeping(this.#native, () => this.#native.writeIndex(file));
    } finally {
      this.#isWriting = false;
      this.#markAll();
    }
    checkSize(file, least);
  }

  /**
   * Writes at once, also while `write` is at work on another file, which is then worth nothing.
   *
   * @throws Error if the file cannot be written whole.
   */
  writeNow(file: string): void {
    this.#markAll();
    const least = this.#startFile(file);
    this.#native.writeIndexSync(file);
    checkSize(file, least);
  }

  /** What `read` needs to know of a file written at the time of this call, or right after it. */
  facts(): GraphFacts {
    return { dimensions: this.#dimensions, kind: this.kind, deleted: [...this.#deleted] };
  }

  #setDeleted(deleted: readonly number[]): void {
    const wanted = new Set(deleted);
    for (const seq of this.#deleted) {
      if (wanted.has(seq)) continue;
      this.#native.unmarkDelete(seq);
      this.#deleted.delete(seq);
      this.#live.add(seq);
    }
    for (const seq of wanted) {
      if (!this.has(seq)) throw neverAdded(seq);
      this.remove(seq);
    }
  }

  #markAll(): void {
    for (const seq of this.#unmarked) this.#native.markDelete(seq);
    this.#unmarked.clear();
  }

  /** The library reports success whatever happens. This fails where the folder is missing or may not be written to. */
  #startFile(file: string): number {
    writeFileSync(file, "", { mode: 0o600 });
    const bytesEach = this.#dimensions * 4 + HNSW_SETTINGS[this.kind].m * 2 * 4;
    return this.#native.getCurrentCount() * bytesEach;
  }

  #toPoint(vector: Float32Array): number[] {
    return Array.from(toUnit(vector, this.#dimensions));
  }
}

export type GraphFacts = {
  readonly dimensions: number;
  readonly kind: VectorKind;
  /** In the graph and marked as deleted. */
  readonly deleted: readonly number[];
};

async function keeping(native: HierarchicalNSW, work: () => Promise<unknown>): Promise<void> {
  busy.add(native);
  try {
    await work();
  } finally {
    busy.delete(native);
  }
}

function checkSize(file: string, least: number): void {
  const { size } = statSync(file);
  if (size < least) throw new MemGPTError("storage_failed", `${file} has ${size} of at least ${least} bytes.`);
}

/** Room that is not used costs some 50 bytes for each vector: the rest of its memory is not written to yet. */
function withRoom(count: number): number {
  const more = Math.min(GRAPH_SIZE, Math.ceil(count * 1.5) + SMALLEST_CAPACITY);
  return Math.max(more, count + SMALLEST_CAPACITY);
}

function neverAdded(seq: number): RangeError {
  return new RangeError(`Row ${seq} was removed and never added`);
}

/** @throws RangeError if the library could not tell `seq` from another. */
export function checkLabel(seq: number): void {
  if (!Number.isInteger(seq) || seq < 0 || seq > HIGHEST_LABEL) {
    throw new RangeError(`Row ${seq} cannot be in the vector index`);
  }
}
