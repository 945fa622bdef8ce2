import { createHash } from "node:crypto";
import { chunk } from "../memory/chunk.ts";
import { spokenText } from "../memory/envelope.ts";
import type { Message } from "../schema/message.ts";
import { originOf } from "../schema/origin.ts";
import type { Held } from "../schema/quarantine.ts";
import {
  type AddedPassage,
  type DatedText,
  type ImportPace,
  type ImportedMessage,
  datedTexts,
  packedMessages,
  packedPassages,
  sortedMessages,
  sortedTexts,
} from "./import.ts";
import { counted } from "../schema/counted.ts";
import { sortedWhole } from "./add-history.ts";
import { storable } from "./pack.ts";
import type { Session } from "./session.ts";

/** Memory from another program. */
export type ImportedMemory = {
  readonly messages: readonly ImportedMessage[];
  readonly passages: readonly AddedPassage[];
  /** Another agent's conversation, adopted message by message; those in `inContext` also go to the queue. */
  readonly history?: { readonly messages: readonly Message[]; readonly inContext: readonly string[] } | undefined;
  /** The program that it comes from. */
  readonly from?: string | undefined;
  /** The parts already held back. */
  readonly held?: readonly Held[] | undefined;
};

/** How much was added, and how much the agent already had. */
export type ImportedOnce = {
  readonly messages: number;
  /** Those stored: a long text is split into several. */
  readonly passages: number;
  /** Messages and texts. */
  readonly known: number;
  /** What is held back, by this import or an earlier one. */
  readonly held: readonly Held[];
};

/**
 * Adds the messages and passages that the agent does not have yet. The same words at the same time, or the same passage, count
 * as known. All of it is one commit, which one undo reverts.
 *
 * @throws MemGPTError `invalid_input`, `interrupted`; then nothing was added.
 */
export async function importOnce(
  session: Session,
  memory: ImportedMemory,
  pace: ImportPace = {},
): Promise<ImportedOnce> {
  const { recall, archival } = session.parts.store;
  const packed = await packedMessages(session, memory.messages, pace);
  const known = new Set<string>();
  if (packed.length > 0) {
    for await (const message of recall.all()) for (const key of keysOf(message)) known.add(key);
  }
  const isNew = memory.messages.map(({ createdAt }, index) => {
    const message = packed[index];
    if (message === undefined) return false;
    const [timed = "", untimed = ""] = keysOf(message);
    const wasKnown = known.has(createdAt === undefined ? untimed : timed);
    known.add(timed);
    return !wasKnown;
  });
  const added = packed.filter((_, index) => isNew[index]);
  const { stored, held: heldMessages, heldBefore: heldMessagesBefore } = await sortedMessages(session, added, pace);
  const whole = await sortedWhole(session, memory.history?.messages ?? [], new Set(memory.history?.inContext));
  const messages = [...whole.messages, ...inTime(stored)];
  const newTexts = await newPassages(archival.all(), await datedTexts(session, memory.passages));
  const { stored: texts, held: heldTexts, heldBefore: heldTextsBefore } = await sortedTexts(session, newTexts, pace);
  const passages = (await packedPassages(session, texts, pace)).flat();
  const held = [...(memory.held ?? []), ...whole.held, ...heldMessages, ...heldTexts];
  if (messages.length + passages.length + held.length > 0) {
    const what = [
      counted(messages.length, "message"),
      ...(passages.length > 0 ? [counted(passages.length, "passage")] : []),
    ];
    const action = session.action(`import of ${what.join(" and ")}`);
    const origin = originOf("import", memory.from);
    await session.commit(action, { origin, state: whole.state, messages, passages, held });
  }
  return {
    messages: messages.length,
    passages: passages.length,
    known: packed.length - added.length + memory.passages.length - newTexts.length,
    held: [...held, ...heldMessagesBefore, ...heldTextsBefore],
  };
}

/** The texts that are not stored yet. A long text, which is stored in pieces, is known if all its pieces are. */
async function newPassages(
  stored: AsyncIterable<{ readonly text: string }>,
  added: readonly DatedText[],
): Promise<DatedText[]> {
  if (added.length === 0) return [];
  const known = new Set<string>();
  for await (const { text } of stored) known.add(digest(text.trim()));
  return added.filter(({ text }) => {
    const pieces = chunk(storable(text)).map((piece) => digest(piece.trim()));
    const isNew = pieces.some((piece) => !known.has(piece));
    for (const piece of pieces) known.add(piece);
    return isNew;
  });
}

/** Keys of a message: its words with speaker and time, and without the time. */
function keysOf(message: Message): string[] {
  const text = spokenText(message);
  if (text === undefined) return [];
  const said = `${message.role}\n${"name" in message ? (message.name ?? "") : ""}\n${text}`;
  return [digest(`${message.createdAt}\n${said}`), digest(said)];
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64").slice(0, 22);
}

/** Oldest first; messages of the same time keep their order. */
function inTime(messages: readonly Message[]): Message[] {
  return [...messages].sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
}
