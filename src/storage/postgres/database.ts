import { setTimeout } from "node:timers/promises";
import { MemGPTError, type Kept, describe } from "../../errors.ts";

export type Value = string | number | boolean | null | Uint8Array | readonly string[] | readonly number[];

/** Runs single statements, each in its own transaction. Integers are numbers, `bytea` is `Uint8Array`, the rest text. */
export interface Queryable {
  query<Row>(sql: string, values?: readonly Value[], options?: QueryOptions): Promise<Row[]>;
}

/** `isUsual`: whether the statement is frequent enough to be prepared. */
export type QueryOptions = { readonly isUsual?: boolean };

/** A PostgreSQL database: a pool of connections to a server, or one inside this process. */
export interface Database extends Queryable {
  /** Runs several statements without values in one transaction. */
  script(sql: string): Promise<void>;
  /** A consistent view of the present data until it is closed, whatever others write. */
  snapshot(): Promise<Queryable & { close(): Promise<void> }>;
  close(): Promise<void>;
}

/**
 * `text` as PostgreSQL can store it: NUL, which it rejects, becomes an escape of two characters, and so does the escape character.
 * Lone surrogates are replaced.
 */
function storable(text: string): string {
  if (!text.includes("\0") && !text.includes("\u0001") && text.isWellFormed()) return text;
  return text.toWellFormed().replaceAll("\u0001", "\u00011").replaceAll("\0", "\u00010");
}

/** Reverses `storable`. */
export function restored(text: string): string {
  if (!text.includes("\u0001")) return text;
  return text.replaceAll("\u00010", "\0").replaceAll("\u00011", "\u0001");
}

/** The escapes by which JSON shows characters that are not storable; also found where a text has the same letters. */
const ESCAPED = /\\u(?:000[01]|d[89a-f])/;

/** The values of a statement, with every text storable. */
export function toStore(values: readonly Value[]): Value[] {
  return values.map((value) => {
    if (typeof value === "string") return storable(value);
    return Array.isArray(value)
      ? ((value as readonly (string | number)[]).map((it) => (typeof it === "string" ? storable(it) : it)) as string[])
      : value;
  });
}

/** Rows for `json_to_recordset`: a single value for any number of rows. Bytes must be Base64. */
export function asRows(rows: readonly Readonly<Record<string, Value>>[]): string {
  // A function that sees each value takes several times as long.
  const text = JSON.stringify(rows);
  if (!text.includes("\\u") || !ESCAPED.test(text)) return text;
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === "string" ? storable(value) : value));
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Milliseconds before each retry after a broken connection: 12 seconds in all. */
const PAUSES = [50, 200, 750, 2_000, 4_000, 5_000];

/** Runs `work`, which must be idempotent, and retries it while connections break. */
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

/** Runs `work`, which only reads. Turns the database's errors into `storage_failed`. */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await again(work);
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    const message = `The database could not be read: ${reasonOf(cause)}. Its contents are unchanged.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
}

/** Like `reading`, for `work` that writes with one atomic statement. Does not retry. */
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

/** The reason for an error. A host with several addresses gives several errors. */
export function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(describe).join("; ") : describe(error);
}

/** Whether the connection was lost, or the server went down, before the statement was answered. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  // A code from the server counts only if the server is going down or starting up.
  if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E")) return /^(08|57P0[1-3])/.test(code);
  return code.startsWith("E") || /connection|terminated|timeout/i.test(error.message);
}
