import { statSync } from "node:fs";
import { MemGPTError, describe } from "../../errors.ts";
import { damaged, isFileDamage } from "./damage.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";
import { MIGRATIONS } from "./migrations.ts";

/**
 * Opens or creates a database file.
 *
 * @param options.plain Without the functions of our own, for who reads no more than a few rows.
 * @param options.draft Nothing is synced: a file that nobody has before its maker synced it whole.
 * @throws MemGPTError `native_missing` if better-sqlite3 is not built for this Node; `storage_failed` if the file cannot
 *   be opened, is damaged, or was written by a newer program.
 */
export async function openDatabase(
  file: string,
  options: { readonly?: boolean; plain?: boolean; draft?: boolean } = {},
): Promise<Database> {
  // To open a pipe waits for ever.
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
      // WAL with FULL: a commit that was acknowledged survives a power cut, for about 0.2 ms each.
      db.pragma("journal_mode = WAL");
      db.pragma(options.draft === true ? "synchronous = OFF" : "synchronous = FULL");
    }
    if (options.readonly !== true && options.plain !== true) return await prepared(db, file);
    db.pragma("foreign_keys = ON");
    if (options.plain !== true) (await import("./derived.ts")).defineDerived(db);
    const version = await versionOf(db, file);
    if (options.readonly !== true) migrate(db, version);
    else if (version > 0 && version < MIGRATIONS.length) {
      // Who reads what an older program wrote has it brought up to date first.
      db.close();
      (await openDatabase(file)).close();
      return await openDatabase(file, options);
    }
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof MemGPTError) throw error;
    if (isFileDamage(error)) throw damaged(file, error);
    throw new MemGPTError("storage_failed", `Cannot open ${file}: ${describe(error)}.`, { cause: error });
  }
}

/** The open database with our functions and the newest schema. `file` names it in errors. */
export async function prepared(db: Database, file: string): Promise<Database> {
  db.pragma("foreign_keys = ON");
  (await import("./derived.ts")).defineDerived(db);
  migrate(db, await versionOf(db, file));
  return db;
}

/** How many migrations the database has had. */
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
  // Another process may be at it, which takes a quarter of a minute for a million messages.
  db.pragma(`busy_timeout = ${MIGRATING_MS}`);
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      // Another process may have been quicker.
      if (Number(db.pragma("user_version", { simple: true })) > index) return;
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
  db.pragma(`busy_timeout = ${WAITING_MS}`);
}

/** So long others are waited for: usually, and while one of them brings the schema up to date. */
const WAITING_MS = 5_000;
const MIGRATING_MS = 300_000;

/** Runs `work`, which reads, turning what SQLite throws into `storage_failed`, or `storage_damaged` where the file is at fault. */
export function guarded<T>(db: Database, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unreadable(db, error);
  }
}

/** The same for reading in several calls. */
export async function guardedAsync<T>(db: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(db, error);
  }
}

/** The same for `work` that stores something, all or nothing: nothing of it is there where it was refused. */
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
  const message = `The agent's database could not be read: ${describe(cause)}. What it holds is as it was.`;
  return knownError(db, cause) ?? new MemGPTError("storage_failed", message, { cause });
}

function knownError(db: Database, cause: unknown): MemGPTError | undefined {
  if (cause instanceof MemGPTError) return cause;
  return isFileDamage(cause) ? damaged(db.name, cause) : undefined;
}

/** Whether the disk was written to, and refused to say that it keeps it. */
function isUnconfirmed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_IOERR_FSYNC";
}

/**
 * Overwrites what a refused commit left in the write-ahead log. It stands there whole, only unsynced: whoever opens the
 * database after a crash, or after a closing that could not empty the log, would take it for committed.
 *
 * @returns whether it could.
 */
function takeBack(db: Database): boolean {
  try {
    db.exec("PRAGMA synchronous = OFF");
    // A transaction that changes nothing: the log goes on from the last commit that was acknowledged.
    db.exec(`PRAGMA user_version = ${Number(db.pragma("user_version", { simple: true }))}`);
    return true;
  } catch {
    return false;
  } finally {
    db.exec("PRAGMA synchronous = FULL");
  }
}
