import { setImmediate } from "node:timers/promises";
import { MemGPTError } from "../errors.ts";
import { embedPassages } from "../functions/embed.ts";
import { chunk } from "../memory/chunk.ts";
import { spokenText } from "../memory/envelope.ts";
import type { Message } from "../schema/message.ts";
import { originOf } from "../schema/origin.ts";
import type { EmbeddedPassage, Embedding } from "../schema/passage.ts";
import type { Held, HeldWrite } from "../schema/quarantine.ts";
import { type WriteOptions, originBy, writtenBy } from "./written-by.ts";
import { packEvent, packReply, storable } from "./pack.ts";
import { sortTexts } from "./quarantine.ts";
import { screenedText } from "./screening.ts";
import type { Session } from "./session.ts";
import { counted } from "../schema/counted.ts";

/** A message of an old conversation. */
export type ImportedMessage = {
  readonly role: "user" | "assistant";
  readonly text: string;
  /** When it was said: a `Date`, or any form that `Date` parses (default: now). */
  readonly createdAt?: string | Date | undefined;
  /** Who said it, if neither the person nor the agent. Searches can filter by it. */
  readonly name?: string | undefined;
};

/** A text for archival storage. `createdAt` as for a message. */
export type AddedPassage = { readonly text: string; readonly createdAt?: string | Date | undefined };

/** What may be stored, what is held back now, and what was already held back. */
export type Sorted<T> = {
  readonly stored: readonly T[];
  readonly held: readonly Held[];
  readonly heldBefore: readonly Held[];
};

export const IMPORT = originOf("import");

/** How far an import is: reading messages, checking what they and passages say, embedding passages. */
export type ImportProgress = {
  readonly phase: "reading" | "checking" | "embedding";
  readonly done: number;
  readonly total: number;
};

export type ImportPace = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
};

/** Yields to the event loop after this many messages. */
const AT_A_TIME = 1000;

/** Texts per call of the embedder. */
const EMBEDDED_AT_A_TIME = 128;

/**
 * Adds `messages` to recall storage in the order given, but not to the queue: all of them or none.
 *
 * @returns the ids of the messages that were not held back, in the same order.
 */
export async function importMessages(
  session: Session,
  messages: readonly ImportedMessage[],
  signal?: AbortSignal,
): Promise<string[]> {
  const { stored, held } = await sortedMessages(session, await packedMessages(session, messages, { signal }), {
    signal,
  });
  if (stored.length + held.length > 0) {
    const action = session.action(`import of ${counted(stored.length, "message")}`);
    await session.commit(action, { origin: IMPORT, state: session.state, messages: stored, held });
  }
  return stored.map(({ id }) => id);
}

/** Holds back the messages that read like instructions to the agent. */
export async function sortedMessages(
  session: Session,
  messages: readonly Message[],
  pace: ImportPace,
): Promise<Sorted<Message>> {
  const items = messages.map((message) => ({ message, text: spokenText(message) ?? "" }));
  const writeOf = ({ message, text }: (typeof items)[number]): HeldWrite => {
    const { createdAt } = message;
    const name = "name" in message && message.role !== "function" ? message.name : undefined;
    const role = message.role === "user" ? "user" : "assistant";
    return { type: "message", role, text, createdAt, ...(name === undefined ? {} : { name }) };
  };
  const { stored, ...others } = await sorted(session, items, { writeOf, pace });
  return { ...others, stored: stored.map(({ message }) => message) };
}

/** The messages in the form of recall storage. @throws MemGPTError `invalid_input`, `interrupted`. */
export async function packedMessages(
  { parts: { newId, now, secrets } }: Session,
  messages: readonly ImportedMessage[],
  pace: ImportPace,
): Promise<Message[]> {
  const at = now();
  const times = messages.map((message, index) => checkMessage(message, `Message ${index + 1}`, at));
  const packed: Message[] = [];
  for (const [index, message] of messages.entries()) {
    if (index % AT_A_TIME === 0) await pause(pace, { phase: "reading", done: index, total: messages.length });
    const { text } = await screenedText(message.text, secrets);
    packed.push(pack({ ...message, text }, { newId, now: times[index] ?? at, lastActiveAt: null }));
  }
  return packed;
}

