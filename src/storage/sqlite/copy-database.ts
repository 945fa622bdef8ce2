import { closeSync, fsyncSync, openSync } from "node:fs";
import { MemGPTError, describe } from "../../errors.ts";
import { openDatabase } from "./database.ts";
import { SqliteCheckpointMarks } from "./marks.ts";

/**
 * Copies a consistent snapshot of a database, even while others write: `VACUUM INTO` is one read transaction, and includes the
 * write-ahead log. (better-sqlite3's backup starts over at each write of another process.)
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const db = await openDatabase(from, { readonly: true });
  try {
    db.prepare<[file: string]>("VACUUM INTO ?").run(to);
  } catch (cause) {
    throw new MemGPTError("storage_failed", `Cannot copy ${from}: ${describe(cause)}. Nothing was changed.`, { cause });
  } finally {
    db.close();
  }
  syncFile(to);
}

/** Syncs a file that was written by other means. */
export function syncFile(file: string): void {
  // Windows only syncs files that are open for writing.
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The checkpoint with which a database last agreed, and its newest operation. */
export async function lastKnown(file: string): Promise<{ checkpoint: string | undefined; op: number }> {
  const db = await openDatabase(file, { readonly: true });
  try {
    const mark = await new SqliteCheckpointMarks(db).get();
    const head = db.prepare<[], { op: number | null }>("SELECT max(op) AS op FROM journal").get();
    return { checkpoint: mark?.file, op: head?.op ?? 0 };
  } finally {
    db.close();
  }
}

/**
 * Marks a copied database as agreeing with the newest checkpoint that was copied with it, even if one of them changed in between.
 * Otherwise opening the copy would look like a request to go back to that checkpoint.
 *
 * @returns the sizes of recall and archival storage.
 */
export async function settleCopy(
  file: string,
  newest: { readonly file: string; readonly op: number } | undefined,
): Promise<{ messages: number; passages: number }> {
  const db = await openDatabase(file);
  try {
    if (newest !== undefined) new SqliteCheckpointMarks(db).note(newest);
    const count = (table: string): number =>
      Number(db.prepare(`SELECT count(*) FROM ${table} WHERE live = 1`).pluck().get());
    const counts = { messages: count("messages"), passages: count("passages") };
    // Leaves a single file.
    db.pragma("journal_mode = DELETE");
    return counts;
  } finally {
    db.close();
  }
}

/** Gives the agent in a database another identity. Not journalled, so that no undo restores the original one. */
export async function setIdentity(file: string, { id, name }: { id: string; name: string }): Promise<void> {
  const db = await openDatabase(file);
  try {
    db.prepare<[id: string, name: string]>("UPDATE state SET json = json_set(json, '$.id', ?, '$.name', ?)").run(
      id,
      name,
    );
  } finally {
    db.close();
  }
}
