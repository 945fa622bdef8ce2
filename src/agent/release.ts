import type { ForgetProposal } from "../functions/define.ts";
import { MemGPTError } from "../errors.ts";
import { embedPassages } from "../functions/embed.ts";
import { execute } from "../functions/executor.ts";
import { chunk } from "../memory/chunk.ts";
import { frameOf } from "../memory/main-context.ts";
import type { Message } from "../schema/message.ts";
import { originOf } from "../schema/origin.ts";
import type { EmbeddedPassage } from "../schema/passage.ts";
import type { Held, HeldWrite } from "../schema/quarantine.ts";
import type { AgentState } from "../schema/state.ts";
import { Draft } from "./draft.ts";
import { withBlockChanged, withNewBlock, withSystem } from "./edit.ts";
import { packEvent, packReply, storable } from "./pack.ts";
import type { Session } from "./session.ts";

/** The held writes with these ids. @throws MemGPTError `not_found` for an id that is not held. */
export async function heldOf({ parts, state }: Session, ids: readonly string[]): Promise<Held[]> {
  const all = await parts.store.quarantine.list();
  return [...new Set(ids)].map((id) => {
    const held = all.find((item) => item.id === id);
    if (held !== undefined) return held;
    throw new MemGPTError(
      "not_found",
      `${state.name} has no write with the id ${id} in quarantine. Nothing was changed.`,
    );
  });
}

/**
 * Carries out writes that were held back, as if just requested. One undo holds all of them back again.
 *
 * @throws MemGPTError `not_found` for an id that is not held; `invalid_input` if a call can no longer be made.
 */
export async function release(session: Session, ids: readonly string[]): Promise<number> {
  const held = await heldOf(session, ids);
  const action = session.action("release from quarantine");
  for (const item of held) {
    const written = await carryOut(session, item.write);
    const origin = originOf(item.write.type === "call" ? "model" : "import");
    await session.commit(action, { ...written, origin, released: [item] });
  }
  return held.length;
}

type Written = {
  readonly state: AgentState;
  readonly messages?: readonly Message[];
  readonly passages?: readonly EmbeddedPassage[];
};

async function carryOut(session: Session, write: HeldWrite): Promise<Written> {
  switch (write.type) {
    case "call":
      return runHeldCall(session, write);
    case "passage":
      return { state: session.state, passages: await passagesOf(session, write) };
    case "message":
      return { state: session.state, messages: [messageOf(session, write)] };
    case "block":
      return { state: withBlock(session, write) };
    case "prompt":
      return { state: withSystem(session.state, write.text, session.schemas) };
  }
}

/** Appends the held text to the block with that label, or adds the block. */
function withBlock(
  { state, parts }: Session,
  { type: _, id: __, ...block }: Extract<HeldWrite, { type: "block" }>,
): AgentState {
  const present = state.blocks.find(({ label }) => label === block.label);
  if (present === undefined) return withNewBlock(state, block, parts);
  const value = present.value === "" ? block.value : `${present.value}\n${block.value}`;
  return withBlockChanged(state, block.label, { ...block, value }, parts.now());
}

async function runHeldCall(
  session: Session,
  { name, arguments: args }: Extract<HeldWrite, { type: "call" }>,
): Promise<Written> {
  const { newId, now, notices, store, functions: registry } = session.parts;
  const { state, schemas, collections } = session;
  const { functions } = registry.select([name]);
  const { budget } = frameOf(state, schemas);
  const writing = { state, recall: store.recall, collections, notify: notices.add, now: now(), newId };
  const proposeForgetting = async (): Promise<ForgetProposal> => ({ agreed: false, why: "it was held back" });
  const context = { ...writing, inserted: 0, pageTokens: budget.page, proposeForgetting };
  const executed = await execute({ id: newId(), name, arguments: args }, functions, context);
  if (executed.status === "Failed") {
    throw new MemGPTError("invalid_input", `${executed.output} It stays in quarantine; nothing was changed.`);
  }
  const draft = new Draft(state, budget.item);
  for (const effect of executed.effects) effect.apply(draft);
  return { state: draft.state, passages: draft.passages };
}

async function passagesOf(
  { parts: { embedder, newId, notices, store } }: Session,
  { text, createdAt }: Extract<HeldWrite, { type: "passage" }>,
): Promise<EmbeddedPassage[]> {
  const texts = chunk(storable(text));
  const embeddings = await embedPassages(texts, { archival: store.archival, embedder, notify: notices.add });
  return texts.map((piece, index) => ({ id: newId(), text: piece, createdAt, embedding: embeddings[index] ?? null }));
}

function messageOf(
  { parts: { newId } }: Session,
  { role, text, createdAt: now, name }: Extract<HeldWrite, { type: "message" }>,
): Message {
  const context = { newId, now, lastActiveAt: null };
  const message =
    role === "user" ? packEvent({ type: "user_message", message: text }, context) : packReply(text, context);
  return name === undefined ? message : { ...message, name };
}
