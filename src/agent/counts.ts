import { isMisleading } from "../memory/main-context.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentStore } from "../storage/interfaces.ts";

/** The state with its memory counts brought up to date, as an agent is given it when it is opened. */
export async function withCurrentCounts(
  state: AgentState,
  { recall, archival }: Pick<AgentStore, "recall" | "archival">,
): Promise<AgentState> {
  const [recalled, archived] = [await recall.size(), await archival.size()];
  if (!isMisleading(state.shown.recall, recalled) && !isMisleading(state.shown.archival, archived)) return state;
  return { ...state, shown: { ...state.shown, recall: recalled, archival: archived } };
}
