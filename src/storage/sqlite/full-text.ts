import type { NoticeSink } from "../../ports/notices.ts";
import { termsIn } from "../../search/analyze.ts";
import { guarded, guardedAsync, storing } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

/** Number of newest rows among which the check looks for a live one, to bound its cost. */
const NEAR = 100;

/** Each table, and the column that is the rowid of its index. */
const TABLES = [
  { table: "messages", key: "n" },
  { table: "passages", key: "seq" },
] as const;

/**
 * The full-text indexes of a database. Since they are derived from the tables, both are rebuilt if one is found damaged, at most
 * once in the life of this object.
 */
export class FullTextIndexes {
  readonly #db: Database;
  readonly #isReadonly: boolean;
  readonly #notify: NoticeSink;
  #rebuilt = false;

  constructor(db: Database, options: { isReadonly: boolean; notify: NoticeSink }) {
    this.#db = db;
    this.#isReadonly = options.isReadonly;
    this.#notify = options.notify;
  }

  /** Runs an atomic write, and once more after repairing a damaged index. @throws MemGPTError `storage_failed`. */
  mending<T>(work: () => T): T {
    return storing(this.#db, () => this.#twice(work));
  }

  /** Like `mending`, for asynchronous reads. */
  async mendingReads<T>(work: () => Promise<T>): Promise<T> {
    return guardedAsync(this.#db, async () => {
      try {
        return await work();
      } catch (error) {
        this.#mend(error);
        return await work();
      }
    });
  }

  #twice<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#mend(error);
      return work();
    }
  }

  /** Rebuilds the indexes if `error` means that one is damaged. @throws `error` otherwise. */
  #mend(error: unknown): void {
    if (this.#isReadonly || this.#rebuilt || !isIndexDamage(error)) throw error;
    this.#rebuild();
    this.#notifyRebuilt();
  }

  /**
   * Searches the indexes for the newest rows. Some damage causes no errors but finds nothing, and would go unnoticed.
   */
  check(): void {
    const check = (): void => {
      if (this.#isReadonly || this.#rebuilt || TABLES.every((it) => this.#findsNewest(it))) return;
      this.#rebuild();
      this.#notifyRebuilt();
    };
    guarded(this.#db, () => {
      this.#twice(check);
    });
  }

  #findsNewest({ table, key }: (typeof TABLES)[number]): boolean {
    const newest = this.#db
      .prepare<[], { key: number; text: string }>(
        `SELECT ${key} AS key, text FROM ${table}
         WHERE live = 1 AND ${key} IS NOT NULL AND ${key} > (SELECT max(${key}) FROM ${table} WHERE ${key} IS NOT NULL) - ${NEAR}
         ORDER BY ${key} DESC LIMIT 1`,
      )
      .get();
    const word = newest === undefined ? undefined : longestTerm(newest.text);
    if (newest === undefined || word === undefined) return true;
    const find = `SELECT 1 FROM ${table}_fts WHERE ${table}_fts MATCH ? AND rowid = ?`;
    return this.#db.prepare<[match: string, key: number]>(find).get(`"${word}"`, newest.key) !== undefined;
  }

  #rebuild(): void {
    this.#db
      .transaction(() => {
        for (const { table, key } of TABLES) {
          this.#db.exec(`INSERT INTO ${table}_fts (${table}_fts) VALUES ('delete-all')`);
          this.#db.exec(
            `INSERT INTO ${table}_fts (rowid, text)
             SELECT ${key}, index_terms(text) FROM ${table} WHERE live = 1 AND ${key} IS NOT NULL ORDER BY ${key}`,
          );
        }
      })
      .immediate();
    this.#rebuilt = true;
  }

  #notifyRebuilt(): void {
    this.#notify("The full-text index was damaged. It was rebuilt from the stored texts; nothing is lost.");
  }
}

/** Long words are rare. */
function longestTerm(text: string): string | undefined {
  const words = termsIn(text);
  return words.reduce<string | undefined>(
    (longest, word) => (word.length > (longest ?? "").length ? word : longest),
    undefined,
  );
}

/** FTS5's constraint errors name no table; those of our own tables do. */
function isIndexDamage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "SQLITE_CORRUPT_VTAB") return true;
  return code.startsWith("SQLITE_CONSTRAINT") && error instanceof Error && error.message === "constraint failed";
}
