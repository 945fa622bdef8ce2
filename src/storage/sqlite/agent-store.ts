import { dirname, join } from "node:path";
import type { AgentStore } from "../../ports/agent-store.ts";
import type { Maintenance } from "../../ports/maintenance.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { SqliteArchivalStorage } from "./archival.ts";
import { openDatabase } from "./database.ts";
import { SqliteForgetting } from "./forgetting.ts";
import { FullTextIndexes } from "./full-text.ts";
import { SqliteHistory } from "./history.ts";
import type { Database } from "./load-sqlite.ts";
import { copyInMemory } from "./memory-copy.ts";
import { SqliteCheckpointMarks } from "./marks.ts";
import { PassageVectors, type PassageVectorsOptions } from "./passage-vectors.ts";
import { SqliteQuarantine } from "./quarantine.ts";
import { SqliteRecallStorage } from "./recall.ts";
import { SqliteReindexing } from "./reindexing.ts";
import { SaidVectors } from "./said-vectors.ts";

export type StoreOptions = {
  readonly file: string;
  /** Opens the file read-only; a missing one is then an error. */
  readonly readonly?: boolean;
  /** Syncs nothing: the caller syncs the file when it is complete. */
  readonly draft?: boolean;
  /** Works on a copy in memory, without changing the files. */
  readonly inMemory?: boolean;
  /** Reads a consistent snapshot as of the first read, until closed. */
  readonly snapshot?: boolean;
  /** Receives notices on the indexes. */
  readonly notify?: NoticeSink;
} & Pick<PassageVectorsOptions, "graphFrom" | "shardSize" | "load">;

/** One agent's `agent.db`. */
export class SqliteAgentStore implements AgentStore {
  readonly history: SqliteHistory;
  readonly recall: SqliteRecallStorage;
  readonly archival: SqliteArchivalStorage;
  readonly quarantine: SqliteQuarantine;
  readonly maintenance: Maintenance;
  readonly marks: SqliteCheckpointMarks;
  readonly forgetting: SqliteForgetting;
  readonly #db: Database;
  readonly #vectors: PassageVectors;

  static async open(options: StoreOptions): Promise<SqliteAgentStore> {
    const { notify = () => undefined, readonly = false } = options;
    const db = options.inMemory === true ? await copyInMemory(options.file) : await openDatabase(options.file, options);
    try {
      const fullText = new FullTextIndexes(db, { isReadonly: readonly, notify });
      const store = new SqliteAgentStore(db, fullText, { ...options, notify });
      fullText.check();
      if (options.snapshot === true) db.exec("BEGIN");
      return store;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private constructor(
    db: Database,
    fullText: FullTextIndexes,
    options: StoreOptions & { readonly notify: NoticeSink },
  ) {
    // No graph: its file would have to change.
    const graphs = options.inMemory === true ? { graphFrom: Number.POSITIVE_INFINITY } : {};
    const vectors = new PassageVectors(db, {
      ...options,
      ...graphs,
      file: join(dirname(options.file), "archival.hnsw"),
    });
    this.#db = db;
    this.#vectors = vectors;
    this.marks = new SqliteCheckpointMarks(db);
    this.quarantine = new SqliteQuarantine(db);
    this.history = new SqliteHistory(db, { fullText, vectors, marks: this.marks, quarantine: this.quarantine });
    this.forgetting = new SqliteForgetting(db, this.history.journal);
    const said = new SaidVectors(db);
    this.recall = new SqliteRecallStorage(db, fullText, said);
    this.archival = new SqliteArchivalStorage(db, fullText, vectors);
    const reindexing = new SqliteReindexing(db, {
      collection: vectors.collection,
      commitWith: (change, work) => {
        this.history.commitWith([change], work);
        vectors.changed();
      },
    });
    this.maintenance = { reindexing, said, vectorIndex: async () => vectors.info() };
  }

  /** Resolves when the vector index has all passages, and its file, if it needs one, is written. */
  async indexed(): Promise<void> {
    await this.#vectors.built();
  }

  /** Drops caches and derived files, after rows were removed for good. */
  reset(): void {
    this.#vectors.reset();
    this.history.reset();
  }

  async close(): Promise<void> {
    this.#vectors.close();
    this.marks.close();
    this.#db.close();
  }
}
