import { isMisleading } from "../memory/main-context.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentStore } from "../ports/agent-store.ts";
import type { Change } from "../ports/history.ts";

/** The state with the memory counts after `change`, if the ones shown to the model have become misleading. */
export async function withCurrentCounts(
  state: AgentState,
  { recall, archival }: Pick<AgentStore, "recall" | "archival">,
  change: Partial<Pick<Change, "messages" | "passages" | "retracted">> = {},
): Promise<AgentState> {
  const { messages = [], passages = [], retracted = { messages: [], passages: [] } } = change;
  const recalled = (await recall.size()) + messages.length - retracted.messages.length;
  const archived = (await archival.size()) + passages.length - retracted.passages.length;
  if (!isMisleading(state.shown.recall, recalled) && !isMisleading(state.shown.archival, archived)) return state;
  return { ...state, shown: { ...state.shown, recall: recalled, archival: archived } };
}
