import { setImmediate } from "node:timers/promises";
import { ExactIndex } from "./exact-index.ts";
import { checkLabel } from "./hnsw-graph.ts";
import type { HnswShards } from "./hnsw-shards.ts";
import { type Neighbour, type VectorIndex, bySimilarity, toUnit } from "./vector-index.ts";

/** How long a slice of building may block the event loop; adding one vector takes up to 5 ms. */
const SLICE_MS = 5;

/**
 * Saving costs as much as adding 1/150 of the rewritten vectors, so it is worth it once this share of them is unsaved.
 */
const UNSAVED_SHARE = 1 / 20;
/** While building, saves are rarer: when at least this many vectors and half of those to write are unsaved. */
const UNSAVED_MANY = 20_000;

export type HnswIndexOptions = {
  readonly graph: HnswShards;
  readonly dimensions: number;
  /** Vectors that are not in the graph yet. The index takes ownership. */
  readonly pending?: ExactIndex | undefined;
  /** Saves the graph for the next start. Without it nothing is added to the graph, because that pays off only if saved. */
  readonly saver?: Saver | undefined;
  /** Whether the files lack a shard, so that the graph must be saved even if nothing is added. */
  readonly isIncomplete?: boolean | undefined;
  /** Called if building fails, after which the index must not be used. */
  readonly onError: (error: unknown) => void;
};

/** `missing`: vectors that are not in the graph yet. */
export type Saver = {
  /** Saves in the background: meanwhile the graph can be searched, but not added to. */
  readonly save: (graph: HnswShards, missing: Missing) => Promise<void>;
  /** Saves synchronously, before closing. Overrides a `save` in progress. */
  readonly saveNow: (graph: HnswShards, missing: Missing) => void;
  /** Cancels a `save` in progress. */
  readonly abandon: () => void;
};
export type Missing = Pick<ExactIndex, "lowest" | "size">;

/**
 * A graph, and beside it the vectors not yet in it, which are compared one by one. So every added vector is found at once,
 * while the graph is built in the background.
 */
export class HnswIndex implements VectorIndex {
  readonly #options: HnswIndexOptions;
  readonly #graph: HnswShards;
  readonly #pending: ExactIndex;
  #unsaved = 0;
  #isIncomplete: boolean;
  #closed = false;
  #building: Promise<void> | undefined;

  constructor(options: HnswIndexOptions) {
    this.#options = options;
    this.#graph = options.graph;
    this.#pending = options.pending ?? new ExactIndex(options.dimensions);
    this.#isIncomplete = options.isIncomplete ?? false;
    this.#buildIfNeeded();
  }

  get size(): number {
    return this.#graph.size + this.#pending.size;
  }

  /** Number of vectors not yet in the graph. */
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

  /**
   * The graph cannot filter by `among`, so it is asked for twice as many neighbours each time until enough of them qualify. If
   * only few vectors qualify, comparing with each is faster.
   */
  async search(vector: Float32Array, count: number, among?: ReadonlySet<number>): Promise<Neighbour[]> {
    const unit = toUnit(vector, this.#options.dimensions);
    const enough = Math.min(count, among?.size ?? count);
    const share = among === undefined ? 1 : Math.min(1, Math.max(1, among.size) / Math.max(1, this.size));
    for (let asked = Math.ceil(count / share); ; asked *= 2) {
      const nearest = this.#graph.search(unit, asked);
      const found = among === undefined ? nearest : nearest.filter(({ seq }) => among.has(seq));
      if (among === undefined || found.length >= enough || asked >= this.#graph.size) {
        // No await since the graph was searched: otherwise a vector could move from one to the other in between.
        const rest = await this.#pending.search(unit, count, among);
        return [...found, ...rest].sort(bySimilarity).slice(0, Math.max(0, count));
      }
      await setImmediate();
    }
  }

  /** Resolves when everything is in the graph, and saved if that is worth it, or when the index is closed. */
  async built(): Promise<void> {
    await this.#building;
  }

  /** Stops building, and saves what was built if that is worth it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#isWorthSaving()) this.#options.saver?.saveNow(this.#graph, this.#pending);
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
      // A vector revived while the graph was being written is pending, too. Adding it again would lose neighbours.
      if (!this.#graph.revive(next.seq, next.unit)) this.#graph.add(next.seq, next.unit);
      this.#unsaved += 1;
    } while (performance.now() < end);
  }

  async #save(saver: Saver): Promise<void> {
    const count = this.#unsaved;
    await saver.save(this.#graph, this.#pending);
    this.#unsaved -= count;
    this.#isIncomplete = false;
  }

  #isDue(): boolean {
    if (this.#pending.size === 0) return this.#isIncomplete || this.#isWorthSaving();
    return this.#unsaved >= UNSAVED_MANY && this.#unsaved >= this.#graph.unwritten / 2;
  }

  #isWorthSaving(): boolean {
    return this.#unsaved > 0 && this.#unsaved >= this.#graph.unwritten * UNSAVED_SHARE;
  }
}
