import { MemGPTError, didYouMean } from "../errors.ts";
import { withBlock } from "../memory/blocks.ts";
import { assemble, frameOf } from "../memory/main-context.ts";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { FunctionSchema } from "../schema/context.ts";
import { MOST_BLOCKS } from "../schema/limits.ts";
import type { AgentState, Block } from "../schema/state.ts";
import { withId } from "./create.ts";

/** @throws MemGPTError `not_found` for an unknown label; `invalid_input` if the value is too long. */
export function withBlockEdited(state: AgentState, label: string, value: string, now: string): AgentState {
  const block = blockNamed(state, label);
  if (value.length > block.limit) {
    throw new MemGPTError(
      "invalid_input",
      `${tooLong(label, value, block.limit)} Nothing was changed; shorten it by ${value.length - block.limit}.`,
    );
  }
  if (value === block.value) return state;
  return { ...state, blocks: withBlock(state.blocks, label, value), shown: { ...state.shown, modifiedAt: now } };
}

const LONGEST_LABEL = 64;

/** The fields of a block that can be changed: all but its id. */
export type BlockChanges = Omit<Partial<Block>, "id">;

type Clock = { readonly now: () => string; readonly newId: () => string };

/** The state with one more block, at the end. @throws MemGPTError `invalid_input` for an invalid label or value. */
export function withNewBlock(state: AgentState, block: Block, { now, newId }: Clock): AgentState {
  const blocks = [...state.blocks, withId(block, newId)];
  checkCount(blocks);
  checkBlock(block, state.blocks);
  return { ...state, blocks, shown: { ...state.shown, modifiedAt: now() } };
}

/** @throws MemGPTError `not_found` for an unknown label; `invalid_input` for an invalid block. */
export function withBlockChanged(state: AgentState, label: string, changes: BlockChanges, now: string): AgentState {
  const block = blockNamed(state, label);
  const changed = { ...block, ...changes };
  checkBlock(
    changed,
    state.blocks.filter((other) => other !== block),
  );
  const blocks = state.blocks.map((other) => (other === block ? changed : other));
  return { ...state, blocks, shown: { ...state.shown, modifiedAt: now } };
}

/** @throws MemGPTError `invalid_input` as `checkBlocks` does. */
export function withBlocks(state: AgentState, blocks: readonly Block[], now: string): AgentState {
  if (JSON.stringify(blocks) === JSON.stringify(state.blocks)) return state;
  checkBlocks(blocks);
  return { ...state, blocks: [...blocks], shown: { ...state.shown, modifiedAt: now } };
}

/** @throws MemGPTError `not_found`. */
export function withoutBlock(state: AgentState, label: string, now: string): AgentState {
  const block = blockNamed(state, label);
  const blocks = state.blocks.filter((other) => other !== block);
  return { ...state, blocks, shown: { ...state.shown, modifiedAt: now } };
}

/** @throws MemGPTError `invalid_input` for more blocks than an agent can have, or as `checkBlock` does. */
export function checkBlocks(blocks: readonly Block[]): void {
  checkCount(blocks);
  for (const [index, block] of blocks.entries()) checkBlock(block, blocks.slice(0, index));
}

function checkCount({ length }: readonly Block[]): void {
  if (length <= MOST_BLOCKS) return;
  const text = `An agent has at most ${MOST_BLOCKS} blocks (got ${length}). Nothing was changed.`;
  throw new MemGPTError("invalid_input", text);
}

/** @throws MemGPTError `invalid_input` if `block` is invalid, or its label is taken by one of `others`. */
export function checkBlock({ label, value, limit }: Block, others: readonly Block[]): void {
  const refuse = (text: string): never => {
    throw new MemGPTError("invalid_input", `${text} Nothing was changed.`);
  };
  // The model sees the label as the name of a tag.
  if (!/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_./ -]*$/u.test(label) || label.length > LONGEST_LABEL) {
    const allowed = `letters, digits, space, _, -, / and . (at most ${LONGEST_LABEL})`;
    refuse(`${JSON.stringify(label.slice(0, 80))} cannot be the label of a block: use ${allowed}.`);
  }
  if (others.some((other) => other.label === label)) refuse(`A block named ${label} already exists.`);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    refuse(`The limit of ${label} must be a whole number of characters above 0 (got ${limit}).`);
  }
  if (value.length > limit) refuse(tooLong(label, value, limit));
}

function tooLong(label: string, value: string, limit: number): string {
  return `The value has ${value.length} characters and ${label} holds ${limit}.`;
}

function blockNamed({ blocks }: AgentState, label: string): Block {
  const block = blocks.find((candidate) => candidate.label === label);
  if (block !== undefined) return block;
  const labels = blocks.map((candidate) => candidate.label);
  const available = `The blocks are: ${labels.join(", ")}. Nothing was changed.`;
  throw new MemGPTError("not_found", `No block is named ${label}.${didYouMean(label, labels)} ${available}`);
}

/** @throws ContextOverflowError if the prompt leaves no room for a conversation. */
export function withSystem(state: AgentState, system: string, schemas: readonly FunctionSchema[]): AgentState {
  const next = { ...state, system };
  checkRoom(next, schemas);
  return next;
}

/** @throws ContextOverflowError if prompt and functions leave no room for a conversation. */
export function checkRoom(state: AgentState, schemas: readonly FunctionSchema[]): void {
  assemble(state, frameOf(state, schemas));
}

/** @throws MemGPTError `not_found`, `invalid_input`. */
export function withFunction(
  state: AgentState,
  name: string,
  { names: available, problems }: Pick<FunctionRegistry, "names" | "problems">,
): AgentState {
  if (!available.includes(name)) {
    const hint = [...problems, `The functions are: ${available.join(", ")}. Nothing was changed.`].join(" ");
    throw new MemGPTError("not_found", `No function is named ${name}.${didYouMean(name, available)} ${hint}`);
  }
  if (state.functions.includes(name)) {
    throw new MemGPTError("invalid_input", `${state.name} already has the function ${name}. Nothing was changed.`);
  }
  return { ...state, functions: [...state.functions, name] };
}

/** @throws MemGPTError `not_found`, `invalid_input`. */
export function withoutFunction(state: AgentState, name: string): AgentState {
  const { functions } = state;
  if (!functions.includes(name)) {
    const owned = `It has: ${functions.join(", ")}. Nothing was changed.`;
    const text = `${state.name} has no function named ${name}.${didYouMean(name, functions)} ${owned}`;
    throw new MemGPTError("not_found", text);
  }
  if (name === SEND_MESSAGE) {
    const text = `Without ${SEND_MESSAGE}, ${state.name} could not reply. Nothing was changed.`;
    throw new MemGPTError("invalid_input", text);
  }
  return { ...state, functions: functions.filter((other) => other !== name) };
}
