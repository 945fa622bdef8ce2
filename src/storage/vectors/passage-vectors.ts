import { isDeepStrictEqual } from "node:util";
import { describe } from "../../errors.ts";
import type { Collection } from "../../schema/collection.ts";
import type { Embedding } from "../../schema/passage.ts";
import { SqliteCollection, unusable } from "../sqlite/collection.ts";
import { guarded } from "../sqlite/database.ts";
import type { Database } from "../sqlite/load-sqlite.ts";
import { ExactIndex } from "./exact-index.ts";
import { type Header, HnswFile } from "./hnsw-file.ts";
import { HnswGraph, type HnswLibrary, type LoadHnsw, loadHnsw } from "./hnsw-graph.ts";
import { HnswIndex } from "./hnsw-index.ts";
import type { Neighbour, VectorIndex } from "./vector-index.ts";

/**
 * From how many passages on the graph is used. Comparing with 20,000 vectors of 1,024 dimensions takes about 30 ms, which
 * nobody notices in a turn, and needs neither a file nor a minute of building.
 */
const GRAPH_FROM = 20_000;

const HEADER_KEY = "archival.hnsw";

export type PassageVectorsOptions = {
  /** Path of `archival.hnsw`. */
  readonly file: string;
  readonly readonly?: boolean | undefined;
  /** For tests. */
  readonly graphFrom?: number | undefined;
  readonly load?: LoadHnsw | undefined;
};

/**
 * The vector index of a database's passages, loaded when it is first needed and kept equal to the `passages` table, which
 * is the source of truth: which rows are live is asked of it at every load, and after every change that was not an addition.
 * Which model made the vectors, and so how long they are, is asked of the collection, as it may be made anew meanwhile.
 */
export class PassageVectors {
  /** What a person should know, each said once. */
  readonly notices: string[] = [];
  readonly collection: SqliteCollection;
  readonly #db: Database;
  readonly #options: PassageVectorsOptions;
  #library: Promise<HnswLibrary | undefined> | undefined;
  #index: VectorIndex | undefined;
  /** The collection that the index is of. */
  #of: Collection | undefined;
  /** SQLite's `data_version` when the index was last made equal to the table; undefined if it may differ. */
  #version: unknown;

  constructor(db: Database, options: PassageVectorsOptions) {
    this.#db = db;
    this.#options = options;
    this.collection = new SqliteCollection(db, (notice) => {
      this.say(notice);
    });
  }

  say(notice: string): void {
    if (!this.notices.includes(notice)) this.notices.push(notice);
  }

  /** The passages whose vectors are most similar; none where the collection is of another model, which is said. */
  async nearest({ model, vector }: Embedding, count: number): Promise<Neighbour[]> {
    const index = await this.index(model);
    try {
      return index === undefined ? [] : await index.search(vector, count);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.say(`Archival memory was searched by words only, since the query has no usable vector (${error.message}).`);
      return [];
    }
  }

