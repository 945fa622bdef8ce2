import { checkEdit, findBlock, withBlock } from "../memory/blocks.ts";
import type { AgentEvent } from "../schema/events.ts";
import type { EmbeddedPassage } from "../schema/passage.ts";
import type { AgentState } from "../schema/state.ts";

/**
 * A change that a function requests. The step applies it to its draft once the call has returned, and commits it with
 * everything else or not at all. `type` names it for logs and tests.
 */
export type Effect = { readonly type: string; apply(draft: StepDraft): void };

/** The current step, as far as an effect may change it. */
export interface StepDraft {
  readonly state: AgentState;
  /** Sends a message to the person. */
  say(text: string): void;
  set(fields: Partial<Pick<AgentState, FunctionField>>): void;
  insert(passages: readonly EmbeddedPassage[]): void;
  /** Schedules everything that says `text` to be erased for good once the turn has ended. */
  erase(text: string): void;
  /** Adds an event that is emitted once the step is committed. */
  report(event: AgentEvent): void;
}

/** The fields of the state that functions may change. Popping the message that made the call restores them. */
export const FUNCTION_FIELDS = ["blocks", "heartbeatsPausedUntil"] as const satisfies readonly (keyof AgentState)[];
export type FunctionField = (typeof FUNCTION_FIELDS)[number];

/** Sends `text` to the person. */
export function speak(text: string): Effect {
  return {
    type: "speak",
    apply: (draft) => {
      draft.say(text);
    },
  };
}

/**
 * Replaces the value of the block `label`.
 *
 * @throws Error, for the model to read, if the block does not exist or is read-only, or if the value is too long.
 */
export function setBlock({ blocks }: Pick<AgentState, "blocks">, label: string, value: string): Effect {
  checkEdit(findBlock(blocks, label), value);
  return {
    type: "set_block",
    apply: (draft) => {
      const before = draft.state.blocks.find((block) => block.label === label)?.value ?? null;
      draft.set({ blocks: withBlock(draft.state.blocks, label, value) });
      draft.report({ type: "memory_edit", target: "core", label, before, after: value });
    },
  };
}

/** Adds `passages`, which are the pieces of `text`, to the agent's own archival memory. */
export function insertPassages(text: string, passages: readonly EmbeddedPassage[]): Effect {
  return {
    type: "insert_passages",
    apply: (draft) => {
      draft.insert(passages);
      draft.report({ type: "memory_edit", target: "archival", label: "archival", before: null, after: text });
    },
  };
}

/** @param until ISO 8601 in UTC. */
export function pauseHeartbeatsUntil(until: string): Effect {
  return {
    type: "pause_heartbeats",
    apply: (draft) => {
      draft.set({ heartbeatsPausedUntil: until });
    },
  };
}
