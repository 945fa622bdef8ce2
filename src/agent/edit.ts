import { MemGPTError, didYouMean } from "../errors.ts";
import { withBlock } from "../memory/blocks.ts";
import { assemble } from "../memory/main-context.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentState } from "../schema/state.ts";

/** What the model speaks with: without it no reply would ever reach the person. */
const SPEECH = "send_message";

/** @throws MemGPTError `not_found` for a label there is not; `invalid_input` if the value is too long. */
export function withBlockEdited(state: AgentState, label: string, value: string, now: string): AgentState {
  const labels = state.blocks.map((block) => block.label);
  const block = state.blocks.find((candidate) => candidate.label === label);
  if (block === undefined) {
    const there = `The blocks are: ${labels.join(", ")}. Nothing was changed.`;
    throw new MemGPTError("not_found", `There is no block named ${label}.${didYouMean(label, labels)} ${there}`);
  }
  if (value.length > block.limit) {
    throw new MemGPTError(
      "invalid_input",
      `That is ${value.length} characters and ${label} holds ${block.limit}. Nothing was changed; shorten it by ` +
        `${value.length - block.limit}.`,
    );
  }
  if (value === block.value) return state;
  return { ...state, blocks: withBlock(state.blocks, label, value), shown: { ...state.shown, modifiedAt: now } };
}

/** @throws ContextOverflowError if the prompt leaves no room for a conversation. */
export function withSystem(state: AgentState, system: string, schemas: readonly FunctionSchema[]): AgentState {
  const next = { ...state, system };
  assemble(next, schemas);
  return next;
}

/** @throws MemGPTError `not_found`, `invalid_input`. */
export function withFunction(state: AgentState, name: string, available: readonly string[]): AgentState {
  if (!available.includes(name)) {
    const there = `There are: ${available.join(", ")}. Nothing was changed.`;
    throw new MemGPTError("not_found", `There is no function named ${name}.${didYouMean(name, available)} ${there}`);
  }
  if (state.functions.includes(name)) {
    throw new MemGPTError("invalid_input", `${state.name} has the function ${name} already. Nothing was changed.`);
  }
  return { ...state, functions: [...state.functions, name] };
}

/** @throws MemGPTError `not_found`, `invalid_input`. */
export function withoutFunction(state: AgentState, name: string): AgentState {
  const { functions } = state;
  if (!functions.includes(name)) {
    const has = `It has: ${functions.join(", ")}. Nothing was changed.`;
    const text = `${state.name} has no function named ${name}.${didYouMean(name, functions)} ${has}`;
    throw new MemGPTError("not_found", text);
  }
  if (name === SPEECH) {
    const text = `Without ${SPEECH} ${state.name} could not say anything. Nothing was changed.`;
    throw new MemGPTError("invalid_input", text);
  }
  return { ...state, functions: functions.filter((other) => other !== name) };
}
