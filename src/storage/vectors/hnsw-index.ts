import { setImmediate } from "node:timers/promises";
import { ExactIndex } from "./exact-index.ts";
import { checkLabel } from "./hnsw-graph.ts";
import type { HnswShards } from "./hnsw-shards.ts";
import { type Neighbour, type VectorIndex, bySimilarity, toUnit } from "./vector-index.ts";

/** How long building may hold up everything else at a time; adding one vector takes up to 5 ms. */
const SLICE_MS = 5;

/**
 * Saving costs as much as adding 1/150 of what is rewritten, so it is worth it when this share of what would be written is
 * not saved.
 */
const UNSAVED_SHARE = 1 / 20;
/** While the index is being built it is saved less often: when a crash would lose this many vectors and half of those written. */
const UNSAVED_MANY = 20_000;

export type HnswIndexOptions = {
  readonly graph: HnswShards;
  readonly dimensions: number;
  /** What is not in the graph yet. It belongs to this index from now on. */
  readonly pending?: ExactIndex | undefined;
  /** Keeps the graph for the next start. Without it nothing is added to the graph: that pays off only if it is kept. */
  readonly saver?: Saver | undefined;
  /** Whether the files lack a shard that was in them: without being saved the graph would lack it at the next start too. */
  readonly isLacking?: boolean | undefined;
  /** Called if building fails, after which the index must not be used. */
  readonly onError: (error: unknown) => void;
};

/** `missing`: what is not in the graph yet. */
export type Saver = {
  /** Holds up nothing: the graph is searched meanwhile, and not added to. */
  readonly save: (graph: HnswShards, missing: Missing) => Promise<void>;
  /** For the end. Overtakes a `save` that is under way. */
  readonly saveNow: (graph: HnswShards, missing: Missing) => void;
  /** What is being saved is of no use any more. */
  readonly abandon: () => void;
};
export type Missing = Pick<ExactIndex, "lowest" | "size">;

/**
 * A graph, and beside it the vectors that are not yet in the graph, which are compared one by one. So whatever was added
 * is found at once, while the graph is built in the background: from nothing, or from what a file lacks.
 */
export class HnswIndex implements VectorIndex {
  readonly #options: HnswIndexOptions;
  readonly #graph: HnswShards;
  readonly #pending: ExactIndex;
  #unsaved = 0;
  #isLacking: boolean;
  #closed = false;
  #building: Promise<void> | undefined;

  constructor(options: HnswIndexOptions) {
    this.#options = options;
    this.#graph = options.graph;
    this.#pending = options.pending ?? new ExactIndex(options.dimensions);
    this.#isLacking = options.isLacking ?? false;
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

  /**
   * The graph knows nothing of `among`, so it is asked for more neighbours, twice as many each time, until enough of them
   * qualify. If only few vectors qualify, comparing with each is quicker.
   */
  async search(vector: Float32Array, count: number, among?: ReadonlySet<number>): Promise<Neighbour[]> {
    const unit = toUnit(vector, this.#options.dimensions);
    const enough = Math.min(count, among?.size ?? count);
    const share = among === undefined ? 1 : Math.min(1, Math.max(1, among.size) / Math.max(1, this.size));
    for (let asked = Math.ceil(count / share); ; asked *= 2) {
      const nearest = this.#graph.search(unit, asked);
      const found = among === undefined ? nearest : nearest.filter(({ seq }) => among.has(seq));
      if (among === undefined || found.length >= enough || asked >= this.#graph.size) {
        // Nothing is awaited since the graph was asked, or a vector could move from one to the other in between.
        const rest = await this.#pending.search(unit, count, among);
        return [...found, ...rest].sort(bySimilarity).slice(0, Math.max(0, count));
      }
      await setImmediate();
    }
  }

  /** Resolves when everything is in the graph and saved if that is worth it, or the index is closed. */
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
      // One that came back while the graph was written waits here, too. Added over itself it would lose neighbours.
      if (!this.#graph.revive(next.seq, next.unit)) this.#graph.add(next.seq, next.unit);
      this.#unsaved += 1;
    } while (performance.now() < end);
  }

  async #save(saver: Saver): Promise<void> {
    const count = this.#unsaved;
    await saver.save(this.#graph, this.#pending);
    this.#unsaved -= count;
    this.#isLacking = false;
  }

  #isDue(): boolean {
    if (this.#pending.size === 0) return this.#isLacking || this.#isWorthSaving();
    return this.#unsaved >= UNSAVED_MANY && this.#unsaved >= this.#graph.unwritten / 2;
  }

  #isWorthSaving(): boolean {
    return this.#unsaved > 0 && this.#unsaved >= this.#graph.unwritten * UNSAVED_SHARE;
  }
}
