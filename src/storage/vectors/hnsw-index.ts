import { setImmediate } from "node:timers/promises";
import { ExactIndex } from "./exact-index.ts";
import { checkLabel, type HnswGraph } from "./hnsw-graph.ts";
import { type Neighbour, type VectorIndex, bySimilarity, toUnit } from "./vector-index.ts";

/** How long building may hold up everything else at a time; adding one vector takes up to 5 ms. */
const SLICE_MS = 5;

/** Saving costs as much as adding 1/150 of the graph anew, so it is worth it when this share is not saved. */
const UNSAVED_SHARE = 1 / 20;
/** In the middle of building it is worth it less often: when so many, and half of the graph, would be lost in a crash. */
const UNSAVED_MANY = 20_000;

export type HnswIndexOptions = {
  readonly graph: HnswGraph;
  readonly dimensions: number;
  /** What is not in the graph yet. It belongs to this index from now on. */
  readonly pending?: ExactIndex | undefined;
  /** Keeps the graph for the next start. Without it nothing is added to the graph: that pays off only if it is kept. */
  readonly saver?: Saver | undefined;
  /** Called if building fails, after which the index must not be used. */
  readonly onError: (error: unknown) => void;
};

/** `before`: all rows that are missing in the graph have this number or a higher one. */
export type Saver = {
  /** Holds up nothing: the graph is searched meanwhile, and not added to. */
  readonly save: (graph: HnswGraph, before: number) => Promise<void>;
  /** For the end. Overtakes a `save` that is under way. */
  readonly saveNow: (graph: HnswGraph, before: number) => void;
  /** What is being saved is of no use any more. */
  readonly abandon: () => void;
};

/**
 * A graph, and beside it the vectors that are not yet in the graph, which are compared one by one. So whatever was added
 * is found at once, while the graph is built in the background: from nothing, or from what a file lacks.
 */
export class HnswIndex implements VectorIndex {
  readonly #options: HnswIndexOptions;
  readonly #graph: HnswGraph;
  readonly #pending: ExactIndex;
  #unsaved = 0;
  #closed = false;
  #building: Promise<void> | undefined;

  constructor(options: HnswIndexOptions) {
    this.#options = options;
    this.#graph = options.graph;
    this.#pending = options.pending ?? new ExactIndex(options.dimensions);
    this.#buildIfNeeded();
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
    this.#buildIfNeeded();
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

  /** Resolves when everything is in the graph and saved if that is worth it, or the index is closed. */
  async built(): Promise<void> {
    await this.#building;
  }

  /** Stops building, and saves what was built if that is worth it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#isWorthSaving()) this.#options.saver?.saveNow(this.#graph, this.#pending.lowest);
  }

  /** Stops building and saves nothing. */
  discard(): void {
    this.#closed = true;
    this.#options.saver?.abandon();
  }

  #buildIfNeeded(): void {
    if (this.#options.saver === undefined || this.#closed || this.#pending.size === 0) return;
    this.#building ??= this.#build(this.#options.saver);
  }

  async #build(saver: Saver): Promise<void> {
    try {
      await setImmediate();
      while (!this.#closed && this.#pending.size > 0) {
        this.#buildSlice();
        if (this.#isDue()) await this.#save(saver);
        else if (this.#pending.size > 0) await setImmediate();
      }
    } catch (error) {
      if (!this.#closed) this.#options.onError(error);
    } finally {
      this.#building = undefined;
    }
  }

  #buildSlice(): void {
    const end = performance.now() + SLICE_MS;
    do {
      const next = this.#pending.pop();
      if (next === undefined) return;
      this.#graph.add(next.seq, next.unit);
      this.#unsaved += 1;
    } while (performance.now() < end);
  }

  async #save(saver: Saver): Promise<void> {
    const count = this.#unsaved;
    await saver.save(this.#graph, this.#pending.lowest);
    this.#unsaved -= count;
  }

  #isDue(): boolean {
    if (this.#pending.size === 0) return this.#isWorthSaving();
    return this.#unsaved >= UNSAVED_MANY && this.#unsaved >= this.#graph.size / 2;
  }

  #isWorthSaving(): boolean {
    return this.#unsaved > 0 && this.#unsaved >= this.#graph.size * UNSAVED_SHARE;
  }
}
