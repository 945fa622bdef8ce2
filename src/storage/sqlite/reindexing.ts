import type { Statement } from "better-sqlite3";
import type { Reindex } from "../../schema/collection.ts";
import type { Change } from "../../ports/history.ts";
import type { Reembedded, ReindexTarget, Reindexing, Unembedded } from "../../ports/maintenance.ts";
import type { SqliteCollection } from "./collection.ts";
import { begunWith, isSameTarget, readReindex, unfinished, usable } from "../reindexed.ts";
import { toBlob } from "../stored-values.ts";
import { guarded, storing } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

type Options = {
  readonly collection: SqliteCollection;
  /** Runs `work` and stores the change in one transaction. */
  readonly commitWith: (change: Change, work: () => void) => void;
};

/**
 * Reindexing with new vectors in the table `reindexed` and their target in the `meta` table. Passages are embedded in order and
 * never removed, so the remaining ones are those after the last embedded one, even if the agent was used in between.
 */
export class SqliteReindexing implements Reindexing {
  readonly #db: Database;
  readonly #options: Options;
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;
  readonly #total: Statement<[], { count: number }>;
  readonly #done: Statement<[], { count: number }>;
  readonly #next: Statement<[count: number], Unembedded>;
  readonly #add: Statement<[seq: number, embedding: Buffer | null]>;

  constructor(db: Database, options: Options) {
    this.#db = db;
    this.#options = options;
    this.#get = db.prepare("SELECT value FROM meta WHERE key = 'reindex'");
    this.#set = db.prepare("INSERT INTO meta VALUES ('reindex', ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#total = db.prepare("SELECT count(*) AS count FROM passages");
    this.#done = db.prepare("SELECT count(*) AS count FROM reindexed");
    this.#next = db.prepare(
      "SELECT seq, text FROM passages WHERE seq > (SELECT coalesce(max(seq), 0) FROM reindexed) ORDER BY seq LIMIT ?",
    );
    this.#add = db.prepare("INSERT INTO reindexed VALUES (?, ?)");
  }

  async begin(target: ReindexTarget): Promise<{ done: number; total: number }> {
    return this.#transaction(() => {
      const current = this.#current();
      if (current === undefined || !isSameTarget(current, target)) {
        this.#db.exec("DELETE FROM reindexed");
        this.#set.run(begunWith(target));
      }
      return { done: this.#done.get()?.count ?? 0, total: this.#total.get()?.count ?? 0 };
    });
  }

  async next(count: number): Promise<Unembedded[]> {
    return guarded(this.#db, () => this.#next.all(count));
  }

  async add(vectors: readonly Reembedded[]): Promise<void> {
    this.#transaction(() => {
      const current = this.#begun();
      let { found } = current;
      for (const { seq, vector } of vectors) {
        const embedding = usable(vector, found);
        found ??= embedding?.length ?? null;
        this.#add.run(seq, embedding === null ? null : toBlob(embedding));
      }
      if (found !== current.found) this.#set.run(JSON.stringify({ ...current, found }));
    });
  }

  async finish(change: Change): Promise<void> {
    this.#options.commitWith(change, () => {
      this.#swap();
    });
  }

  #swap(): void {
    const { collection } = this.#options;
    const { model, found } = this.#begun();
    if (this.#next.get(1) !== undefined) throw unfinished();
    this.#db.exec(`
      UPDATE passages SET embedding = reindexed.embedding FROM reindexed WHERE reindexed.seq = passages.seq;
      DELETE FROM reindexed;
      DELETE FROM meta WHERE key = 'reindex';
    `);
    const generation = (collection.current()?.generation ?? -1) + 1;
    // Without any vector, the collection stays as it is.
    if (found !== null) collection.set({ model, dimensions: found, generation });
  }

  #current(): Reindex | undefined {
    return readReindex(this.#get.get()?.value);
  }

  #begun(): Reindex {
    const current = this.#current();
    if (current === undefined) throw unfinished();
    return current;
  }

  #transaction<T>(work: () => T): T {
    return storing(this.#db, () => this.#db.transaction(work).immediate());
  }
}
