import type * as z from "zod";
import { type FunctionCall, type JournalEntry, type Message, envelopeText, spokenText } from "../../index.ts";
import { blockSchema } from "../../schema/state.ts";
import type { Owner } from "../house/owners.ts";
import type { CONTRACTS } from "../wire/contracts.ts";
import type { Call, Edit, Entry, Transcript } from "../wire/entries.ts";

type Memory = Parameters<Parameters<Owner["read"]>[1]>[0];
type Query = z.output<(typeof CONTRACTS)["transcript"]["query"]>;
type Returned = Extract<Message, { role: "function" }>;

/** Most returns of one answer that are read beyond the ends of a page. */
const MOST_RETURNS = 50;

/** Part of a conversation as people read it: each call with its return and the edits it made. */
export async function transcriptOf(memory: Memory, query: Query): Promise<Transcript> {
  const messages = await withAllReturns(memory, await listed(memory, query));
  const entries: Entry[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "user") entries.push(outside(message));
    if (message.role !== "assistant") continue;
    const after = messages.slice(index + 1);
    const end = after.findIndex(({ role }) => role !== "function");
    const returns = after.slice(0, end < 0 ? after.length : end).filter((it) => it.role === "function");
    entries.push(await answer(memory, message, returns));
  }
  const [first, last] = [messages[0], messages.at(-1)];
  const beyond = async (id: string | undefined, newestFirst: boolean): Promise<string | null> => {
    if (id === undefined) return null;
    const [more] = await memory.recall.list({ newestFirst, count: 1, after: id });
    return more === undefined ? null : id;
  };
  const queue = (await memory.load())?.queue ?? [];
  const inContext = queue.find((message) => message.role !== "user" || message.event !== "summary");
  return {
    entries,
    older: await beyond(first?.id, true),
    newer: await beyond(last?.id, false),
    contextFrom: inContext?.id ?? null,
  };
}

async function listed({ recall }: Memory, { before, after, around, size }: Query): Promise<Message[]> {
  if (around !== undefined) {
    const own = await recall.get(around);
    const half = Math.ceil(size / 2);
    const older = await recall.list({ newestFirst: true, count: half, after: around });
    const newer = await recall.list({ newestFirst: false, count: half, after: around });
    return [...older.reverse(), ...(own === undefined ? [] : [own]), ...newer];
  }
  if (after !== undefined) return recall.list({ newestFirst: false, count: size, after });
  return (await recall.list({ newestFirst: true, count: size, after: before })).reverse();
}

/** Extends a page so that it begins and ends between answers: no answer is cut off from its returns. */
async function withAllReturns({ recall }: Memory, messages: readonly Message[]): Promise<Message[]> {
  const all = [...messages];
  const more = async (newestFirst: boolean, id: string | undefined): Promise<Message[]> =>
    id === undefined ? [] : recall.list({ newestFirst, count: MOST_RETURNS, after: id });
  if (all[0]?.role === "function") {
    const before = await more(true, all[0].id);
    const end = before.findIndex(({ role }) => role !== "function");
    all.unshift(...before.slice(0, end + 1).reverse());
  }
  const last = all.at(-1);
  if (last !== undefined && last.role !== "user") {
    const behind = await more(false, last.id);
    const end = behind.findIndex(({ role }) => role !== "function");
    all.push(...behind.slice(0, end < 0 ? behind.length : end));
  }
  return all;
}

function outside({ id, createdAt: at, event, name, content }: Extract<Message, { role: "user" }>): Entry {
  const text = envelopeText(content) ?? "";
  return event === "user_message"
    ? { kind: "person", id, at, name: name ?? null, text }
    : { kind: "event", id, at, event, text };
}

async function answer(
  memory: Memory,
  message: Extract<Message, { role: "assistant" }>,
  returns: readonly Returned[],
): Promise<Entry> {
  const { id, createdAt: at, name, content, calls } = message;
  const isSpeech = (call: FunctionCall): boolean => call.name === "send_message";
  const others = calls.filter(
    (call) => !isSpeech(call) || returns.some((it) => it.callId === call.id && it.status === "Failed"),
  );
  const journal = others.length === 0 ? [] : await memory.journal.causedBy(id);
  const written = passagesIn(others, returns);
  const edits: (Edit | undefined)[] = [];
  for (const entry of journal) {
    const isPassage = entry.kind === "passage" && entry.after !== null;
    edits.push(await edit(memory, entry, isPassage ? written.shift() : undefined));
  }
  return {
    kind: "agent",
    id,
    at,
    name: name ?? null,
    thought: content === null || content.trim() === "" ? null : content,
    text: spokenText(message) ?? null,
    calls: others.map((call) => callOf(call, returns)),
    edits: edits.filter((it) => it !== undefined),
  };
}

function callOf({ id, name, arguments: args }: FunctionCall, returns: readonly Returned[]): Call {
  const returned = returns.find(({ callId }) => callId === id);
  const common = { id, name, arguments: args };
  if (returned === undefined) {
    return { ...common, returnId: null, kind: "plain", status: null, output: "", hits: null };
  }
  const { status, hits, kind = "plain", content, pending } = returned;
  return {
    ...common,
    returnId: returned.id,
    kind,
    status: pending === true ? "waiting" : status,
    output: pending === true ? "" : (envelopeText(content) ?? ""),
    hits: hits?.length ?? null,
  };
}

/** The texts of the passages that `calls` stored, in order. */
function passagesIn(calls: readonly FunctionCall[], returns: readonly Returned[]): string[] {
  return calls.flatMap(({ id, name, arguments: args }) => {
    const isDone = returns.some(({ callId, status }) => callId === id && status === "OK");
    return isDone && name === "archival_memory_insert" ? [contentIn(args)] : [];
  });
}

function contentIn(args: string): string {
  try {
    const { content } = JSON.parse(args) as { readonly content?: unknown };
    return typeof content === "string" ? content : "";
  } catch {
    return "";
  }
}

/** An edit of a block, or a stored passage. `written`: the passage's text in the call, in case it has been removed since. */
async function edit({ archival }: Memory, entry: JournalEntry, written: string | undefined): Promise<Edit | undefined> {
  const { op, kind, ref, before, after } = entry;
  if (kind === "block") {
    return { op, target: "core", ref, before: valueOf(before), after: valueOf(after) ?? "" };
  }
  if (kind !== "passage" || after === null) return undefined;
  const passage = { op, target: "archival", ref, before: null } as const;
  const text = (await archival.get(ref))?.text;
  if (text !== undefined) return { ...passage, after: text };
  return written === undefined || written === "" ? undefined : { ...passage, after: written, isGone: true };
}

function valueOf(json: string | null): string | null {
  return blockSchema().safeParse(JSON.parse(json ?? "null")).data?.value ?? null;
}
