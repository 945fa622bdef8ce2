import { type Block, MemGPTError } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import { type BlockEntry, coreBlock } from "./blocks.ts";
import type { Owner } from "./owners.ts";

/** Puts a block in the core memory of one more agent. @throws MemGPTError `not_found`; `invalid_input` if the label is taken there. */
export async function attachBlock(owner: Owner, entry: AgentEntry, id: string): Promise<void> {
  const block = owner.blocks.get(id);
  if (entry.id in block.agents) return;
  await owner.use(entry, async (agent) => {
    await agent.addBlock(coreBlock(owner.blocks.get(id)));
    owner.blocks.attached(id, entry.id);
  });
}

/** Takes a block out of an agent's core memory. The block stays as it is there. @throws MemGPTError `not_found`. */
export async function detachBlock(owner: Owner, entry: AgentEntry, id: string): Promise<void> {
  await owner.use(entry, async (agent) => {
    const block = owner.blocks.of(entry, agent.state).find((candidate) => candidate.id === id);
    if (block === undefined)
      throw new MemGPTError("not_found", `${entry.name} has no block ${id}. Nothing was changed.`);
    owner.blocks.update(id, { value: block.value, standalone: true });
    await agent.removeBlock(block.label);
    owner.blocks.detached(id, entry.id);
  });
}

/** What may be changed of a block. */
export type BlockChanges = Partial<
  Pick<BlockEntry, "label" | "value" | "limit" | "description" | "readOnly" | "metadata" | "tags">
>;

/** Changes a block wherever it is. @throws MemGPTError `not_found`; `invalid_input` for what a block cannot be. */
export async function changeBlock(owner: Owner, id: string, changes: BlockChanges): Promise<BlockEntry> {
  const before = owner.blocks.get(id);
  const { metadata: _, tags: __, ...core } = changes;
  const agents = owner.agents.all().filter((entry) => entry.id in before.agents);
  const edit = coreChanges(core);
  for (const entry of agents) {
    if (Object.keys(edit).length === 0) break;
    await owner.use(entry, async (agent) => {
      const { label } = owner.blocks.of(entry, agent.state).find((block) => block.id === id) ?? before;
      const changed = await agent.changeBlock(label, edit);
      const record = owner.blocks.get(id);
      owner.blocks.update(id, { ...core, agents: { ...record.agents, [entry.id]: changed.value } });
    });
  }
  if (agents.length === 0 && (changes.value ?? before.value).length > (changes.limit ?? before.limit)) {
    const text = `${before.label} holds ${changes.limit ?? before.limit} characters. Nothing was changed.`;
    throw new MemGPTError("invalid_input", text);
  }
  return owner.blocks.update(id, changes);
}

/** The block with the value that its agents have now. */
export async function freshBlock(owner: Owner, entry: BlockEntry): Promise<BlockEntry> {
  const [agent] = owner.agents.all().filter(({ id }) => id in entry.agents);
  if (agent === undefined) return entry;
  const state = await owner.read(agent, (store) => store.load()).catch(() => undefined);
  if (state === undefined) return entry;
  return owner.blocks.of(agent, state).find(({ id }) => id === entry.id) ?? entry;
}

function coreChanges({ label, value, limit, description, readOnly }: BlockChanges): Partial<Block> {
  return {
    ...(label === undefined ? {} : { label }),
    ...(value === undefined ? {} : { value }),
    ...(limit === undefined ? {} : { limit }),
    ...(description === undefined ? {} : { description: description ?? "" }),
    ...(readOnly === undefined ? {} : { readOnly }),
  };
}
