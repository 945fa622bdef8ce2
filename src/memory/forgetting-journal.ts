import type { JournalEntry } from "../ports/journal.ts";
import { FORGOTTEN, type ForgetOrder } from "../schema/forgetting.ts";
import { type Message, messageSchema } from "../schema/message.ts";
import { blockSchema } from "../schema/state.ts";
import { parseJson } from "./envelope.ts";
import { forgetInBlock, forgetInMessage, holeOf, mentions, withoutWords } from "./forgetting.ts";
import { isIn } from "./phrases.ts";
import { isRelease, madeBy } from "./released.ts";

/** Finds a stored message by its id, as it was before the forgetting. */
type Lookup = (id: string) => Message | undefined;

/** Fields of the state that hold only names. */
const NAMES: ReadonlySet<string> = new Set(["id", "name", "functions", "sources"]);

/** A journal entry after the forgetting; the same object if unaffected. */
export function forgetInEntry(entry: JournalEntry, order: ForgetOrder, lookup: Lookup): JournalEntry {
  const { kind, op, before, after } = entry;
  if (order.only !== undefined && kind !== "block" && kind !== "state") return entry;
  if (kind === "position" || kind === "passage") return relabelled(entry, order);
  if (order.branches.some(([first, last]) => op >= first && op <= last)) {
    // Replaced by an entry without effect in either direction: no journey leads here any more.
    return { ...entry, cause: FORGOTTEN, kind: "state", ref: "heartbeatsPausedUntil", before: null, after: null };
  }
  // An empty entry has no effect: the write is neither held back again nor released.
  if (isRelease(entry)) {
    const isForgotten = [before, after].some((json) => json !== null && isReleaseOf(json, order));
    return isForgotten ? { ...relabelled(entry, order), before: null, after: null } : relabelled(entry, order);
  }
  const left = { before: valueLeft(entry, before, order, lookup), after: valueLeft(entry, after, order, lookup) };
  const isSame = left.before === before && left.after === after;
  return isSame ? relabelled(entry, order) : { ...relabelled(entry, order), ...left };
}

function relabelled(entry: JournalEntry, { labels, words, only }: ForgetOrder): JournalEntry {
  if (only !== undefined) return entry;
  const isQuoting = isIn(labels, entry.cause) || mentions(entry.cause, words);
  return isQuoting ? { ...entry, cause: FORGOTTEN } : entry;
}

function valueLeft(
  { kind, ref }: JournalEntry,
  json: string | null,
  order: ForgetOrder,
  lookup: Lookup,
): string | null {
  if (json === null) return null;
  switch (kind) {
    case "message":
      return messageLeft(json, order);
    case "queue":
      return spliceLeft(json, order, lookup);
    case "block":
      return mayMention(json, order) ? blockLeft(parseJson(json), order, json) : json;
    case "state":
      return NAMES.has(ref) || !mayMention(json, order) ? json : JSON.stringify(fieldLeft(parseJson(json), order));
    case "passage":
    case "position":
      return json;
  }
}

function isReleaseOf(json: string, { words, messages, passages }: ForgetOrder): boolean {
  return mentions(json, words) || madeBy(json).some((id) => isIn(messages, id) || isIn(passages, id));
}

/** Whether a value may contain what is forgotten. */
function mayMention(json: string, { words, notes }: ForgetOrder): boolean {
  return notes.length > 0 || mentions(json, words);
}

/** Only a rewording has messages as values; other values say whether the message exists. */
function messageLeft(json: string, order: ForgetOrder): string {
  const read = messageSchema().safeParse(parseJson(json));
  if (!read.success) return json;
  const left = forgetInMessage(read.data, order);
  return left === read.data ? json : JSON.stringify(left);
}

/** The items of a splice are messages, or ids of messages in recall storage. */
function spliceLeft(json: string, order: ForgetOrder, lookup: Lookup): string {
  const splice = parseJson(json);
  if (typeof splice !== "object" || splice === null || !("items" in splice) || !Array.isArray(splice.items))
    return json;
  const items: readonly unknown[] = splice.items;
  const left = items.map((item) => {
    if (typeof item === "string") {
      const message = isIn(order.messages, item) ? lookup(item) : undefined;
      return message === undefined ? item : holeOf(message);
    }
    const read = messageSchema().safeParse(item);
    const after = read.success ? forgetInMessage(read.data, order) : item;
    return after === read.data ? item : after;
  });
  return left.every((item, index) => item === items[index]) ? json : JSON.stringify({ ...splice, items: left });
}

function blockLeft(value: unknown, order: ForgetOrder, json: string): string {
  const read = blockSchema().safeParse(value);
  if (!read.success) return JSON.stringify(fieldLeft(value, order));
  const left = forgetInBlock(read.data, order);
  return left === read.data ? json : JSON.stringify(left);
}

function fieldLeft(value: unknown, order: ForgetOrder): unknown {
  if (typeof value === "string") {
    return order.only === undefined && mentions(value, order.words) ? withoutWords(value, order.words) : value;
  }
  const block = blockSchema().safeParse(value);
  if (block.success) return forgetInBlock(block.data, order);
  if (Array.isArray(value)) return value.map((item: unknown) => fieldLeft(item, order));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fieldLeft(item, order)]));
}
