import type { Destination, HistoryMove } from "../ports/history.ts";
import type { AgentState } from "../schema/state.ts";

/** The state after a move in time. The agent keeps its id and name. */
export function stateAt({ state }: Destination, { before: { id, name }, state: reached }: HistoryMove): AgentState {
  return state === undefined ? reached : { ...state, id, name };
}

/**
 * `state` with the embedding of `present`. Vectors have no past: going back in time restores passages, but not their former
 * vectors. So undo does not revert a `reindex`.
 */
export function embeddedAs({ settings: { embedding } }: AgentState, state: AgentState): AgentState {
  return { ...state, settings: { ...state.settings, embedding } };
}

/** How a new agent, or one whose past is lost, gets its first state. */
export function arrival(state: AgentState): HistoryMove {
  const nothing = { removed: [], added: [] };
  return { before: state, state, messages: { ...nothing, rewritten: [] }, passages: nothing };
}
