import type { Destination, HistoryMove } from "../ports/history.ts";
import type { AgentState } from "../schema/state.ts";

/** The state that a move ends at. Whatever time it is from, the agent keeps its id and name. */
export function stateAt({ state }: Destination, { before: { id, name }, state: reached }: HistoryMove): AgentState {
  return state === undefined ? reached : { ...state, id, name };
}

/**
 * `state`, embedded as `present` is. Vectors have no past: going back in time brings passages back, and not the vectors they
 * once had. So an undone `reindex` stays done.
 */
export function embeddedAs({ settings: { embedding } }: AgentState, state: AgentState): AgentState {
  return { ...state, settings: { ...state.settings, embedding } };
}

/** How an agent whose past is lost, or that has none, is given its first state. */
export function arrival(state: AgentState): HistoryMove {
  const nothing = { removed: [], added: [] };
  return { before: state, state, messages: { ...nothing, rewritten: [] }, passages: nothing };
}
