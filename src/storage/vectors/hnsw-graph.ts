import { statSync, writeFileSync } from "node:fs";
import type { HierarchicalNSW } from "hnswlib-node";
import { MemGPTError } from "../../errors.ts";
import { type Neighbour, toUnit } from "./vector-index.ts";

/** The native package, an optional dependency. */
export type HnswLibrary = { readonly HierarchicalNSW: typeof HierarchicalNSW };
export type LoadHnsw = () => Promise<HnswLibrary>;

export const loadHnsw: LoadHnsw = async () => (await import("hnswlib-node")).default;

/**
 * Settings by kind of vector, for a recall@10 of at least 0.99 (`npm run bench -- hnsw` measures it).
 *
 * - dense: neural models. 0.9945 for 100,000 clustered vectors of 384 dimensions.
 * - sparse: many zeros, like the hashed n-grams of the built-in embedder. Neighbours are far apart, which takes more links
 *   and candidates: 0.999 for 20,000 and 0.995 for 100,000 vectors of 1,024 dimensions.
 */
export const HNSW_SETTINGS = {
  dense: { m: 16, efConstruction: 200, ef: 400 },
  sparse: { m: 24, efConstruction: 200, ef: 600 },
} as const;
export type VectorKind = keyof typeof HNSW_SETTINGS;

/** The kind of graph that suits these vectors. */
export function kindOf(vectors: readonly Float32Array[]): VectorKind {
  let [zeros, all] = [0, 0];
  for (const vector of vectors) {
    for (const value of vector) if (value === 0) zeros += 1;
    all += vector.length;
  }
  return zeros > all / 2 ? "sparse" : "dense";
}

/**
 * Bytes per vector besides its components and links: a lock, a level, a pointer and a mark, each with half as much spare room,
 * and the row number in two maps.
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

/** Most vectors of a graph: with more, recall falls below 0.99, and adding takes longer. */
export const GRAPH_SIZE = 100_000;
const METRIC = "ip";
const SMALLEST_CAPACITY = 1024;
const HIGHEST_LABEL = 2 ** 32 - 1;

/** Graphs in use by another thread, which must not be garbage-collected meanwhile: that would crash the process. */
const busy = new Set<HierarchicalNSW>();

/**
 * A graph of hnswlib-node, which crashes the process when misused. So only this file calls it, and:
 *
 * - every vector is checked to be finite and normalised to length 1, in an array without holes;
 * - labels are checked, since the library truncates them to 32 bits;
 * - files are read only into new instances, and only after `hnsw-file.ts` has compared their checksum;
 * - while a file is read or written on another thread, the instance is protected from garbage collection and does not change:
 *   additions are refused and deletion marks wait; searching and writing only read;
 * - this class tracks what is stored and deleted, so that no unknown label is deleted, revived or looked up;
 * - no filter is ever passed, since a filter that throws crashes the process.
 *
 * Deleted vectors stay in the graph; searches pass through them without returning them.
 */
export class HnswGraph {
  readonly kind: VectorKind;
  readonly #native: HierarchicalNSW;
  readonly #dimensions: number;
  /** All rows in the graph. Read when first needed: searches, which often come first, do without. */
  #rows: Set<number> | undefined;
  readonly #deleted: Set<number>;
  /** Deleted, but not yet marked so in the library. */
  readonly #unmarked = new Set<number>();
  #isWriting = false;
  #additions = 0;

  /** @param expected Expected number of vectors: growing later copies everything at once. */
  static create(library: HnswLibrary, dimensions: number, kind: VectorKind, expected = 0): HnswGraph {
    const native = new library.HierarchicalNSW(METRIC, dimensions);
    const { m, efConstruction } = HNSW_SETTINGS[kind];
    native.initIndex({ maxElements: withRoom(expected), m, efConstruction });
    return new HnswGraph(native, { dimensions, kind, deleted: [] });
  }

