import { MemGPTError } from "../errors.ts";
import { eventsOf, firstEvent } from "../memory/queue.ts";
import type { AgentEvent, InputEvent } from "../schema/events.ts";
import type { AgentState, Block } from "../schema/state.ts";
import type { BlockChange, CheckpointEntry, MemoryChange, Popped, Undone } from "../schema/timeline.ts";
import type { ActionRef, UndoMove } from "../ports/history.ts";
import { excerpt } from "./arguments.ts";
import { originBy, writtenBy } from "./written-by.ts";
import { NO_CHANGE, changeOf, settingsChanged } from "./changes.ts";
import type { AgentChanges } from "./deps.ts";
import {
  type BlockChanges,
  withBlockChanged,
  withBlockEdited,
  withBlocks,
  withNewBlock,
  withSystem,
  withoutBlock,
} from "./edit.ts";
import { planPop, popFrom } from "./pop.ts";
import { flush } from "./queue-manager.ts";
import {
  type Rewritten,
  newestAnswer,
  newestReply,
  replyOf,
  shownAs,
  wholeOf,
  withReply,
  withText,
} from "./rewrite.ts";
import type { Message } from "../schema/message.ts";
import { screenedBlock, screenedWrite } from "./screening.ts";
import type { Session } from "./session.ts";
import { envelopeText, spokenText } from "../memory/envelope.ts";
import { planJourney, reaches } from "../memory/journey.ts";
import { frameOf } from "../memory/main-context.ts";
import { shownTime } from "../time/format.ts";

/**
 * Pops a message of the person and everything after it, and sends `text` in its place. Both are stored together with the
 * first step of the new answer; until then nothing changes.
 */
export async function* retry(
  session: Session,
  { text, id, from }: { readonly text: string; readonly id: string | undefined; readonly from: string | undefined },
  send: (event: InputEvent, action: ActionRef) => AsyncGenerator<AgentEvent, void, void>,
): AsyncGenerator<AgentEvent, void, void> {
  const at = messageIndex(session.state, from);
  if (at < 0) throw noMessage(session.state);
  const command = text === (await spokenMessage(session, from)) ? "/retry" : "/edit";
  const action = session.action(`${command} ${excerpt(text)}`);
  yield* session.tentatively(async function* (): AsyncGenerator<AgentEvent, void, void> {
    yield { type: "popped", popped: await popAt(session, at, session.state.queue.length - at, action) };
    yield* send({ type: "user_message", message: text, id }, action);
  });
}

/** The whole text of a message of the person in context, by id or else the last; undefined if it is not there. */
export async function spokenMessage({ state, parts }: Session, id?: string): Promise<string | undefined> {
  const shown = state.queue[messageIndex(state, id)];
  if (shown === undefined) return undefined;
  const whole = (await parts.store.recall.get(shown.id)) ?? shown;
  return whole.role === "user" ? envelopeText(whole.content) : undefined;
}

export function noMessage({ name }: AgentState): MemGPTError {
  return new MemGPTError(
    "not_found",
    `The context of ${name} has no message of yours to send again. Nothing was changed.`,
  );
}

function messageIndex({ queue }: AgentState, id: string | undefined): number {
  return queue.findLastIndex(
    (message) => message.role === "user" && message.event === "user_message" && message.id === (id ?? message.id),
  );
}

export async function pop(session: Session, count: number): Promise<Popped> {
  const from = popFrom(session.state, count);
  const named = Math.min(count, session.state.queue.length - from);
  return popAt(session, from, count, session.action(`/pop ${named}`));
}

async function popAt(session: Session, from: number, asked: number, action: ActionRef): Promise<Popped> {
  const { change, popped } = await planPop(session.state, from, session.parts.store);
  if (popped.messages.length > 0) await session.commit(action, change);
  return { ...popped, asked };
}

export async function undo(session: Session, count: number): Promise<Undone> {
  const { store, now } = session.parts;
  return arrive(session, await store.history.undo(count, now()));
}

export async function redo(session: Session): Promise<Undone> {
  const { store, now } = session.parts;
  return arrive(session, await store.history.redo(now()));
}

async function arrive(session: Session, move: UndoMove | undefined): Promise<Undone> {
  if (move === undefined) return { actions: [], change: NO_CHANGE };
  await session.arrive(move);
  return { actions: move.actions, change: changeOf(move) };
}

