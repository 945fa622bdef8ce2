import { setTimeout } from "node:timers/promises";
import { MemGPTError, type Kept, describe } from "../../errors.ts";

export type Value = string | number | boolean | null | Uint8Array | readonly string[] | readonly number[];

/** Runs single statements; each is a transaction of its own. Whole numbers are numbers, `bytea` is `Uint8Array`, the rest text. */
export interface Queryable {
  query<Row>(sql: string, values?: readonly Value[]): Promise<Row[]>;
}

/** A PostgreSQL database: a pool of connections to a server, or one inside this process. */
export interface Database extends Queryable {
  /** Several statements without values, in one transaction. */
  script(sql: string): Promise<void>;
  /** Everything as it is now, whatever others write until it is closed. */
  snapshot(): Promise<Queryable & { close(): Promise<void> }>;
  close(): Promise<void>;
}

/**
 * `text` as PostgreSQL can store it, which knows no NUL: that becomes two characters, and so does the one that marks it.
 * Half a surrogate pair is no text in any database.
 */
function storable(text: string): string {
  if (!AWKWARD.test(text)) return text;
  return text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replaceAll("\u0001", "\u00011")
    .replaceAll("\0", "\u00010");
}

/** What `storable` was given. */
export function restored(text: string): string {
  if (!text.includes("\u0001")) return text;
  return text.replaceAll("\u00010", "\0").replaceAll("\u00011", "\u0001");
}

const AWKWARD = /[\0\u0001]|\p{Surrogate}/u;

/** Values as a statement takes them, with every text storable. */
export function toStore(values: readonly Value[]): Value[] {
  return values.map((value) => {
    if (typeof value === "string") return storable(value);
    return Array.isArray(value)
      ? ((value as readonly (string | number)[]).map((it) => (typeof it === "string" ? storable(it) : it)) as string[])
      : value;
  });
}

/** Rows for `json_to_recordset`: one value whatever their number. Bytes go as Base64. */
export function asRows(rows: readonly Readonly<Record<string, Value>>[]): string {
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === "string" ? storable(value) : value));
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Milliseconds before what a broken connection cut off is tried again: 12 seconds in all. */
const PAUSES = [50, 200, 750, 2_000, 4_000, 5_000];

/** Runs `work`, which does no harm where it is done twice, again as long as connections break. */
export async function again<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      const pause = PAUSES[attempt];
      if (error instanceof MemGPTError || !isLost(error) || pause === undefined) throw error;
      await setTimeout(pause);
    }
  }
}

/** Runs `work`, which only reads, turning what the database throws into `storage_failed`. */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await again(work);
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    const message = `The database could not be read: ${reasonOf(cause)}. What it holds is as it was.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
}

/** The same for `work` that stores something in one statement, all or nothing. */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    const kept: Kept = isLost(cause) ? "unknown" : "nothing";
    const result =
      kept === "nothing"
        ? "Nothing of this step was kept."
        : "Whether this step was kept is not known; opening the agent again shows it.";
    throw new MemGPTError("storage_failed", `The database refused: ${reasonOf(cause)}. ${result}`, { cause, kept });
  }
}

/** What is wrong. A host of several addresses, none of which answers, is several errors. */
export function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(describe).join("; ") : describe(error);
}

/** Whether the connection was lost, or the server went down, before the statement was answered. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  // Of what the server itself said, only that it goes down or is not up yet.
  if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E")) return /^(08|57P0[1-3])/.test(code);
  return code.startsWith("E") || /connection|terminated|timeout/i.test(error.message);
}
