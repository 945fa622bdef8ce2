import { closeSync, fsyncSync, openSync } from "node:fs";
import { MemGPTError, describe } from "../../errors.ts";
import { openDatabase } from "./database.ts";
import { SqliteCheckpointMarks } from "./marks.ts";

/**
 * Copies a database as it is at one instant, whatever writes to it meanwhile: `VACUUM INTO` is one read transaction, what is
 * still in the write-ahead log included. (The backup of better-sqlite3 starts over at each write of another process.)
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

/** What was written to a file by other means is on the disk when this returns. */
export function syncFile(file: string): void {
  // Windows syncs only what may be written.
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The checkpoint that a database last agreed with, and its newest operation. */
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
 * Makes a copied database agree with the newest checkpoint that was copied with it, whatever was written or removed between the
 * two: opening the copy is then no wish of anybody's to go back.
 *
 * @returns how much the agent remembers.
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
    // All in one file.
    db.pragma("journal_mode = DELETE");
    return counts;
  } finally {
    db.close();
  }
}

/** Makes the agent in a database another one. Not journalled: no undo makes it its original again. */
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