/**
 * Adds texts to archival storage, long ones split as `archival_memory_insert` splits them: all of them or none.
 *
 * @returns the ids of each text's passages, in the order of the texts.
 */
export async function addPassages(
  session: Session,
  texts: readonly AddedPassage[],
  { signal, by }: WriteOptions = {},
): Promise<string[][]> {
  const dated = await datedTexts(session, texts);
  const { stored, held } = await sortedTexts(session, dated, { signal });
  const pieces = await packedPassages(session, stored, { signal });
  const passages = pieces.flat();
  if (passages.length + held.length > 0) {
    const { state } = session;
    await session.commit(session.action(writtenBy(by, `import of ${counted(passages.length, "passage")}`)), {
      origin: originBy(by) ?? IMPORT,
      state,
      passages,
      held,
    });
  }
  return dated.map((text) => (pieces[stored.indexOf(text)] ?? []).map(({ id }) => id));
}

/**
 * Replaces a passage by a text, in one change that an undo reverts.
 *
 * @returns the ids of its new passages; empty if the text was held back, in which case the old passage stays.
 * @throws MemGPTError `not_found`; as `addPassages` does.
 */
export async function replacePassage(
  session: Session,
  { id, text }: { readonly id: string; readonly text: string },
  { signal, by }: WriteOptions = {},
): Promise<string[]> {
  const old = await session.parts.store.archival.get(id);
  if (old === undefined) throw new MemGPTError("not_found", `No passage has the id ${id}. Nothing was changed.`);
  const dated = await datedTexts(session, [{ text, createdAt: old.createdAt }]);
  const { stored, held } = await sortedTexts(session, dated, { signal });
  const passages = (await packedPassages(session, stored, { signal })).flat();
  const retracted = { messages: [], passages: stored.length === 0 ? [] : [id] };
  await session.commit(session.action(writtenBy(by, "edit of a passage")), {
    origin: originBy(by),
    state: session.state,
    passages,
    retracted,
    held,
  });
  return passages.map((passage) => passage.id);
}

/** A text for archival storage, without secrets. `createdAt` is ISO 8601 in UTC. */
export type DatedText = { readonly text: string; readonly createdAt: string };

/** @throws MemGPTError `invalid_input`. */
export async function datedTexts(
  { parts: { now, secrets } }: Session,
  texts: readonly AddedPassage[],
): Promise<DatedText[]> {
  const at = now();
  const times = texts.map((added, index) => checkText(added, `Text ${index + 1}`, at));
  const screened = await Promise.all(texts.map(({ text }) => screenedText(text, secrets)));
  return screened.map(({ text }, index) => ({ text, createdAt: times[index] ?? at }));
}

/** Holds back the texts that read like instructions to the agent. */
export async function sortedTexts(
  session: Session,
  texts: readonly DatedText[],
  pace: ImportPace,
): Promise<Sorted<DatedText>> {
  const writeOf = ({ text, createdAt }: DatedText): HeldWrite => ({ type: "passage", text, createdAt });
  return sorted(session, texts, { writeOf, pace });
}

/** Sorts texts without holding back any twice. A notice says how many are newly held back. */
async function sorted<T extends { readonly text: string }>(
  { parts: { quarantine: policy, newId, now, notices, store } }: Session,
  items: readonly T[],
  { writeOf, pace }: { readonly writeOf: (item: T) => HeldWrite; readonly pace: ImportPace },
): Promise<Sorted<T>> {
  const known = new Set((await store.quarantine.list()).map(({ write }) => JSON.stringify(write)));
  const context = {
    policy,
    newId,
    at: now(),
    pause: (done: number) => pause(pace, { phase: "checking", done, total: items.length }),
  };
  const { notices: found, ...result } = await sortTexts(items, writeOf, context);
  const held = result.held.filter(({ write }) => !known.has(JSON.stringify(write)));
  if (held.length > 0 || result.held.length === 0) found.forEach(notices.add);
  const heldBefore = result.held.filter((item) => !held.includes(item));
  return { ...result, held, heldBefore };
}

