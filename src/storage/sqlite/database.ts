import { statSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { MemGPTError, describe, isDiskFull } from "../../errors.ts";
import { damaged, isFileDamage } from "./damage.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";
import { MIGRATIONS } from "./migrations.ts";

/**
 * Opens or creates a database file.
 *
 * @param options.plain Omits our own SQL functions, for reading a few rows only.
 * @param options.draft Syncs nothing, for a file that its creator syncs when it is complete.
 * @throws MemGPTError `native_missing` if better-sqlite3 is not built for this Node; `storage_failed` if the file cannot
 *   be opened, is damaged, or was written by a newer program.
 */
export async function openDatabase(
  file: string,
  options: { readonly?: boolean; plain?: boolean; draft?: boolean } = {},
): Promise<Database> {
  // Opening a pipe would block forever.
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new MemGPTError(
      "storage_failed",
      `${file} is not a regular file. Nothing was changed; move it away, or restore a backup.`,
    );
  const Constructor = await loadSqlite();
  let db: Database | undefined;
  try {
    db = new Constructor(file, {
      readonly: options.readonly ?? false,
      fileMustExist: options.readonly ?? false,
      timeout: WAITING_MS,
    });
    if (options.readonly !== true) {
      // WAL with FULL: an acknowledged commit survives a power cut, at about 0.2 ms each.
      db.pragma("journal_mode = WAL");
      db.pragma(options.draft === true ? "synchronous = OFF" : "synchronous = FULL");
    }
    if (options.readonly !== true && options.plain !== true) return await prepared(db, file);
    db.pragma("foreign_keys = ON");
    if (options.plain !== true) (await import("./derived.ts")).defineDerived(db);
    const version = await versionOf(db, file);
    if (options.readonly !== true) migrate(db, version);
    else if (version > 0 && version < MIGRATIONS.length) {
      // A database of an older version is migrated before it is read.
      db.close();
      (await openDatabase(file)).close();
      return await openDatabase(file, options);
    }
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof MemGPTError) throw error;
    if (isFileDamage(error)) throw damaged(file, error);
    const reason = isDiskFull(error) || isFull(file) ? "the disk is full: make room on it" : describe(error);
    throw new MemGPTError("storage_failed", `Cannot open ${file}: ${reason}.`, { cause: error });
  }
}

/** SQLite gives the failure another name where it is a file beside the database that does not fit. */
function isFull(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < 64 * 1024;
  } catch {
    return false;
  }
}

/** Adds our functions to an open database and migrates it. `file` names it in errors. */
export async function prepared(db: Database, file: string): Promise<Database> {
  db.pragma("foreign_keys = ON");
  (await import("./derived.ts")).defineDerived(db);
  migrate(db, await versionOf(db, file));
  return db;
}

/** Number of migrations applied to the database. */
async function versionOf(db: Database, file: string): Promise<number> {
  const newest = MIGRATIONS.length;
  if (Number(db.pragma("user_version", { simple: true })) === newest) return newest;
  const { version, problem } = await (await import("./schema-version.ts")).schemaVersion(db);
  if (problem !== "") throw damaged(file, problem);
  if (version <= newest) return version;
  throw new MemGPTError(
    "storage_failed",
    `${file} was written by a newer memgpt (schema ${version}, this one knows ${newest}). ` +
      "Nothing was changed; update memgpt to open it.",
  );
}

function migrate(db: Database, version: number): void {
  if (version === MIGRATIONS.length) return;
  // Another process may be migrating, which takes about 15 seconds for a million messages.
  db.pragma(`busy_timeout = ${MIGRATING_MS}`);
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      // Another process may have been faster.
      if (Number(db.pragma("user_version", { simple: true })) > index) return;
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
  db.pragma(`busy_timeout = ${WAITING_MS}`);
}

/** Milliseconds to wait for other processes: in general, and during a migration. */
const WAITING_MS = 5_000;
const MIGRATING_MS = 300_000;

/**
 * Runs work in immediate transactions, which lock out other writers from the start: a deferred one that reads first fails at once
 * if another process writes. better-sqlite3's own would create four functions for each.
 */
export function immediately(db: Database): <T>(work: () => T) => T {
  const [begin, commit, rollback] = [
    db.prepare<[]>("BEGIN IMMEDIATE"),
    db.prepare<[]>("COMMIT"),
    db.prepare<[]>("ROLLBACK"),
  ];
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (db.inTransaction) rollback.run();
      throw error;
    }
  };
}

/**
 * Runs `work`, whose commits may be lost in a power cut up to the next synced one: for what can be computed again. The log is
 * emptied in small portions, because that waits for the disk: 14 ms for the usual thousand pages, 1.3 for a hundred.
 */
export function unsynced<T>(db: Database, work: () => T): T {
  // With `exec`, because these pragmas act when compiled: a statement that is kept would act only once.
  db.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 100");
  try {
    return work();
  } finally {
    db.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000");
  }
}

/** Runs `work`, which reads. Turns SQLite's errors into `storage_failed`, or `storage_damaged` for a damaged file. */
export function guarded<T>(db: Database, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unreadable(db, error);
  }
}

/** Like `guarded`, for asynchronous reads. */
export async function guardedAsync<T>(db: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(db, error);
  }
}

/** Like `guarded`, for `work` that writes atomically. */
export function storing<T>(db: Database, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const known = knownError(db, error);
    if (known !== undefined) throw known;
    const kept = isUnconfirmed(error) && !db.inTransaction && !takeBack(db) ? "unknown" : "nothing";
    const result =
      kept === "nothing"
        ? "Nothing of this step was kept."
        : "Whether this step was kept is not known; opening the agent again shows it.";
    const message = `The agent's database refused: ${describe(error)}. ${result}`;
    throw new MemGPTError("storage_failed", message, { cause: error, kept });
  }
}

function unreadable(db: Database, cause: unknown): MemGPTError {
  const message = `The agent's database could not be read: ${describe(cause)}. Its contents are unchanged.`;
  return knownError(db, cause) ?? new MemGPTError("storage_failed", message, { cause });
}

function knownError(db: Database, cause: unknown): MemGPTError | undefined {
  if (cause instanceof MemGPTError) return cause;
  return isFileDamage(cause) ? damaged(db.name, cause) : undefined;
}

/** Whether the disk accepted a write but failed to sync it. */
function isUnconfirmed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_IOERR_FSYNC";
}

/**
 * Overwrites what a failed commit left in the write-ahead log. It is complete there, only unsynced: after a crash, or if the log
 * could not be emptied on close, the next opening would take it for committed.
 *
 * @returns whether that succeeded.
 */
function takeBack(db: Database): boolean {
  try {
    db.exec("PRAGMA synchronous = OFF");
    // A transaction that changes nothing makes the log continue from the last acknowledged commit.
    db.exec(`PRAGMA user_version = ${Number(db.pragma("user_version", { simple: true }))}`);
    return true;
  } catch {
    return false;
  } finally {
    db.exec("PRAGMA synchronous = FULL");
  }
}
