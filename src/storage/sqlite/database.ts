import { MemGPTError, describe } from "../../errors.ts";
import { damaged, isFileDamage } from "./damage.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";
import { MIGRATIONS } from "./migrations.ts";

/**
 * Opens or creates a database file.
 *
 * @param options.plain Without the functions of our own, for who reads no more than a few rows.
 * @throws MemGPTError `native_missing` if better-sqlite3 is not built for this Node; `storage_failed` if the file cannot
 *   be opened, is damaged, or was written by a newer program.
 */
export async function openDatabase(
  file: string,
  options: { readonly?: boolean; plain?: boolean } = {},
): Promise<Database> {
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
      db.pragma("synchronous = FULL");
    }
    db.pragma("foreign_keys = ON");
    if (options.plain !== true) (await import("./derived.ts")).defineDerived(db);
    const version = versionOf(db, file);
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

/** How many migrations the database has had. */
function versionOf(db: Database, file: string): number {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version <= MIGRATIONS.length) return version;
  throw new MemGPTError(
    "storage_failed",
    `${file} was written by a newer memgpt (schema ${version}, this one knows ${MIGRATIONS.length}). ` +
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

/** Runs `work` on `db`, turning what SQLite throws into `storage_failed`, or `storage_damaged` where the file is at fault. */
export function guarded<T>(db: Database, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusal(db, error);
  }
}

/** The same for work in several calls. */
export async function guardedAsync<T>(db: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusal(db, error);
  }
}

function refusal(db: Database, cause: unknown): MemGPTError {
  if (cause instanceof MemGPTError) return cause;
  if (isFileDamage(cause)) return damaged(db.name, cause);
  const message = `The agent's database refused: ${describe(cause)}. Nothing of this step was kept.`;
  return new MemGPTError("storage_failed", message, { cause });
}
