import { type Agent, type AgentState, coreBlock } from "../../index.ts";
import { type AgentEntry, stateId } from "./agents.ts";
import type { Owner } from "./owners.ts";
import { addPassages } from "./passages.ts";
import type { ThreadEntry } from "./thread-book.ts";
import type { TurnItem } from "./turn-item.ts";

/**
 * Starts another conversation with an agent. It has its own queue and messages; prompt, model and functions are the agent's, and
 * core memory is shared.
 */
export async function createThread(
  owner: Owner,
  entry: AgentEntry,
  { summary, description }: { readonly summary: string | null; readonly description: string | null },
): Promise<ThreadEntry> {
  const state = await owner.read(entry, (store) => store.load());
  if (state === undefined) throw new Error(`agent ${entry.folder} has no state`);
  const blocks = await owner.blocks.of(state);
  const { model, endpoint, contextWindow } = state.settings;
  const store = await owner.agents.create(
    {
      model,
      contextWindow,
      system: state.system,
      blocks: blocks.map(coreBlock),
      ...(endpoint === null ? {} : { endpoint }),
    },
    { name: `${entry.name} conversation`, hidden: "thread", tools: entry.tools },
    async (agent) => {
      await copyFunctions(agent, state);
      for (const source of state.sources ?? []) await agent.attach(source);
    },
  );
  for (const { id } of blocks) await owner.blocks.attached(id, stateId(store));
  const { id: agent } = entry;
  return owner.threads.put({ agent, store: store.id, summary, description, createdAt: store.createdAt });
}

/** Starts another conversation as a copy of `entry`, which holds a conversation or is the agent itself. */
export async function forkThread(
  owner: Owner,
  { entry, agentId }: { readonly entry: AgentEntry; readonly agentId: string },
  { summary, description }: { readonly summary: string | null; readonly description: string | null },
): Promise<ThreadEntry> {
  const state = await owner.read(entry, (store) => store.load());
  if (state === undefined) throw new Error(`agent ${entry.folder} has no state`);
  const blocks = await owner.blocks.of(state);
  const store = await owner.agents.copy({ ...entry, hidden: "thread", tags: [], identities: [] }, `${entry.name} fork`);
  for (const { id } of blocks) await owner.blocks.attached(id, stateId(store));
  return owner.threads.put({ agent: agentId, store: store.id, summary, description, createdAt: store.createdAt });
}

/** The hidden agent that holds a conversation's queue and messages. */
export async function threadStore(owner: Owner, { store }: ThreadEntry): Promise<AgentEntry> {
  return owner.agents.get(store);
}

/** An agent, and the hidden agents of its conversations. */
export async function withThreads(owner: Owner, entry: AgentEntry): Promise<AgentEntry[]> {
  return [entry, ...(await Promise.all(owner.threads.all(entry.id).map((thread) => threadStore(owner, thread))))];
}

export async function removeThread(owner: Owner, thread: ThreadEntry): Promise<void> {
  await owner.removeAgent(await threadStore(owner, thread));
  await owner.threads.remove(thread.id);
}

/** Removes an agent with its conversations. */
export async function removeAgent(owner: Owner, entry: AgentEntry): Promise<void> {
  for (const thread of owner.threads.all(entry.id)) await removeThread(owner, thread);
  await owner.removeAgent(entry);
}

/** Passes a conversation's turn through, and copies what it adds to archival memory to the agent. */
export async function* keepingPassages(
  owner: Owner,
  agent: string,
  items: AsyncIterable<TurnItem>,
): AsyncGenerator<TurnItem, void, void> {
  const texts: { text: string }[] = [];
  try {
    for await (const item of items) {
      if (item.type === "memory_edit" && item.target === "archival") texts.push({ text: item.after });
      yield item;
    }
  } finally {
    if (texts.length > 0) await addPassages(owner, await owner.agents.get(agent), texts);
  }
}

async function copyFunctions(agent: Agent, { functions }: AgentState): Promise<void> {
  const current = agent.state.functions;
  for (const name of functions) if (!current.includes(name)) await agent.addFunction(name);
  for (const name of current) if (!functions.includes(name)) await agent.removeFunction(name);
}
