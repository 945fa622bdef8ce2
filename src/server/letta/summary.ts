import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";

/** Flushes an agent's queue. */
export async function summarized(owner: Owner, entry: AgentEntry): Promise<Record<string, unknown>> {
  return owner.use(entry, async (agent) => {
    const before = agent.state.queue.length;
    let summary = "";
    for await (const event of agent.summarize()) if (event.type === "queue_flush") ({ summary } = event);
    return { summary, num_messages_before: before, num_messages_after: agent.state.queue.length };
  });
}
