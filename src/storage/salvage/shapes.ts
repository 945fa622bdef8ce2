import type { StoredRecord, Value } from "./records.ts";

// The shapes of our tables' rows, to tell them apart without the schema. Columns are in the order in which the migrations
// created them.

export type Role = "user" | "assistant" | "function";
export type MessageRow = {
  readonly seq: number;
  readonly id: string;
  readonly createdAt: string;
  readonly role: Role;
  readonly text: string | null;
  readonly json: string;
  readonly live: number;
  readonly n: number | null;
  readonly session: number | null;
  readonly speaker: string | null;
  /** Hash of the text (see stored-values.ts); null in older schemas. */
  readonly gist: number | null;
};
export type PassageRow = {
  readonly seq: number;
  readonly id: string;
  readonly createdAt: string;
  readonly text: string;
  readonly embedding: Buffer | null;
  readonly live: number;
  /** Null in older schemas. */
  readonly origin: string | null;
};
export type JournalRow = readonly [op: number, at: string, cause: string, kind: string, ref: string, ...JournalEnd];
type JournalEnd = readonly [before: string | null, after: string | null, origin: string | null];
export type ActionRow = readonly [
  seq: number,
  id: string,
  at: string,
  label: string,
  first: number,
  last: number,
  undone: number | null,
];

const KINDS = new Set(["message", "passage", "block", "queue", "state", "position"]);

export function asMessage({ key, values }: StoredRecord): MessageRow | undefined {
  // Older schemas have `terms` after the text, and lack the last columns.
  const [own, id, createdAt, role, text, ...rest] = values;
  const [json, live, n = null, session = null, speaker = null, , gist = null] = isFlag(rest[1]) ? rest : rest.slice(1);
  if (own !== null || !isText(id) || !isTime(createdAt) || !isRole(role) || !isText(json)) return undefined;
  if (!isTextOrNull(text) || !isFlag(live)) return undefined;
  if (!isNumberOrNull(n) || !isNumberOrNull(session) || !isTextOrNull(speaker)) return undefined;

  return { seq: key, id, createdAt, role, text, json, live, n, session, speaker, gist: isNumber(gist) ? gist : null };
}

export function asPassage({ key, values }: StoredRecord): PassageRow | undefined {
  const [own, id, createdAt, text, ...rest] = values;
  // Older schemas have `terms` after the text, and lack the origin.
  const [embedding, live, origin = null] = isFlag(rest[1]) ? rest : rest.slice(1);
  if (own !== null || !isText(id) || !isTime(createdAt) || !isText(text) || !isTextOrNull(origin)) return undefined;
  if (!isFlag(live) || embedding === undefined || (embedding !== null && !Buffer.isBuffer(embedding))) return undefined;
  return { seq: key, id, createdAt, text, embedding, live, origin };
}

export function asJournal({ key, values }: StoredRecord): JournalRow | undefined {
  const [own, at, cause, kind, ref, before, after, origin = null] = values;
  if (own !== null || !isTime(at) || !isText(cause) || !isText(kind) || !KINDS.has(kind)) return undefined;
  if (!isText(ref) || !isTextOrNull(before) || !isTextOrNull(after) || !isTextOrNull(origin)) return undefined;
  return [key, at, cause, kind, ref, before, after, origin];
}

export function asAction({ key, values }: StoredRecord): ActionRow | undefined {
  const [own, id, at, label, first, last, undone] = values;
  if (own !== null || !isText(id) || !isTime(at) || !isText(label) || values.length < 7) return undefined;
  if (!isNumber(first) || !isNumber(last) || !isNumberOrNull(undone) || first > last) return undefined;
  return [key, id, at, label, first, last, undone];
}

/** The JSON of the state. */
export function asState({ key, values }: StoredRecord): string | undefined {
  const [own, json] = values;
  return key === 1 && own === null && isText(json) && json.startsWith("{") ? json : undefined;
}

export function asMeta({ values }: StoredRecord): readonly [key: string, value: string] | undefined {
  const [key, value] = values;
  return values.length === 2 && isText(key) && isText(value) && value.startsWith("{") ? [key, value] : undefined;
}

export function asTotal({ values }: StoredRecord): readonly [name: string, value: number] | undefined {
  const [name, value] = values;
  return values.length === 2 && isText(name) && isNumber(value) && value >= 0 ? [name, value] : undefined;
}

/** An entry of a checksum index. */
export function asSum({ values }: StoredRecord): readonly [key: number, sum: number] | undefined {
  const [key, sum, row] = values;
  return values.length === 3 && isNumber(key) && isNumber(sum) && key === row ? [key, sum] : undefined;
}

/** An entry of an id index. */
export function asId({ values }: StoredRecord): { readonly id: string; readonly seq: number } | undefined {
  const [id, seq] = values;
  return values.length === 2 && isText(id) && isNumber(seq) ? { id, seq } : undefined;
}

/** An entry of the line index (`messages_lines`), which holds only live lines. */
export function asLine({ values }: StoredRecord): Omit<MessageRow, "id" | "text" | "json" | "gist"> | undefined {
  const [n, session, role, speaker, createdAt, , , seq] = values;
  if (values.length !== 8 || !isNumber(n) || !isNumber(session) || !isNumber(seq)) return undefined;
  if (!isRole(role) || !isTextOrNull(speaker) || !isTime(createdAt)) return undefined;
  return { seq, n, session, role, speaker, createdAt, live: 1 };
}

/** An entry of `passages_kept`, which holds only live passages with a vector. */
export function asKept({ values }: StoredRecord): { readonly createdAt: string; readonly seq: number } | undefined {
  const [createdAt, seq] = values;
  return isTime(createdAt) && isNumber(seq) ? { createdAt, seq } : undefined;
}

function isText(value: Value | undefined): value is string {
  return typeof value === "string";
}

function isRole(value: Value | undefined): value is Role {
  return value === "user" || value === "assistant" || value === "function";
}

function isTextOrNull(value: Value | undefined): value is string | null {
  return value === null || typeof value === "string";
}

function isNumber(value: Value | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isNumberOrNull(value: Value | undefined): value is number | null {
  return value === null || isNumber(value);
}

function isFlag(value: Value | undefined): value is 0 | 1 {
  return value === 0 || value === 1;
}

function isTime(value: Value | undefined): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d/.test(value);
}
