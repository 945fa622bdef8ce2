import { setImmediate } from "node:timers/promises";
import { ExactIndex } from "./exact-index.ts";
import { checkLabel, type HnswGraph } from "./hnsw-graph.ts";
import { type Neighbour, type VectorIndex, bySimilarity, toUnit } from "./vector-index.ts";

/** How long building may hold up everything else at a time; adding one vector takes up to 5 ms. */
const SLICE_MS = 5;

/** Saving costs as much as adding 1/150 of the graph anew, so it is worth it when this share is not saved. */
const UNSAVED_SHARE = 1 / 20;

export type HnswIndexOptions = {
  readonly graph: HnswGraph;
  readonly dimensions: number;
  /** Keeps the graph for the next start. Without it nothing is added to the graph: that pays off only if it is kept. */
  readonly save?: ((graph: HnswGraph) => void) | undefined;
  /** Called if building fails, after which the index must not be used. */
  readonly onError: (error: unknown) => void;
};

/**
 * A graph, and beside it the vectors that are not yet in the graph, which are compared one by one. So whatever was added
 * is found at once, while the graph is built in the background: from nothing, or from what a file lacks.
 */
export class HnswIndex implements VectorIndex {
  readonly #options: HnswIndexOptions;
  readonly #graph: HnswGraph;
  #pending: ExactIndex;
  #unsaved = 0;
  #closed = false;
  #building: Promise<void> | undefined;

  constructor(options: HnswIndexOptions) {
    this.#options = options;
    this.#graph = options.graph;
    this.#pending = new ExactIndex(options.dimensions);
  }

  get size(): number {
    return this.#graph.size + this.#pending.size;
  }

  /** How many vectors are not yet in the graph. */
  get pending(): number {
    return this.#pending.size;
  }

  seqs(): number[] {
    return [...this.#graph.seqs(), ...this.#pending.seqs()];
  }

  add(seq: number, vector: Float32Array): void {
    checkLabel(seq);
    const unit = toUnit(vector, this.#options.dimensions);
    this.remove(seq);
    if (this.#graph.revive(seq, unit)) return;
    this.#pending.add(seq, unit);
    if (this.#options.save !== undefined && !this.#closed) this.#building ??= this.#build();
  }

  remove(seq: number): void {
    this.#graph.remove(seq);
    this.#pending.remove(seq);
  }

  async search(vector: Float32Array, count: number): Promise<Neighbour[]> {
    const unit = toUnit(vector, this.#options.dimensions);
    // Both before anything is awaited, or a vector could move from one to the other in between.
    const found = this.#graph.search(unit, count);
    const rest = await this.#pending.search(unit, count);
    return [...found, ...rest].sort(bySimilarity).slice(0, Math.max(0, count));
  }

  /** Resolves when everything is in the graph, or the index is closed. */
  async built(): Promise<void> {
    await this.#building;
  }

  /** Stops building, and saves what was built if that is worth it. @throws Error if it cannot be saved. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#saveIfDue();
  }

  async #build(): Promise<void> {
    try {
      do await setImmediate();
      while (!this.#closed && this.#buildSlice());
      this.#saveIfDue();
    } catch (error) {
      this.#options.onError(error);
    } finally {
      this.#building = undefined;
    }
  }

  /** @returns whether there is more to do. */
  #buildSlice(): boolean {
    const end = performance.now() + SLICE_MS;
    do {
      const next = this.#pending.pop();
      if (next === undefined) {
        // A new one, because its memory has grown with what was pending.
        this.#pending = new ExactIndex(this.#options.dimensions);
        return false;
      }
      this.#graph.add(next.seq, next.unit);
      this.#unsaved += 1;
    } while (performance.now() < end);
    return true;
  }

  #saveIfDue(): void {
    if (this.#unsaved === 0 || this.#unsaved < this.#graph.size * UNSAVED_SHARE) return;
    this.#options.save?.(this.#graph);
    this.#unsaved = 0;
  }
}
