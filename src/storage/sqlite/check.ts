import { createRequire } from "node:module";
import { describe } from "../../errors.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";

/** Versions of SQLite and of the package that brings it. @throws MemGPTError `native_missing`. */
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
 * What is wrong in a database file, which is only read: also while another process writes to it. Empty if nothing.
 *
 * @throws MemGPTError `native_missing`.
 */
export async function checkDatabase(file: string): Promise<string> {
  const Constructor = await loadSqlite();
  try {
    const db = new Constructor(file, { readonly: true, fileMustExist: true });
    try {
      return problemsOf(db);
    } finally {
      db.close();
    }
  } catch (error) {
    return describe(error);
  }
}

/** What is wrong in an open database, by SQLite's own checks and ours. Empty if nothing. Reads all of it. */
export function problemsOf(db: Database): string {
  const text = (sql: string): string => {
    const value = db.prepare<[], string | number>(sql).pluck().get();
    return value === undefined ? "" : String(value);
  };
  const integrity = text("PRAGMA integrity_check(1)");
  if (integrity !== "ok") return integrity.split("\n").at(-1) ?? integrity;
  if (text("PRAGMA foreign_key_check") !== "") return "a row refers to one that is not there";
  for (const table of ["messages", "passages"]) {
    const counted = text(`SELECT count(*) FROM ${table} WHERE live = 1`);
    const noted = text(`SELECT value FROM totals WHERE name = '${table}'`);
    if (counted !== noted) return `it holds ${counted} ${table} and its total says ${noted}`;
  }
  return "";
}
