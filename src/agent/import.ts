import { setImmediate } from "node:timers/promises";
import { MemGPTError } from "../errors.ts";
import { embedPassages } from "../functions/embed.ts";
import { chunk } from "../memory/chunk.ts";
import { eventsOf } from "../memory/queue.ts";
import { type Message, messageSchema } from "../schema/message.ts";
import type { EmbeddedPassage, Embedding } from "../schema/passage.ts";
import { packEvent, packReply, storable } from "./pack.ts";
import { screenedText } from "./screening.ts";
import type { Session } from "./session.ts";

/** Something that was said elsewhere. */
export type ImportedMessage = {
  readonly role: "user" | "assistant";
  readonly text: string;
  /** When it was said: a `Date`, or any form that `Date` reads; now if absent. */
  readonly createdAt?: string | Date | undefined;
  /** Who said it, where there are others than the person and the agent. Searches can ask for it. */
  readonly name?: string | undefined;
};

/** A text for archival storage. `createdAt` as for a message. */
export type AddedPassage = { readonly text: string; readonly createdAt?: string | Date | undefined };

/** After so many the loop is let go on with other things for a moment. */
const AT_A_TIME = 1000;

/** Texts that the embedder is given at once. */
const EMBEDDED_AT_A_TIME = 128;

/**
 * Puts `messages` in recall storage in the order given, and not in the queue: all of them or none.
 *
 * @returns their ids, in the same order.
 */
export async function importMessages(
  session: Session,
  messages: readonly ImportedMessage[],
  signal?: AbortSignal,
): Promise<string[]> {
  const { newId, now } = session.parts;
  const at = now();
  const times = messages.map((message, index) => checkMessage(message, `Message ${index + 1}`, at));
  const packed: Message[] = [];
  for (const [index, message] of messages.entries()) {
    if (index % AT_A_TIME === 0) await pause(signal);
    const { text } = await screenedText(message.text, session.parts.secrets);
    packed.push(pack({ ...message, text }, { newId, now: times[index] ?? at, lastActiveAt: null }));
  }
  if (packed.length > 0) {
    const { state } = session;
    await session.commit(session.action(`import of ${counted(packed.length, "message")}`), { state, messages: packed });
  }
  return packed.map(({ id }) => id);
}

/** Takes over messages as they are, those in `inContext` also in the queue. @throws MemGPTError `invalid_input`. */
export async function addHistory(
  session: Session,
  messages: readonly Message[],
  inContext: ReadonlySet<string>,
): Promise<void> {
  const checked = messages.map((message, index) => {
    const parsed = messageSchema.safeParse(message);
    if (parsed.success) return parsed.data;
    throw refused(`Message ${index + 1} is not one: ${parsed.error.issues[0]?.message ?? "it cannot be read"}.`);
  });
  if (checked.length === 0) return;
  const { state } = session;
  const shown = checked.filter(({ id }) => inContext.has(id));
  // What a new agent is shown of its own form makes room for what really was said.
  const queue = [...(shown.length > 0 ? eventsOf(state) : state.queue), ...shown];
  const next = { ...state, queue, greeted: state.greeted || shown.length > 0 };
  const action = session.action(`import of ${counted(checked.length, "message")}`);
  await session.commit(action, { state: next, messages: checked });
}

/**
 * Puts texts in archival storage, in pieces where they are long, as `archival_memory_insert` does: all of them or none.
 *
 * @returns the ids of each text's passages, in the order of the texts.
 */
export async function addPassages(
  session: Session,
  texts: readonly AddedPassage[],
  signal?: AbortSignal,
): Promise<string[][]> {
  const { newId, now, secrets } = session.parts;
  const at = now();
  const times = texts.map((added, index) => checkText(added, `Text ${index + 1}`, at));
  const screened = await Promise.all(texts.map(({ text }) => screenedText(text, secrets)));
  const pieces = screened.map((added, index) =>
    chunk(storable(added.text)).map((text) => ({ id: newId(), text, createdAt: times[index] ?? at })),
  );
  const passages = await embedded(session, pieces.flat(), signal).catch((error: unknown) => {
    throw signal?.aborted === true ? stopped(error) : error;
  });
  if (passages.length > 0) {
    const { state } = session;
    await session.commit(session.action(`import of ${counted(passages.length, "passage")}`), { state, passages });
  }
  return pieces.map((those) => those.map(({ id }) => id));
}

async function embedded(
  { parts: { embedder, store } }: Session,
  passages: readonly Omit<EmbeddedPassage, "embedding">[],
  signal: AbortSignal | undefined,
): Promise<EmbeddedPassage[]> {
  const say = (notice: string): void => {
    store.say(notice);
  };
  const context = { archival: store.archival, embedder, say, signal };
  const all: EmbeddedPassage[] = [];
  let isOfUse = true;
  for (let from = 0; from < passages.length; from += EMBEDDED_AT_A_TIME) {
    await pause(signal);
    const some = passages.slice(from, from + EMBEDDED_AT_A_TIME);
    const texts = some.map(({ text }) => text);
    const embeddings: readonly (Embedding | null)[] = isOfUse ? await embedPassages(texts, context) : [];
    all.push(...some.map((passage, index) => ({ ...passage, embedding: embeddings[index] ?? null })));
    // Where not one of so many has a vector the others would wait for theirs in vain.
    isOfUse &&= embeddings.some((embedding) => embedding !== null);
  }
  return all;
}

/** @throws MemGPTError `interrupted` if `signal` is aborted. */
async function pause(signal: AbortSignal | undefined): Promise<void> {
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

/** @returns when it was said, ISO 8601 in UTC. @throws MemGPTError `invalid_input`, naming `what` is wrong. */
function checkMessage(message: ImportedMessage, what: string, now: string): string {
  const createdAt = checkText(message, what, now);
  const { name } = message;
  if (name?.trim() === "") {
    throw refused(`${what} has the name ${JSON.stringify(name)}, which names nobody; leave it out.`);
  }
  return createdAt;
}

function checkText({ text, createdAt }: AddedPassage, what: string, now: string): string {
  if (text.trim() === "") throw refused(`${what} has no text.`);
  if (createdAt === undefined) return now;
  const time = new Date(createdAt);
  const iso = Number.isNaN(time.getTime()) ? "" : time.toISOString();
  // Years of more than four digits would not stand in the order of time.
  if (/^\d{4}-/.test(iso)) return iso;
  throw refused(`${what} has ${asWritten(createdAt)} for a time; write it as ISO 8601.`);
}

/** As it was written; `JSON.stringify` has no word for a `Date` that is none. */
function asWritten(time: string | Date): string {
  return time instanceof Date ? String(time) : JSON.stringify(time);
}

function refused(text: string): MemGPTError {
  return new MemGPTError("invalid_input", `${text} Nothing was imported.`);
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