  /**
   * Reads a file exactly as `write` wrote it: anything else may crash the process.
   *
   * @param of The graph's facts when writing began.
   * @param deleted What is deleted now.
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
    this.#deleted = new Set(deleted);
    for (const seq of deleted) if (!this.has(seq)) throw neverAdded(seq);
  }

  get size(): number {
    return this.count - this.#deleted.size;
  }

  seqs(): number[] {
    return [...this.#all].filter((seq) => !this.#deleted.has(seq));
  }

  /** Number of removed vectors that are still in the graph. */
  get removed(): number {
    return this.#deleted.size;
  }

  /** Number of vectors in the graph, including removed ones. */
  get count(): number {
    return this.#native.getCurrentCount();
  }

  /** Number of additions since the graph was created or read. */
  get additions(): number {
    return this.#additions;
  }

  /** Whether `seq` is in the graph, removed or not. */
  has(seq: number): boolean {
    return this.#all.has(seq);
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
    this.#rows?.add(seq);
  }

  /** Unknown numbers are ignored. */
  remove(seq: number): void {
    if (this.#deleted.has(seq) || !this.has(seq)) return;
    if (this.#isWriting) this.#unmarked.add(seq);
    else this.#native.markDelete(seq);
    this.#deleted.add(seq);
  }

  /** Undoes the removal of `seq` if its vector is the same. @returns whether it was. */
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
    return true;
  }

  search(vector: Float32Array, count: number): Neighbour[] {
    const point = this.#toPoint(vector);
    const most = Math.min(Math.floor(count), this.size);
    if (!(most >= 1)) return [];
    const asked = most + this.#unmarked.size;
    this.#native.setEf(Math.max(HNSW_SETTINGS[this.kind].ef, 2 * asked));
    const { neighbors, distances } = this.#native.searchKnn(point, asked);
    const hits = neighbors.flatMap((seq, i) => {
      const distance = distances[i];
      return distance === undefined || this.#deleted.has(seq) ? [] : [{ seq, similarity: 1 - distance }];
    });
    return hits.slice(0, most);
  }

  /** Writes on another thread. @throws Error if the file cannot be written completely. */
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
   * Writes synchronously, even while `write` is writing another file, which is then useless.
   *
   * @throws Error if the file cannot be written completely.
   */
  writeNow(file: string): void {
    this.#markAll();
    const least = this.#startFile(file);
    this.#native.writeIndexSync(file);
    checkSize(file, least);
  }

  /** What `read` needs to know about a file written now. */
  facts(): GraphFacts {
    return { dimensions: this.#dimensions, kind: this.kind, deleted: [...this.#deleted] };
  }

  get #all(): Set<number> {
    return (this.#rows ??= new Set(this.#native.getIdsList()));
  }

  #setDeleted(deleted: readonly number[]): void {
    const target = new Set(deleted);
    for (const seq of this.#deleted) {
      if (target.has(seq)) continue;
      this.#native.unmarkDelete(seq);
      this.#deleted.delete(seq);
    }
    for (const seq of target) {
      if (!this.has(seq)) throw neverAdded(seq);
      this.remove(seq);
    }
  }

  #markAll(): void {
    for (const seq of this.#unmarked) this.#native.markDelete(seq);
    this.#unmarked.clear();
  }

  /** Creates the file, to fail if the folder is missing or read-only: the library always reports success. @returns its least size. */
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

/** Spare room costs about 50 bytes per vector: the rest of its memory is not touched yet. */
function withRoom(count: number): number {
  return Math.max(Math.min(GRAPH_SIZE, Math.ceil(count * 1.5) + SMALLEST_CAPACITY), count + SMALLEST_CAPACITY);
}

function neverAdded(seq: number): RangeError {
  return new RangeError(`Row ${seq} was removed and never added`);
}

/** @throws RangeError if `seq` does not fit in the library's labels. */
export function checkLabel(seq: number): void {
  if (!Number.isInteger(seq) || seq < 0 || seq > HIGHEST_LABEL) {
    throw new RangeError(`Row ${seq} cannot be in the vector index`);
  }
}
