import { statSync, writeFileSync } from "node:fs";
import type { HierarchicalNSW } from "hnswlib-node";
import { MemGPTError } from "../../errors.ts";
import { type Neighbour, toUnit } from "./vector-index.ts";

/** The native package, an optional dependency. */
export type HnswLibrary = { readonly HierarchicalNSW: typeof HierarchicalNSW };
export type LoadHnsw = () => Promise<HnswLibrary>;

export const loadHnsw: LoadHnsw = async () => (await import("hnswlib-node")).default;

/**
 * Chosen for what is hardest: the 1,024-dimensional hashed n-grams of the built-in embedder. recall@10 is 0.997 at 20,000
 * and 0.999 at 48,000 passages, where a search takes 4 to 5 ms and adding a vector 3 to 4 ms. M 16 with efConstruction
 * 200 builds twice as fast and stays below 0.99. `npm run bench -- hnsw` measures it.
 */
export const HNSW_SETTINGS = { m: 32, efConstruction: 400, ef: 400 } as const;

const METRIC = "ip";
const SMALLEST_CAPACITY = 1024;
const HIGHEST_LABEL = 2 ** 32 - 1;

/**
 * The graph of hnswlib-node, whose mistakes end the process. So this file alone talks to it, and:
 *
 * - every vector is finite, of the right length and of length 1 before the library sees it, in an array without holes;
 * - labels are checked, since the library cuts them to 32 bits;
 * - files are read into new instances only, and only after `hnsw-file.ts` has compared their checksum;
 * - only its synchronous calls are used, so that no two operations overlap and nothing is collected in the middle of one;
 * - what is stored and what is deleted is known here, so that no label is deleted, revived or looked up in vain;
 * - no filter is ever passed, since one that throws ends the process.
 *
 * Deleted vectors stay in the graph, where searches pass through them without returning them.
 */
export class HnswGraph {
  readonly #native: HierarchicalNSW;
  readonly #dimensions: number;
  readonly #live: Set<number>;
  readonly #deleted = new Set<number>();

  /** @param expected how many vectors there will be: growing later copies everything, in one go. */
  static create(library: HnswLibrary, dimensions: number, expected = 0): HnswGraph {
    const native = new library.HierarchicalNSW(METRIC, dimensions);
    const { m, efConstruction } = HNSW_SETTINGS;
    native.initIndex({ maxElements: withRoom(expected), m, efConstruction });
    return new HnswGraph(native, dimensions);
  }

  /** Reads a file that `write` wrote, byte for byte: anything else may end the process. @throws Error */
  static read(library: HnswLibrary, dimensions: number, file: string): HnswGraph {
    const native = new library.HierarchicalNSW(METRIC, dimensions);
    native.readIndexSync(file);
    return new HnswGraph(native, dimensions);
  }

  private constructor(native: HierarchicalNSW, dimensions: number) {
    this.#native = native;
    this.#dimensions = dimensions;
    this.#live = new Set(native.getIdsList());
  }

  get size(): number {
    return this.#live.size;
  }

  seqs(): number[] {
    return [...this.#live];
  }

  add(seq: number, vector: Float32Array): void {
    checkLabel(seq);
    const point = this.#toPoint(vector);
    const count = this.#native.getCurrentCount();
    if (count >= this.#native.getMaxElements() && !this.#live.has(seq) && !this.#deleted.has(seq)) {
      this.#native.resizeIndex(withRoom(count));
    }
    this.#native.addPoint(point, seq);
    this.#deleted.delete(seq);
    this.#live.add(seq);
  }

  /** Unknown numbers are ignored. */
  remove(seq: number): void {
    if (!this.#live.delete(seq)) return;
    this.#native.markDelete(seq);
    this.#deleted.add(seq);
  }

  /** Takes back the removal of `seq`, if it was removed with this very vector. @returns whether it was. */
  revive(seq: number, vector: Float32Array): boolean {
    if (!this.#deleted.has(seq)) return false;
    const point = this.#toPoint(vector);
    this.#native.unmarkDelete(seq);
    const stored = this.#native.getPoint(seq);
    if (!point.every((value, i) => value === stored[i])) {
      this.#native.markDelete(seq);
      return false;
    }
    this.#deleted.delete(seq);
    this.#live.add(seq);
    return true;
  }

  search(vector: Float32Array, count: number): Neighbour[] {
    const point = this.#toPoint(vector);
    const wanted = Math.min(Math.floor(count), this.#live.size);
    if (!(wanted >= 1)) return [];
    this.#native.setEf(Math.max(HNSW_SETTINGS.ef, 2 * wanted));
    const { neighbors, distances } = this.#native.searchKnn(point, wanted);
    return neighbors.flatMap((seq, i) => {
      const distance = distances[i];
      return distance === undefined || !this.#live.has(seq) ? [] : [{ seq, similarity: 1 - distance }];
    });
  }

  /** @throws Error if the file cannot be written whole. */
  write(file: string): void {
    // The library reports success whatever happens. This fails where the folder is missing or may not be written to.
    writeFileSync(file, "", { mode: 0o600 });
    // Which rows are live is the database's to say, so the file holds no marks of deletion.
    for (const seq of this.#deleted) this.#native.unmarkDelete(seq);
    this.#native.writeIndexSync(file);
    for (const seq of this.#deleted) this.#native.markDelete(seq);
    const { size } = statSync(file);
    const least = this.#native.getCurrentCount() * (this.#dimensions * 4 + HNSW_SETTINGS.m * 2 * 4);
    if (size < least) throw new MemGPTError("storage_failed", `${file} has ${size} of at least ${least} bytes.`);
  }

  #toPoint(vector: Float32Array): number[] {
    return Array.from(toUnit(vector, this.#dimensions));
  }
}

/** Memory that is not written to yet costs nothing. */
function withRoom(count: number): number {
  return Math.min(HIGHEST_LABEL, Math.ceil(count * 1.5) + SMALLEST_CAPACITY);
}

/** @throws RangeError if the library could not tell `seq` from another. */
export function checkLabel(seq: number): void {
  if (!Number.isInteger(seq) || seq < 0 || seq > HIGHEST_LABEL) {
    throw new RangeError(`Row ${seq} cannot be in the vector index`);
  }
}
