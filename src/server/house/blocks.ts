import * as z from "zod";
import { type Agent, type AgentState, type Block, MemGPTError } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import { newId } from "./ids.ts";
import { type Records, Table } from "./records.ts";

const blockSchema = z.object({
  label: z.string(),
  value: z.string(),
  limit: z.number(),
  description: z.string().nullable().default(null),
  readOnly: z.boolean().default(false),
  metadata: z.record(z.string(), z.unknown()).default({}),
  tags: z.array(z.string()).default([]),
  /** Whether it was made by itself, and stays when no agent has it. */
  standalone: z.boolean().default(false),
  /** The agents that have it, each with the value that agent and record last agreed on. */
  agents: z.record(z.string(), z.string()).default({}),
});
export type BlockRecord = z.infer<typeof blockSchema>;
export type BlockEntry = BlockRecord & { readonly id: string };

/**
 * The blocks of one user's agents, by id. A block of several agents is in the core memory of each: whichever edits it, the
 * others have the new text before they next act.
 */
export class BlockBook {
  readonly #table: Table<BlockRecord>;
  readonly #records: Records;
  /** Blocks of several agents, by agent; made again after a change. */
  #shared: ReadonlyMap<string, readonly BlockEntry[]> | undefined;

  constructor(records: Records) {
    this.#records = records;
    this.#table = new Table(records, "block", blockSchema);
  }

  /** @throws MemGPTError `not_found`. */
  get(id: string): BlockEntry {
    const record = this.#table.get(id);
    if (record !== undefined) return { id, ...record };
    throw new MemGPTError("not_found", `There is no block ${id}.`);
  }

  all(): BlockEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  create(fields: Partial<BlockRecord> & Pick<BlockRecord, "label" | "value" | "limit">): BlockEntry {
    this.#shared = undefined;
    const id = newId("block");
    return { id, ...this.#table.put(id, blockSchema.parse({ ...fields, standalone: true })) };
  }

  update(id: string, changes: Partial<BlockRecord>): BlockEntry {
    this.#shared = undefined;
    const { id: _, ...record } = this.get(id);
    return { id, ...this.#table.put(id, { ...record, ...changes }) };
  }

  remove(id: string): void {
    this.#shared = undefined;
    this.#table.remove(id);
  }

  /**
   * The blocks of an agent as they stand in its core memory, each with its id and what it says: what another agent wrote to a
   * shared one counts, unless this one has changed it since.
   */
  of({ id: agent }: Pick<AgentEntry, "id">, { blocks }: Pick<AgentState, "blocks">): BlockEntry[] {
    const known = new Map(this.all().flatMap((entry) => (agent in entry.agents ? [[entry.label, entry]] : [])));
    const changes: ReturnType<Table<BlockRecord>["change"]>[] = [];
    const found = blocks.map((block): BlockEntry => {
      const entry = known.get(block.label);
      known.delete(block.label);
      if (entry !== undefined) return { ...entry, ...merged(entry, agent, block) };
      const id = newId("block");
      const record = blockSchema.parse({ ...fieldsOf(block), agents: { [agent]: block.value } });
      changes.push(this.#table.change(id, record));
      return { id, ...record };
    });
    // Blocks that the agent has no more, by an undo for example.
    for (const entry of known.values()) changes.push(this.#without(entry, agent));
    this.#write(changes);
    return found;
  }

  /** Makes the agent and the records agree: its own changes go out, those of others come in. */
  async reconcile(entry: Pick<AgentEntry, "id">, agent: Agent): Promise<void> {
    this.#shared ??= sharedBlocks(this.all());
    for (const { id, ...record } of this.#shared.get(entry.id) ?? []) {
      const block = agent.state.blocks.find(({ label }) => label === record.label);
      if (block === undefined) continue;
      const { value } = merged(record, entry.id, block);
      if (value !== block.value) await agent.changeBlock(block.label, { value, limit: record.limit });
      if (value === record.value && record.agents[entry.id] === value) continue;
      this.update(id, { value, agents: { ...record.agents, [entry.id]: value } });
    }
  }

  attached(id: string, agent: string): void {
    const { agents, value } = this.get(id);
    this.update(id, { agents: { ...agents, [agent]: value } });
  }

  /** Takes note that an agent has a block no more; one that was made with it goes. */
  detached(id: string, agent: string): void {
    this.#write([this.#without(this.get(id), agent)]);
  }

  /** Takes note that an agent is gone. */
  agentRemoved(agent: string): void {
    const its = this.all().filter(({ agents }) => agent in agents);
    this.#write(its.map((entry) => this.#without(entry, agent)));
  }

  #write(changes: readonly ReturnType<Table<BlockRecord>["change"]>[]): void {
    if (changes.length > 0) this.#shared = undefined;
    this.#records.write(changes);
  }

  #without({ id, ...record }: BlockEntry, agent: string): ReturnType<Table<BlockRecord>["change"]> {
    const { [agent]: _, ...agents } = record.agents;
    const isLeft = record.standalone || Object.keys(agents).length > 0;
    return this.#table.change(id, isLeft ? { ...record, agents } : undefined);
  }
}

function sharedBlocks(all: readonly BlockEntry[]): ReadonlyMap<string, readonly BlockEntry[]> {
  const shared = new Map<string, BlockEntry[]>();
  for (const entry of all) {
    const agents = Object.keys(entry.agents);
    if (agents.length < 2) continue;
    for (const agent of agents) shared.set(agent, [...(shared.get(agent) ?? []), entry]);
  }
  return shared;
}

/** A block as core memory has it. */
export function coreBlock({ label, value, limit, description, readOnly }: BlockRecord): Block {
  return { label, value, limit, ...(description === null ? {} : { description }), ...(readOnly ? { readOnly } : {}) };
}

function fieldsOf({ label, value, limit, description, readOnly }: Block): Partial<BlockRecord> {
  return { label, value, limit, description: description ?? null, readOnly: readOnly ?? false };
}

/** What the record says, with the agent's own changes since they last agreed. */
function merged(record: BlockRecord, agent: string, block: Block): Partial<BlockRecord> & Pick<BlockRecord, "value"> {
  const fields = fieldsOf(block);
  const isOwn = record.agents[agent] !== block.value || Object.keys(record.agents).length === 1;
  return { ...fields, value: isOwn ? block.value : record.value };
}
