import type { Statement } from "better-sqlite3";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

/** The last checkpoint file known to exist, and the newest operation at which the agent agreed with it. */
export type CheckpointMark = { readonly file: string; readonly op: number };

/** The database's record of the checkpoint files beside it: the mark in the `meta` table. */
export class SqliteCheckpointMarks {
  readonly #db: Database;
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;
  /** A mark that may not be stored yet. */
  #noted: CheckpointMark | undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#get = db.prepare("SELECT value FROM meta WHERE key = 'checkpoint'");
    this.#set = db.prepare(
      "INSERT INTO meta VALUES ('checkpoint', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    );
  }

  async get(): Promise<CheckpointMark | undefined> {
    return this.#noted ?? guarded(this.#db, () => this.#mark());
  }

  /** Records that a file exists. Never throws: a mark that cannot be stored at once goes with the next commit. */
  note(mark: CheckpointMark): void {
    this.#noted = mark;
    try {
      // Not synced: if a power cut loses the mark, the file is recognised by its operation.
      // With `exec`, because this pragma acts when compiled: a prepared statement would act only once.
      this.#db.exec("PRAGMA synchronous = NORMAL");
      this.#set.run(JSON.stringify(mark));
      this.#noted = undefined;
    } catch {
      // The next commit stores it.
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  /** Stores a pending mark. */
  close(): void {
    if (this.#noted !== undefined) this.note(this.#noted);
  }

  /** Stores a pending mark in the open transaction. A failure must not fail the transaction. */
  carry(): void {
    if (this.#noted === undefined) return;
    try {
      this.#set.run(JSON.stringify(this.#noted));
    } catch (error) {
      // If SQLite has ended the transaction, the rest would be stored piecemeal.
      if (!this.#db.inTransaction) throw error;
    }
  }

  #mark(): CheckpointMark | undefined {
    const value = this.#get.get()?.value;
    return value === undefined ? undefined : (JSON.parse(value) as CheckpointMark);
  }
}
