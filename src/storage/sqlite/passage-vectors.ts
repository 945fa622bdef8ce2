import { rmSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { describe } from "../../errors.ts";
import { knowsMeanings } from "../../schema/embedding.ts";
import type { Collection } from "../../schema/collection.ts";
import type { Embedding } from "../../schema/passage.ts";
import type { VectorIndexInfo } from "../../ports/maintenance.ts";
import { SqliteCollection } from "./collection.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import { ExactIndex } from "../vectors/exact-index.ts";
import { Follower, PORTION, addTo } from "./follower.ts";
import { shardFiles, temporaryFiles } from "../vectors/graph-files.ts";
import type { HnswLibrary } from "../vectors/hnsw-graph.ts";
import { HnswIndex } from "../vectors/hnsw-index.ts";
import { HnswShards } from "../vectors/hnsw-shards.ts";
import { indexInfo } from "./index-info.ts";
import { type GraphOptions, type GraphState, PassageGraphs, graphFrom } from "./passage-graphs.ts";
import { type StoredRange, VectorRows } from "./vector-rows.ts";
import { type Neighbour, type VectorIndex, bySimilarity } from "../vectors/vector-index.ts";

/** Number of passages added without a search after which the index is built in the background. */
const MANY = 1000;

export type PassageVectorsOptions = GraphOptions & {
  /** For tests. */
  readonly graphFrom?: number | undefined;
};

/** The index, or a promise to await before the next attempt. */
type Progress = { readonly index: VectorIndex | undefined } | { readonly wait: Promise<unknown> };

/**
 * The vector index of a database's passages, loaded on first use and kept equal to the `passages` table (see follower.ts): an exact
 * index, or graphs once there are enough vectors. The collection, which may be rebuilt meanwhile, gives the vectors' model and
 * length.
 */
export class PassageVectors {
  readonly collection: SqliteCollection;
  readonly #db: Database;
  readonly #rows: VectorRows;
  readonly #options: PassageVectorsOptions;
  readonly #graphs: PassageGraphs;
  /** Whether graphs are unavailable. */
  #isExactOnly = false;
  #opening: Promise<void> | undefined;
  #index: ExactIndex | HnswIndex | undefined;
  /** The collection of the index. */
  #of: Collection | undefined;
  readonly #follower: Follower;
  /** SQLite's `data_version` when the index was last made equal to the table; undefined if it may differ. */
  #version: unknown;
  /** Number of passages added since the index was last used. */
  #unasked = 0;
  #isClosed = false;

  constructor(db: Database, options: PassageVectorsOptions) {
    this.#db = db;
    this.#rows = new VectorRows(db);
    this.#follower = new Follower(this.#rows, options.notify);
    this.#options = options;
    this.#graphs = new PassageGraphs(db, { ...options, position: () => this.#follower.position });
    this.collection = new SqliteCollection(db, options.notify);
  }

  /**
   * The passages in the range with the most similar vectors; none, with a notice, if the collection is of another model.
   */
  async nearest(embedding: Embedding, count: number, range?: StoredRange): Promise<Neighbour[]> {
    try {
      return await this.#nearest(embedding, count, range);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#options.notify(
        `Archival memory was searched by words only, since the query has no usable vector (${error.message}). ` +
          "If the embedding has changed, `memgpt reindex NAME` re-embeds all of it.",
      );
      return [];
    }
  }

  /** The index, if the collection has vectors and they are of `model`. @throws MemGPTError `storage_failed`. */
  async index(model: string): Promise<VectorIndex | undefined> {
    for (;;) {
      // In one transaction, so that the collection and its vectors are consistent.
      const progress = guarded(this.#db, () => this.#db.transaction(() => this.#advance(model)).deferred());
      if ("index" in progress) return progress.index;
      await progress.wait;
    }
  }

  /** Starts reading the graph, if there is one. Resolves when only another thread is still busy with it. */
  async prepare(model: string): Promise<void> {
    if (this.#index !== undefined || !guarded(this.#db, () => this.#usesGraph())) return;
    void this.index(model).catch(() => undefined);
    await this.#graphs.checked;
  }

  /** Describes the index without loading or building it. */
  async info(): Promise<VectorIndexInfo> {
    const hasGraph = guarded(this.#db, () => this.#wantsGraph()) && (await this.#loadLibrary()) !== undefined;
    const described = (): VectorIndexInfo => {
      const collection = this.collection.current();
      const file = collection === undefined ? undefined : this.#graphs.file(collection);
      return indexInfo(this.#db, { collection, rows: this.#rows, file, hasGraph });
    };
    return guarded(this.#db, () => this.#db.transaction(described).deferred());
  }

  /** Resolves when the index has all passages, and its graph, if it needs one, is saved. */
  async built(): Promise<void> {
    const model = guarded(this.#db, () => this.collection.current()?.model);
    const index = model === undefined ? undefined : await this.index(model);
    if (index instanceof HnswIndex) await index.built();
  }

  /** Must be called after a passage was added to the table. */
  added(seq: number, vector: Float32Array): void {
    const index = isDeepStrictEqual(this.#of, this.collection.current()) ? this.#index : undefined;
    if (index === undefined || !this.#follower.addNext(index, seq, vector)) this.changed();
    this.#unasked += 1;
    if (this.#unasked % MANY === 0 && this.#wantsGraph()) this.#followInBackground();
  }

  /** Must be called after rows of the table were retracted or restored. */
  changed(): void {
    this.#version = undefined;
  }

  /** Drops the index and its files, after rows were removed for good. */
  reset(): void {
    if (this.#of !== undefined) this.#begin(this.#of);
    const { file } = this.#options;
    for (const path of [...shardFiles(file), ...temporaryFiles(file)]) rmSync(path, { force: true });
  }

  /** Saves a graph if that is worthwhile. Must be called while the database is still open. */
  close(): void {
    this.#isClosed = true;
    if (this.#index instanceof HnswIndex) this.#index.close();
    this.#index = undefined;
  }

  async #nearest(embedding: Embedding, count: number, range: StoredRange | undefined): Promise<Neighbour[]> {
    const { model, vector } = embedding;
    const among = range === undefined ? undefined : await this.#within(range, model);
    if (among !== undefined && among.size <= this.#graphFrom && guarded(this.#db, () => this.#usesGraph())) {
      return (await this.#compareStored(embedding, count, among)) ?? (await this.#nearest(embedding, count, range));
    }
    const index = await this.index(model);
    return index === undefined ? [] : await index.search(vector, count, among);
  }

  /** The passages in the range; none if the collection is of another model. */
  async #within(range: StoredRange, model: string): Promise<ReadonlySet<number>> {
    return guarded(this.#db, () => this.#usable(model)) === undefined ? new Set() : await this.#rows.within(range);
  }

  /** Compares with vectors read from the table in portions. Undefined if they were rebuilt meanwhile. */
  async #compareStored(
    { model, vector }: Embedding,
    count: number,
    among: ReadonlySet<number>,
  ): Promise<Neighbour[] | undefined> {
    const collection = guarded(this.#db, () => this.#usable(model));
    const seqs = [...among];
    let best: Neighbour[] = [];
    for (let start = 0; start < seqs.length; start += PORTION) {
      const portion = seqs.slice(start, start + PORTION);
      const rows = guarded(this.#db, () =>
        this.#db.transaction(() => this.#stored(portion, model, collection)).deferred(),
      );
      if (rows === undefined) return undefined;
      best = [...best, ...(await rows.search(vector, count))].sort(bySimilarity).slice(0, count);
      await setImmediate();
    }
    return best;
  }

  #stored(seqs: readonly number[], model: string, of: Collection | undefined): ExactIndex | undefined {
    if (of === undefined || !isDeepStrictEqual(this.#usable(model), of)) return undefined;
    const rows = new ExactIndex(of.dimensions);
    for (const row of this.#rows.some(seqs)) addTo(rows, row, this.#options.notify);
    return rows;
  }

  get #graphFrom(): number {
    return this.#options.graphFrom ?? graphFrom(this.collection.current()?.model);
  }

  #wantsGraph(): boolean {
    return this.#rows.count() >= this.#graphFrom;
  }

  #usesGraph(): boolean {
    return !this.#isExactOnly && this.#wantsGraph();
  }

  /** The collection, if it has vectors and they are of `model`. */
  #usable(model: string): Collection | undefined {
    const collection = this.collection.current();
    return this.#isClosed || !this.collection.accepts(model) || collection?.model !== model ? undefined : collection;
  }

  #followInBackground(): void {
    const model = this.collection.current()?.model;
    // Spelling vectors are rarely used, and building their graph takes minutes. What fails here fails again in the next search,
    // which reports it.
    if (model !== undefined && knowsMeanings(model)) void this.index(model).catch(() => undefined);
  }

  #advance(model: string): Progress {
    const collection = this.#usable(model);
    if (collection === undefined) return { index: undefined };
    const of = isDeepStrictEqual(this.#of, collection) ? (this.#of ?? collection) : this.#begin(collection);
    const usesGraph = this.#usesGraph();
    if (this.#index === undefined && usesGraph) return { wait: this.#open(of) };
    this.#index ??= new ExactIndex(collection.dimensions);
    // Changes when another connection has written.
    const version = this.#db.pragma("data_version", { simple: true });
    if (version !== this.#version) {
      if (!this.#follower.follow(this.#index)) return { wait: setImmediate() };
      this.#version = version;
    }
    this.#unasked = 0;
    if (this.#index instanceof HnswIndex || !usesGraph) return { index: this.#index };
    return this.#grow(this.#index, of);
  }

  /** Starts with an empty index of another collection. */
  #begin(collection: Collection): Collection {
    if (this.#index instanceof HnswIndex) this.#index.discard();
    this.#index = undefined;
    this.#opening = undefined;
    this.#of = collection;
    this.#follower.begin();
    this.changed();
    return collection;
  }

  /** Loads the graph from its file; without one, starts with an exact index. */
  #open(collection: Collection): Promise<void> {
    this.#opening ??= (async () => {
      const saved = await this.#graphs.read(collection);
      await this.#loadLibrary();
      if (this.#isClosed || this.#of !== collection || this.#index !== undefined) return;
      if (saved === undefined) {
        this.#index = new ExactIndex(collection.dimensions);
        return;
      }
      this.#index = this.#indexOf(saved.graph, collection, { isIncomplete: saved.isIncomplete });
      this.#follower.goOnFrom(saved.position);
      this.changed();
    })().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Starts building a graph from the vectors of an exact index. */
  #grow(pending: ExactIndex, collection: Collection): Progress {
    if (this.#options.readonly === true) return { index: pending };
    const create = (library: HnswLibrary | undefined): void => {
      if (library === undefined || this.#isClosed || this.#index !== pending) return;
      const { dimensions } = collection;
      const { shardSize } = this.#options;
      const graph = new HnswShards({ library, dimensions, kind: this.#rows.kind(), expected: pending.size, shardSize });
      this.#index = this.#indexOf(graph, collection, { pending });
    };
    const wait = this.#loadLibrary().then(create);
    return {
      wait: wait.catch((error: unknown) => {
        this.#giveUp(error);
      }),
    };
  }

  #indexOf(graph: HnswShards, collection: Collection, state: GraphState): HnswIndex {
    const index: HnswIndex = this.#graphs.indexOf(graph, collection, state, (error) => {
      if (this.#index === index) this.#giveUp(error);
    });
    return index;
  }

  async #loadLibrary(): Promise<HnswLibrary | undefined> {
    const library = await this.#graphs.library();
    this.#isExactOnly ||= library === undefined;
    return library;
  }

  #giveUp(error: unknown): void {
    this.#isExactOnly = true;
    this.#index = undefined;
    this.#of = undefined;
    this.#options.notify(
      `The vector index cannot be built (${describe(error)}), so archival search compares with every passage.`,
    );
  }
}