/** The texts as passages, grouped by text. @throws MemGPTError `interrupted`. */
export async function packedPassages(
  session: Session,
  texts: readonly DatedText[],
  pace: ImportPace,
): Promise<EmbeddedPassage[][]> {
  const { newId } = session.parts;
  const pieces = texts.map(({ text: whole, createdAt }) =>
    chunk(storable(whole)).map((text) => ({ id: newId(), text, createdAt })),
  );
  const passages = await embedded(session, pieces.flat(), pace).catch((error: unknown) => {
    throw pace.signal?.aborted === true ? stopped(error) : error;
  });
  let from = 0;
  return pieces.map(({ length }) => {
    from += length;
    return passages.slice(from - length, from);
  });
}

async function embedded(
  { parts: { embedder, store, notices } }: Session,
  passages: readonly Omit<EmbeddedPassage, "embedding">[],
  pace: ImportPace,
): Promise<EmbeddedPassage[]> {
  const context = { archival: store.archival, embedder, notify: notices.add, signal: pace.signal };
  const all: EmbeddedPassage[] = [];
  let isWorking = true;
  for (let from = 0; from < passages.length; from += EMBEDDED_AT_A_TIME) {
    await pause(pace, { phase: "embedding", done: from, total: passages.length });
    const some = passages.slice(from, from + EMBEDDED_AT_A_TIME);
    const texts = some.map(({ text }) => text);
    const embeddings: readonly (Embedding | null)[] = isWorking ? await embedPassages(texts, context) : [];
    all.push(...some.map((passage, index) => ({ ...passage, embedding: embeddings[index] ?? null })));
    // After a whole batch without vectors, the embedder is broken: do not wait for it again.
    isWorking &&= embeddings.some((embedding) => embedding !== null);
  }
  return all;
}

/** @throws MemGPTError `interrupted` if `signal` is aborted. */
async function pause({ signal, onProgress }: ImportPace, progress: ImportProgress): Promise<void> {
  onProgress?.(progress);
  await setImmediate();
  if (signal?.aborted === true) throw stopped(signal.reason);
}

function stopped(cause: unknown): MemGPTError {
  return new MemGPTError("interrupted", "Stopped. Nothing was imported.", { cause });
}

function pack({ role, text, name }: ImportedMessage, context: Parameters<typeof packEvent>[1]): Message {
  const message =
    role === "user" ? packEvent({ type: "user_message", message: text }, context) : packReply(text, context);
  return name === undefined ? message : { ...message, name: storable(name.trim()) };
}

/** @returns the message's time, ISO 8601 in UTC. @throws MemGPTError `invalid_input`, naming the message as `what`. */
function checkMessage(message: ImportedMessage, what: string, now: string): string {
  const createdAt = checkText(message, what, now);
  const { name } = message;
  if (name?.trim() === "") {
    throw refused(`${what} has a blank name (${JSON.stringify(name)}); leave it out.`);
  }
  return createdAt;
}

function checkText({ text, createdAt }: AddedPassage, what: string, now: string): string {
  if (text.trim() === "") throw refused(`${what} has no text.`);
  if (createdAt === undefined) return now;
  const time = new Date(createdAt);
  const iso = Number.isNaN(time.getTime()) ? "" : time.toISOString();
  // Years of more than four digits would sort wrongly.
  if (/^\d{4}-/.test(iso)) return iso;
  throw refused(`${what} has an invalid time, ${asWritten(createdAt)}; write it as ISO 8601.`);
}

/** The time as given. `JSON.stringify` would turn an invalid `Date` into null. */
function asWritten(time: string | Date): string {
  return time instanceof Date ? String(time) : JSON.stringify(time);
}

export function refused(text: string): MemGPTError {
  return new MemGPTError("invalid_input", `${text} Nothing was imported.`);
}
