import { createRequire } from "node:module";
import { describe } from "../../errors.ts";
import { loadSqlite } from "./load-sqlite.ts";

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
 * What SQLite finds wrong in a database file, which is only read: also while another process writes to it. Empty if nothing.
 *
 * @throws MemGPTError `native_missing`.
 */
export async function quickCheck(file: string): Promise<string> {
  const Constructor = await loadSqlite();
  try {
    const db = new Constructor(file, { readonly: true, fileMustExist: true });
    try {
      const result = String(db.pragma("quick_check(1)", { simple: true }));
      return result === "ok" ? "" : result;
    } finally {
      db.close();
    }
  } catch (error) {
    return describe(error);
  }
}
