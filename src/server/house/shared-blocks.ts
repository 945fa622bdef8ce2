import type { BlockEntry } from "../../index.ts";
import { type AgentEntry, stateId } from "./agents.ts";
import { oneByOne } from "./one-by-one.ts";
import type { Owner } from "./owners.ts";

/** Attaches a block to an agent's core memory. @throws MemGPTError `not_found`; `invalid_input` if the label is taken there. */
export async function attachBlock(owner: Owner, entry: AgentEntry, id: string): Promise<void> {
  await owner.use(entry, (agent) => owner.memgpt.blocks.attach(agent, id));
}

/** Removes a block from an agent's core memory; the block itself stays. @throws MemGPTError `not_found`. */
export async function detachBlock(owner: Owner, entry: AgentEntry, id: string): Promise<void> {
  await owner.use(entry, (agent) => owner.memgpt.blocks.detach(agent, id));
}

export function hasBlock({ agents }: BlockEntry, entry: Pick<AgentEntry, "id">): boolean {
  return stateId(entry) in agents;
}

/** The fields of a block that can be changed. */
export type BlockChanges = Partial<
  Pick<BlockEntry, "label" | "value" | "limit" | "description" | "readOnly" | "metadata" | "tags">
>;

/** Changes a block in every agent that has it. @throws MemGPTError `not_found`; `invalid_input` for invalid changes. */
export async function changeBlock(owner: Owner, id: string, changes: BlockChanges): Promise<BlockEntry> {
  const { label, metadata, tags, description, ...rest } = changes;
  const before = owner.blocks.get(id);
  const agents = owner.agents.all().filter((entry) => hasBlock(before, entry));
  // Agents record every change to a shared block. A block that only one agent has may be newer in that agent's state.
  const [only, another] = agents;
  if (only !== undefined && another === undefined) {
    const state = await owner.read(only, (store) => store.load());
    if (state !== undefined) await owner.blocks.agree(id, state);
  }
  await owner.memgpt.blocks.change(id, {
    ...rest,
    ...(description === undefined ? {} : { description: description ?? "" }),
  });
  if (label !== undefined && label !== before.label) {
    await oneByOne(agents, async (entry) => {
      await owner.use(entry, (agent) => agent.changeBlock(before.label, { label }));
    });
  }
  return owner.blocks.update(id, {
    ...(label === undefined ? {} : { label, agents: owner.blocks.get(id).agents }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(tags === undefined ? {} : { tags }),
  });
}

/**
 * Blocks with their current values. A block of several agents is stored whenever one of them changes it; for the others, each agent
 * is read once.
 */
export async function freshBlocks(owner: Owner, entries: readonly BlockEntry[]): Promise<BlockEntry[]> {
  const agents = new Map(owner.agents.all().map((agent) => [stateId(agent), agent]));
  const alone = entries.map(({ agents: its }) => Object.keys(its)).filter((its) => its.length === 1);
  const fresh = new Map<string, BlockEntry>();
  await oneByOne(new Set(alone.flat().flatMap((id) => agents.get(id) ?? [])), async (agent) => {
    const state = await owner.read(agent, (store) => store.load()).catch(() => undefined);
    if (state !== undefined) for (const block of await owner.blocks.of(state)) fresh.set(block.id, block);
  });
  return entries.map((entry) => fresh.get(entry.id) ?? entry);
}