export async function rethink(session: Session, typed: string): Promise<Rewritten> {
  const text = await screenedWrite(typed, session.parts);
  const message = await wholeOf(newestAnswer(session.state), session.parts.store.recall);
  await replace(session, "/rethink", { ...message, content: text });
  return { before: message.content, after: text };
}

export async function rewrite(session: Session, typed: string): Promise<Rewritten> {
  const text = await screenedWrite(typed, session.parts);
  const message = await wholeOf(newestReply(session.state), session.parts.store.recall);
  await replace(session, "/rewrite", withReply(message, text));
  return { before: replyOf(message), after: text };
}

/** @throws MemGPTError `not_found` for an unknown id or a function return. */
export async function editMessage(session: Session, id: string, typed: string): Promise<Rewritten> {
  const message = await session.parts.store.recall.get(id);
  if (message === undefined || message.role === "function") {
    throw new MemGPTError("not_found", `${session.state.name} has no message ${id} to edit. Nothing was changed.`);
  }
  const text = await screenedWrite(typed, session.parts);
  const before = spokenText(message) ?? (message.role === "user" ? envelopeText(message.content) : message.content);
  await replace(session, "edit of a message", withText(message, text));
  return { before: before ?? null, after: text };
}

async function replace(session: Session, label: string, message: Message): Promise<void> {
  const { state, schemas } = session;
  const shown = shownAs(message, state, schemas);
  const queue = state.queue.map((item) => (item.id === message.id ? shown : item));
  await session.commit(session.action(label), { state: { ...state, queue }, rewritten: [message] });
}

export async function loadCheckpoint(
  session: Session,
  which: string,
  options: { readonly edited?: boolean },
): Promise<{ checkpoint: CheckpointEntry; change: MemoryChange }> {
  const { store, checkpoints, now } = session.parts;
  const { state, ...checkpoint } = await checkpoints.find(which, options);
  const action = session.action(`/load ${checkpoint.name ?? shownTime(checkpoint.time)}`);
  const before = await store.history.journal.head();
  const move = await store.history.goTo({ op: checkpoint.op, state }, action, now());
  // At the checkpoint already, nothing changed and no new one is due.
  if ((await store.history.journal.head()) > before) await session.arrive(move);
  return { checkpoint, change: changeOf(move) };
}

export async function wipe(session: Session): Promise<MemoryChange> {
  const { store, now, initialState } = session.parts;
  const initial = initialState(session.state, await initialBlocks(session));
  const screen = (text: string): Promise<string> => screenedWrite(text, session.parts);
  const blocks = await Promise.all(initial.blocks.map((block) => screenedBlock(block, screen)));
  const move = await store.history.goTo({ op: 0, state: { ...initial, blocks } }, session.action("/wipe"), now());
  await session.arrive(move);
  return changeOf(move);
}

/** The blocks that the agent was created with, shared ones in their current form; undefined if the journal lost them. */
async function initialBlocks({ state, parts }: Session): Promise<Block[] | undefined> {
  const { journal } = parts.store.history;
  if (!(await reaches(0, journal))) return undefined;
  const { blocks } = (await planJourney(0, state, journal)).state;
  return blocks.map((block) => parts.sharedBlocks.shared(block.id) ?? block);
}

export async function editBlock(
  session: Session,
  label: string,
  { value: written, by }: { readonly value: string; readonly by?: string | undefined },
): Promise<BlockChange> {
  const { state, parts } = session;
  const value = await screenedWrite(written, parts);
  const after = withBlockEdited(state, label, value, parts.now());
  await change(session, writtenBy(by, `/core edit ${label}`), after, originBy(by));
  const before = state.blocks.find((block) => block.label === label)?.value ?? "";
  return { label, before, after: value };
}

export async function addBlock(session: Session, written: Block): Promise<void> {
  const block = await screenedBlock(written, (text) => screenedWrite(text, session.parts));
  await change(session, `new block ${block.label}`, withNewBlock(session.state, block, session.parts));
}

