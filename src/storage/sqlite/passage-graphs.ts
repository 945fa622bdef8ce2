import { describe } from "../../errors.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { Collection } from "../../schema/collection.ts";
import { type Header, HnswFile, type Position } from "../vectors/hnsw-file.ts";
import { type HnswLibrary, type LoadHnsw, loadHnsw } from "../vectors/hnsw-graph.ts";
import { HnswIndex, type HnswIndexOptions, type Missing, type Saver } from "../vectors/hnsw-index.ts";
import type { HnswShards } from "../vectors/hnsw-shards.ts";
import type { Database } from "./load-sqlite.ts";

const HEADER_KEY = "archival.hnsw";

export type GraphOptions = {
  /** Path of `archival.hnsw`. */
  readonly file: string;
  readonly readonly?: boolean | undefined;
  /** Gets what a person should know, perhaps more than once. */
  readonly notify: NoticeSink;
  /** For tests. */
  readonly shardSize?: number | undefined;
  readonly load?: LoadHnsw | undefined;
};

/** What a graph is begun with. */
export type GraphState = Pick<HnswIndexOptions, "pending" | "isLacking">;

type Options = GraphOptions & {
  /** What of the table the index has. */
  readonly position: () => Position;
};

/** The graphs of a database's passages: their library, their files, and when these are saved. */
export class PassageGraphs {
  readonly #db: Database;
  readonly #options: Options;
  #library: Promise<HnswLibrary | undefined> | undefined;

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
          "but takes longer the more there are. `npm rebuild hnswlib-node` builds it (it needs a C++ compiler).",
      );
      return undefined;
    });
    return this.#library;
  }

  file(collection: Collection): HnswFile {
    return new HnswFile(this.#options.file, collection, this.#header());
  }

  /** @param onError Gets what goes wrong in the background. */
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
      notify(`${this.#options.file} cannot be saved (${describe(error)}). No passage is lost by that.`);
    };
    const upTo = ({ lowest, size }: Missing): Position => {
      const { seq, toggle } = position();
      const isLate = lowest <= seq && size >= (seq - lowest) / 2;
      // Where most of what came later is there, as when a shard was lost, comparing finds the rest sooner than following.
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
