import { knowsMeanings } from "../../schema/embedding.ts";
import { describe } from "../../errors.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { Collection } from "../../schema/collection.ts";
import { type Header, HnswFile, type Position, type Saved } from "../vectors/hnsw-file.ts";
import { type HnswLibrary, type LoadHnsw, loadHnsw } from "../vectors/hnsw-graph.ts";
import { HnswIndex, type HnswIndexOptions, type Missing, type Saver } from "../vectors/hnsw-index.ts";
import type { HnswShards } from "../vectors/hnsw-shards.ts";
import type { Database } from "./load-sqlite.ts";

const HEADER_KEY = "archival.hnsw";

/**
 * Number of passages from which a graph is used. Comparing 10,000 vectors takes 6 ms at 384 dimensions and 15 ms at 1,024, which
 * nobody notices in a turn, and needs neither a file nor native code.
 */
export const GRAPH_FROM = 10_000;
/** The same for spelling vectors: they are mostly zeros and rarely used, and building their graph takes minutes. */
const SPELLING_GRAPH_FROM = 50_000;

export function graphFrom(model: string | undefined): number {
  return model === undefined || knowsMeanings(model) ? GRAPH_FROM : SPELLING_GRAPH_FROM;
}

export type GraphOptions = {
  /** Path of `archival.hnsw`. */
  readonly file: string;
  readonly readonly?: boolean | undefined;
  /** Receives notices, perhaps repeatedly. */
  readonly notify: NoticeSink;
  /** For tests. */
  readonly shardSize?: number | undefined;
  readonly load?: LoadHnsw | undefined;
};

/** The initial state of a graph index. */
export type GraphState = Pick<HnswIndexOptions, "pending" | "isIncomplete">;

type Options = GraphOptions & {
  /** The position up to which the index has followed the table. */
  readonly position: () => Position;
};

/** The graphs of a database's passages: their library, their files, and when they are saved. */
export class PassageGraphs {
  readonly #db: Database;
  readonly #options: Options;
  #library: Promise<HnswLibrary | undefined> | undefined;
  /** Resolves when the file that `read` reads is checked: from then on, this thread has nothing to do for it. */
  checked = Promise.resolve();

  constructor(db: Database, options: Options) {
    this.#db = db;
    this.#options = options;
  }

  /** Undefined, with a notice, if hnswlib-node is not built for this machine. */
  async library(): Promise<HnswLibrary | undefined> {
    const { load = loadHnsw, notify } = this.#options;
    this.#library ??= load().catch(() => {
      notify(
        "hnswlib-node is not built for this machine, so archival search compares with every passage, which is exact " +
          "but slower the more there are. `npm rebuild hnswlib-node` builds it (it needs a C++ compiler).",
      );
      return undefined;
    });
    return this.#library;
  }

  file(collection: Collection): HnswFile {
    return new HnswFile(this.#options.file, collection, this.#header());
  }

  /** The saved graph; undefined if it cannot be read. */
  async read(collection: Collection): Promise<Saved | undefined> {
    let isChecked = (): void => undefined;
    this.checked = new Promise((resolve) => {
      isChecked = resolve;
    });
    try {
      const library = await this.library();
      return library === undefined
        ? undefined
        : await this.file(collection).read(library, { shardSize: this.#options.shardSize, onChecked: isChecked });
    } finally {
      isChecked();
    }
  }

  /** @param onError Receives background errors. */
  indexOf(
    graph: HnswShards,
    collection: Collection,
    state: GraphState,
    onError: HnswIndexOptions["onError"],
  ): HnswIndex {
    const saver = this.#options.readonly === true ? undefined : this.#saver(this.file(collection));
    return new HnswIndex({ ...state, graph, dimensions: collection.dimensions, saver, onError });
  }

  /** The file is a cache: without it the graph is rebuilt at the next start. */
  #saver(file: HnswFile): Saver {
    const { notify, position } = this.#options;
    const failed = (error: unknown): void => {
      notify(`${this.#options.file} cannot be saved (${describe(error)}). No passage is lost.`);
    };
    const upTo = ({ lowest, size }: Missing): Position => {
      const { seq, toggle } = position();
      const isLate = lowest <= seq && size >= (seq - lowest) / 2;
      // If most later rows are present, as after the loss of a shard, comparing finds the rest faster than following.
      return { seq: isLate ? lowest - 1 : seq, toggle };
    };
    return {
      save: (graph, missing) => file.save(graph, upTo(missing)).catch(failed),
      saveNow: (graph, missing) => {
        try {
          file.saveNow(graph, upTo(missing));
        } catch (error) {
          failed(error);
        }
      },
      abandon: () => {
        file.abandon();
      },
    };
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
}