  /** The index, if the collection has vectors and they are of `model`. @throws MemGPTError `storage_failed`. */
  async index(model: string): Promise<VectorIndex | undefined> {
    const library = guarded(() => this.#wantsGraph()) ? await this.#loadLibrary() : undefined;
    // Nothing from here on waits, so what others add or take back meanwhile is in the table or comes after. In one
    // transaction, so that the collection and its vectors are of the same instant.
    return guarded(() => this.#db.transaction(() => this.#current(library, model)).deferred());
  }

  /** A passage was added to the table. */
  added(seq: number, vector: Float32Array): void {
    if (this.#index === undefined) return;
    if (isDeepStrictEqual(this.#of, this.collection.current())) this.#add(this.#index, seq, vector);
    else this.changed();
  }

  /** Rows of the table came alive or were taken back. */
  changed(): void {
    this.#version = undefined;
  }

  /** Saves what is worth saving. Must be called while the database is still open. */
  close(): void {
    const index = this.#index;
    this.#index = undefined;
    if (index instanceof HnswIndex) index.close();
  }

  #current(library: HnswLibrary | undefined, model: string): VectorIndex | undefined {
    const collection = this.collection.current();
    if (collection === undefined || !this.collection.takes(model) || collection.model !== model) return undefined;
    if (!isDeepStrictEqual(this.#of, collection)) this.close();
    const previous = this.#index;
    const index =
      library === undefined || previous instanceof HnswIndex ? previous : this.#openGraph(library, collection);
    const current = index ?? new ExactIndex(collection.dimensions);
    // Changes when another connection has written, as another program might.
    const version = this.#db.pragma("data_version", { simple: true });
    if (current !== previous || version !== this.#version) this.#catchUp(current);
    this.#index = current;
    this.#of = collection;
    this.#version = version;
    return current;
  }

  #wantsGraph(): boolean {
    return this.#count() >= (this.#options.graphFrom ?? GRAPH_FROM);
  }

  #count(): number {
    const total = "SELECT value FROM totals WHERE name = 'passages'";
    return this.#db.prepare<[], { value: number }>(total).get()?.value ?? 0;
  }

  async #loadLibrary(): Promise<HnswLibrary | undefined> {
    const { load = loadHnsw } = this.#options;
    this.#library ??= load().catch(() => {
      this.say(
        "hnswlib-node is not built for this machine, so archival search compares with every passage, which is exact " +
          "but takes longer the more there are. `npm rebuild hnswlib-node` builds it (it needs a C++ compiler).",
      );
      return undefined;
    });
    return this.#library;
  }

  #openGraph(library: HnswLibrary, collection: Collection): HnswIndex {
    const { file: path, readonly = false } = this.#options;
    const { dimensions } = collection;
    const file = new HnswFile(path, collection, this.#header());
    const graph = file.read(library) ?? HnswGraph.create(library, dimensions, this.#count());
    const save = readonly
      ? undefined
      : (it: HnswGraph): void => {
          this.#save(file, it);
        };
    return new HnswIndex({
      graph,
      dimensions,
      save,
      onError: (error) => {
        this.#giveUp(error);
      },
    });
  }

  #header(): Header {
    return {
      get: () =>
        this.#db.prepare<[string], { value: string }>("SELECT value FROM meta WHERE key = ?").get(HEADER_KEY)?.value,
      set: (value) => {
        const sql = "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
        this.#db.prepare(sql).run(HEADER_KEY, value);
      },
    };
  }

  /** The file is a cache: without it the graph is built anew at the next start. */
  #save(file: HnswFile, graph: HnswGraph): void {
    try {
      file.save(graph);
    } catch (error) {
      this.say(`${this.#options.file} cannot be saved (${describe(error)}). No passage is lost by that.`);
    }
  }

  #giveUp(error: unknown): void {
    this.#library = Promise.resolve(undefined);
    this.#index = undefined;
    this.say(`The vector index cannot be built (${describe(error)}), so archival search compares with every passage.`);
  }

  #catchUp(index: VectorIndex): void {
    const embedding = this.#db.prepare<[number], { embedding: Buffer }>("SELECT embedding FROM passages WHERE seq = ?");
    const gone = new Set(index.seqs());
    const missing = this.#db
      .prepare<[], { seq: number }>("SELECT seq FROM passages WHERE live = 1 AND embedding IS NOT NULL")
      .all()
      .filter(({ seq }) => !gone.delete(seq));
    for (const seq of gone) index.remove(seq);
    for (const { seq } of missing) {
      const row = embedding.get(seq);
      if (row !== undefined) this.#add(index, seq, toVector(row.embedding));
    }
  }

  #add(index: VectorIndex, seq: number, vector: Float32Array): void {
    try {
      index.add(seq, vector);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The passage is safe in the table; a search must not fail for it, nor a step that is already committed.
      this.say(unusable(error));
    }
  }
}

/** Copied, because a Buffer's memory need not be aligned to four bytes. A last incomplete number is dropped. */
function toVector(blob: Buffer): Float32Array {
  return new Float32Array(
    blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength - (blob.byteLength % 4)),
  );
}
