import type { Message } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import type { Owner } from "./owners.ts";
import type { Run } from "./run.ts";
import { threadStore } from "./threads.ts";

/** A run's messages that are still stored: those that were not forgotten, undone or removed with their agent. */
export async function storedMessages(owner: Owner, run: Run): Promise<Message[]> {
  const entry = await keeperOf(owner, run).catch(() => undefined);
  if (entry === undefined || run.messages.length === 0) return [];
  const found = await owner.read(entry, async ({ recall }) => Promise.all(run.messages.map((id) => recall.get(id))));
  return found.filter((message) => message !== undefined);
}

/**
 * Drops the parts of a run that has ended if one of its messages is no longer stored: whoever forgot it may have done so in
 * another process.
 */
export async function dropForgotten(owner: Owner, run: Run): Promise<void> {
  if (run.status === "running" || run.parts.length === 0) return;
  if ((await storedMessages(owner, run)).length < run.messages.length) run.forget();
}

/** The agent whose recall storage holds the messages of a run. */
async function keeperOf(owner: Owner, { agentId, options: { conversationId } }: Run): Promise<AgentEntry> {
  if (conversationId === undefined || conversationId === "default") return owner.agents.get(agentId);
  return threadStore(owner, owner.threads.get(conversationId));
}
