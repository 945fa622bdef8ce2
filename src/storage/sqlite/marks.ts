import type { Statement } from "better-sqlite3";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

/** The checkpoint file that was known to be in place, and the newest operation that the agent agreed with it after. */
export type CheckpointMark = { readonly file: string; readonly op: number };

/** What the database knows of the checkpoint files beside it: the mark in the `meta` table. */
export class SqliteCheckpointMarks {
  readonly #db: Database;
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;
  /** Noted, and perhaps not stored yet. */
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

  /** Notes that a file is in place. Never throws: what cannot be stored at once goes with the next commit. */
  note(mark: CheckpointMark): void {
    this.#noted = mark;
    try {
      // Not synced: a power cut may lose it, and the file is then known by its operation.
      // By exec, because this pragma acts when it is compiled: a statement that is kept would act once only.
      this.#db.exec("PRAGMA synchronous = NORMAL");
      this.#set.run(JSON.stringify(mark));
      this.#noted = undefined;
    } catch {
      // The next commit stores it.
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  /** The last chance to store what was noted. */
  close(): void {
    if (this.#noted !== undefined) this.note(this.#noted);
  }

  /** Stores what was noted, in the transaction that is open. A mark that is refused must not refuse what it goes with. */
  carry(): void {
    if (this.#noted === undefined) return;
    try {
      this.#set.run(JSON.stringify(this.#noted));
    } catch (error) {
      // Without the transaction the rest would be stored piece by piece.
      if (!this.#db.inTransaction) throw error;
    }
  }

  #mark(): CheckpointMark | undefined {
    const value = this.#get.get()?.value;
    return value === undefined ? undefined : (JSON.parse(value) as CheckpointMark);
  }
}
