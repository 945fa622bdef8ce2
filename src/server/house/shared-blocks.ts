import type { BlockEntry } from "../../index.ts";
import { type AgentEntry, stateId } from "./agents.ts";
import type { Owner } from "./owners.ts";

/** Puts a block in the core memory of one more agent. @throws MemGPTError `not_found`; `invalid_input` if the label is taken there. */
export async function attachBlock(owner: Owner, entry: AgentEntry, id: string): Promise<void> {
  if (!hasBlock(owner.blocks.get(id), entry)) {
    await owner.use(entry, (agent) => owner.memgpt.blocks.attach(agent, id));
  }
}

/** Takes a block out of an agent's core memory. The block stays as it is there. @throws MemGPTError `not_found`. */
export async function detachBlock(owner: Owner, entry: AgentEntry, id: string): Promise<void> {
  await owner.use(entry, (agent) => owner.memgpt.blocks.detach(agent, id));
}

export function hasBlock({ agents }: BlockEntry, entry: Pick<AgentEntry, "id">): boolean {
  return stateId(entry) in agents;
}

/** What may be changed of a block. */
export type BlockChanges = Partial<
  Pick<BlockEntry, "label" | "value" | "limit" | "description" | "readOnly" | "metadata" | "tags">
>;

/** Changes a block wherever it is. @throws MemGPTError `not_found`; `invalid_input` for what a block cannot be. */
export async function changeBlock(owner: Owner, id: string, changes: BlockChanges): Promise<BlockEntry> {
  const { label, metadata, tags, description, ...rest } = changes;
  const before = owner.blocks.get(id);
  const agents = owner.agents.all().filter((entry) => hasBlock(before, entry));
  for (const entry of agents)
    await owner.use(entry, async (agent) => {
      owner.blocks.agree(id, agent.state);
    });
  await owner.memgpt.blocks.change(id, {
    ...rest,
    ...(description === undefined ? {} : { description: description ?? "" }),
  });
  for (const entry of agents) {
    await owner.use(entry, async (agent) => {
      if (label !== undefined && label !== before.label) await agent.changeBlock(before.label, { label });
    });
  }
  return owner.blocks.update(id, {
    ...(label === undefined ? {} : { label, agents: owner.blocks.get(id).agents }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(tags === undefined ? {} : { tags }),
  });
}

/** Blocks with the values that their agents have now. Each agent is read once, one after another. */
export async function freshBlocks(owner: Owner, entries: readonly BlockEntry[]): Promise<BlockEntry[]> {
  const agents = new Map(owner.agents.all().map((agent) => [stateId(agent), agent]));
  const read = new Set<AgentEntry>();
  const fresh = new Map<string, BlockEntry>();
  for (const { agents: its } of entries) {
    const [agent] = Object.keys(its).flatMap((id) => agents.get(id) ?? []);
    if (agent === undefined || read.has(agent)) continue;
    read.add(agent);
    const state = await owner.read(agent, (store) => store.load()).catch(() => undefined);
    if (state !== undefined) for (const block of owner.blocks.of(state)) fresh.set(block.id, block);
  }
  return entries.map((entry) => fresh.get(entry.id) ?? entry);
}
