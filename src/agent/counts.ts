import { isMisleading } from "../memory/main-context.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentStore, Change } from "../storage/interfaces.ts";

/** The state with its memory counts brought up to date, if what they say has become misleading. */
export async function withCurrentCounts(
  state: AgentState,
  { recall, archival }: Pick<AgentStore, "recall" | "archival">,
  retracted: NonNullable<Change["retracted"]> = { messages: [], passages: [] },
): Promise<AgentState> {
  const recalled = (await recall.size()) - retracted.messages.length;
  const archived = (await archival.size()) - retracted.passages.length;
  if (!isMisleading(state.shown.recall, recalled) && !isMisleading(state.shown.archival, archived)) return state;
  return { ...state, shown: { ...state.shown, recall: recalled, archival: archived } };
}
