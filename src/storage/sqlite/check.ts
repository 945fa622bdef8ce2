import { createRequire } from "node:module";
import { describe } from "../../errors.ts";
import { parseJson, spokenText } from "../../memory/envelope.ts";
import { messageSchema } from "../../schema/message.ts";
import { defineDerived } from "./derived.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";
import { schemaVersion } from "./schema-version.ts";
import { changedRow, tableOfSums } from "./sums.ts";

/** Versions of SQLite and better-sqlite3. @throws MemGPTError `native_missing`. */
export async function sqliteVersions(): Promise<{ readonly sqlite: string; readonly betterSqlite3: string }> {
  const db = new (await loadSqlite())(":memory:");
  try {
    const sqlite = String(db.prepare("SELECT sqlite_version()").pluck().get());
    const manifest = createRequire(import.meta.url)("better-sqlite3/package.json") as { readonly version: string };
    return { sqlite, betterSqlite3: manifest.version };
  } finally {
    db.close();
  }
}

/**
 * Checks a database file, read-only, even while another process writes to it.
 *
 * @returns the problem; empty if none.
 *
 * @throws MemGPTError `native_missing`.
 */
export async function checkDatabase(file: string): Promise<string> {
  const Constructor = await loadSqlite();
  try {
    const db = new Constructor(file, { readonly: true, fileMustExist: true });
    try {
      defineDerived(db);
      return (await schemaVersion(db)).problem || problemsOf(db);
    } finally {
      db.close();
    }
  } catch (error) {
    return describe(error);
  }
}

/** The problem in an open database, by SQLite's own checks and ours; empty if none. Reads the whole database. */
export function problemsOf(db: Database): string {
  const text = (sql: string): string => {
    const value = db.prepare<[], string | number>(sql).pluck().get();
    return value === undefined ? "" : String(value);
  };
  const integrity = text("PRAGMA integrity_check(1)");
  if (integrity !== "ok") {
    const line = integrity.split("\n").at(-1) ?? integrity;
    const table = tableOfSums(line);
    if (table === undefined) return line;
    return (table === "messages" && problemInMessages(db)) || changedRow(db, table) || line;
  }
  if (text("PRAGMA foreign_key_check") !== "") return "a row refers to one that does not exist";
  for (const table of ["messages", "passages"]) {
    const counted = text(`SELECT count(*) FROM ${table} WHERE live = 1`);
    const total = text(`SELECT value FROM totals WHERE name = '${table}'`);
    if (counted !== total) return `it has ${counted} ${table}, but its total says ${total}`;
  }
  return problemInMessages(db);
}

/** Compares the two copies of each message's text, in `text` and in `json`, which shows a changed letter. */
function problemInMessages(db: Database): string {
  const rows = db.prepare<[], { id: string; text: string | null; json: string }>("SELECT id, text, json FROM messages");
  for (const { id, text, json } of rows.iterate()) {
    const message = messageSchema().safeParse(parseJson(json)).data;
    if (message === undefined) return `message ${id} cannot be read`;
    if (message.id !== id || stored(spokenText(message)) !== text) return `message ${id} does not agree with itself`;
  }
  return "";
}

/** A text as the database returns it: lone surrogates are not valid UTF-8. */
function stored(text: string | undefined): string | null {
  return text === undefined ? null : Buffer.from(text, "utf8").toString("utf8");
}
