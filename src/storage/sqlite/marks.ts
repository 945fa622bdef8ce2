import type { Statement } from "better-sqlite3";
import type { CheckpointMark, CheckpointMarks } from "../../ports/storage.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

/** The mark in the `meta` table. */
export class SqliteCheckpointMarks implements CheckpointMarks {
  readonly #db: Database;
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;

  constructor(db: Database) {
    this.#db = db;
    this.#get = db.prepare("SELECT value FROM meta WHERE key = 'checkpoint'");
    this.#set = db.prepare(
      "INSERT INTO meta VALUES ('checkpoint', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    );
  }

  async get(): Promise<CheckpointMark | undefined> {
    return guarded(this.#db, () => this.#mark());
  }

  async intend(intended: string): Promise<void> {
    guarded(this.#db, () => {
      const mark = this.#mark();
      if (mark === undefined) return;
      // Not synced: it is only needed once something was committed after it, and that commit syncs it too.
      // By exec, because this pragma acts when it is compiled: a statement that is kept would act once only.
      this.#db.exec("PRAGMA synchronous = NORMAL");
      try {
        this.#set.run(JSON.stringify({ ...mark, intended }));
      } finally {
        this.#db.exec("PRAGMA synchronous = FULL");
      }
    });
  }

  async set({ file, op }: Omit<CheckpointMark, "intended">): Promise<void> {
    guarded(this.#db, () => this.#set.run(JSON.stringify({ file, op })));
  }

  #mark(): CheckpointMark | undefined {
    const value = this.#get.get()?.value;
    return value === undefined ? undefined : (JSON.parse(value) as CheckpointMark);
  }
}