export async function changeBlock(session: Session, label: string, written: BlockChanges): Promise<Block> {
  const changes = await screenedBlock(written, (text) => screenedWrite(text, session.parts));
  const after = withBlockChanged(session.state, label, changes, session.parts.now());
  await change(session, `edit of block ${label}`, after);
  const now = changes.label ?? label;
  return session.state.blocks.find((block) => block.label === now) ?? { label: now, value: "", limit: 1 };
}

export async function removeBlock(session: Session, label: string): Promise<void> {
  await change(session, `removal of block ${label}`, withoutBlock(session.state, label, session.parts.now()));
}

/** @returns how many were removed. */
export async function removePassages(session: Session, ids: readonly string[], by?: string): Promise<number> {
  const { archival } = session.parts.store;
  const found = await Promise.all([...new Set(ids)].map((id) => archival.get(id)));
  const passages = found.flatMap((passage) => (passage === undefined ? [] : [passage.id]));
  if (passages.length === 0) return 0;
  const what = passages.length === 1 ? "a passage" : `${passages.length} passages`;
  const action = session.action(writtenBy(by, `removal of ${what}`));
  await session.commit(action, {
    origin: originBy(by),
    state: session.state,
    retracted: { messages: [], passages },
  });
  return passages.length;
}

/** Removes every message. Core and archival memory stay. @returns how many were removed. */
export async function clearMessages(session: Session): Promise<number> {
  const { state, parts } = session;
  const messages: string[] = [];
  for await (const { id } of parts.store.recall.all()) messages.push(id);
  if (messages.length === 0) return 0;
  const queue = state.queue.slice(0, firstEvent(state));
  const cleared = { ...state, queue, evicted: 0, pressure: { ...state.pressure, alerted: false } };
  await session.commit(session.action("/clear messages"), { state: cleared, retracted: { messages, passages: [] } });
  return messages.length;
}

export async function configure(session: Session, changes: AgentChanges): Promise<{ changes: string[] }> {
  const { state, parts, schemas } = session;
  const { system, blockIds, ...overrides } = changes;
  const configured = parts.override(state, overrides);
  const written = system === undefined ? undefined : await screenedWrite(system, parts);
  const prompted = written === undefined ? configured : withSystem(configured, written, schemas);
  const chosen = blockIds === undefined ? undefined : await parts.sharedBlocks.choose(state, blockIds);
  const after = chosen === undefined ? prompted : withBlocks(prompted, chosen.blocks, parts.now());
  // Do not store a model that is unavailable.
  if (configured !== state) await parts.llm(after.settings).ready?.();
  await change(session, configureLabel(changes), after);
  await chosen?.settle();
  return { changes: settingsChanged(state, after) };
}

function configureLabel({ model, system, blockIds }: AgentChanges): string {
  const named = [
    ...(model === undefined ? [] : [`/model ${model}`]),
    ...(system === undefined ? [] : ["/systemswap"]),
    ...(blockIds === undefined ? [] : ["choice of blocks"]),
  ];
  return named.length === 0 ? "settings" : named.join(", ");
}

export async function keepCheckpoints(session: Session, count: number): Promise<number> {
  const { state, parts } = session;
  const { checkpoints } = parts;
  const before = await checkpoints.list();
  const settings = { ...state.settings, keepCheckpoints: count };
  await change(session, `/checkpoints --keep ${count}`, { ...state, settings });
  // Writing a checkpoint also prunes.
  session.save();
  await checkpoints.prune(count);
  const left = new Set((await checkpoints.list()).map(({ file }) => file));
  return before.filter(({ file }) => !left.has(file)).length;
}

/** Stores `state` if it differs. */
export async function change(session: Session, label: string, state: AgentState, origin?: string): Promise<void> {
  if (JSON.stringify(state) === JSON.stringify(session.state)) return;
  await session.commit(session.action(label), { state, origin });
}

/** Flushes the queue even if it is not full. */
export async function* summarize(
  session: Session,
  typed: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, void, void> {
  const before = session.state;
  const hint = typed === undefined ? undefined : await screenedWrite(typed, session.parts);
  if (eventsOf(before).length > 0) {
    const frame = frameOf(before, session.schemas);
    yield* flush(before, frame, session.deps(session.action("/summarize")), { signal, hint, early: true });
  }
  if (session.state !== before) return;
  const text = "Nothing to summarize: only the newest exchange is in context.";
  yield { type: "notice", code: "nothing_to_summarize", text };
}
