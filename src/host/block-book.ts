import { MemGPTError } from "../errors.ts";
import { coreBlock } from "../memory/core-block.ts";
import { mergedText } from "../memory/merge.ts";
import type { BlockNews, SharedBlocks } from "../ports/shared-blocks.ts";
import { type BlockEntry, type BlockRecord, blockRecordSchema as recordSchema } from "../schema/block-record.ts";
import type { AgentState, Block } from "../schema/state.ts";
import { Records, Table } from "../storage/files/records.ts";

type AgentBlocks = Pick<AgentState, "id" | "blocks">;
type NamedBlocks = Pick<AgentState, "id" | "name" | "blocks">;
type RecordChange = ReturnType<Table<BlockRecord>["change"]>;

/**
 * The blocks of a home's agents, by id. A block of several agents is in the core memory of each: whichever edits it, the
 * others have the new text before they next act.
 */
export class BlockBook implements SharedBlocks {
  readonly #table: Table<BlockRecord>;
  readonly #records: Records;
  readonly #newId: () => string;
  /** Made again after a change. */
  #byAgent: ReadonlyMap<string, readonly BlockEntry[]> | undefined;

  constructor(file: string, newId: () => string) {
    this.#records = new Records(file, () => {
      this.#byAgent = undefined;
    });
    this.#table = new Table(this.#records, "block", recordSchema);
    this.#newId = () => `block-${newId()}`;
  }

  /** @throws MemGPTError `not_found`. */
  get(id: string): BlockEntry {
    const record = this.#table.get(id);
    if (record !== undefined) return { id, ...record };
    throw new MemGPTError("not_found", `There is no block ${id}.`);
  }

  all(): BlockEntry[] {
    this.#records.refresh();
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  create(fields: Partial<BlockRecord> & Pick<BlockRecord, "label" | "value" | "limit">): BlockEntry {
    const id = this.#newId();
    return { id, ...this.#table.put(id, recordSchema.parse({ ...fields, standalone: true })) };
  }

  /** What is changed, every agent that has it takes over before it next acts. */
  update(id: string, changes: Partial<BlockRecord>): BlockEntry {
    this.#records.change(() => {
      const { id: _, ...record } = this.get(id);
      const agents = changes.agents ?? laggingAgents(record, { ...record, ...changes });
      return [this.#table.change(id, { ...record, by: null, ...changes, agents })];
    });
    return this.get(id);
  }

  remove(id: string): void {
    this.#table.remove(id);
  }

  /**
   * The blocks of an agent as they stand in its core memory, each with its id and what it says: what another agent wrote to a
   * shared one counts, unless this one has changed it since.
   */
  of({ id: agent, blocks }: AgentBlocks): BlockEntry[] {
    const known = new Map(this.#of(agent).map((entry) => [agreedWith(entry, agent).label, entry]));
    const changes: RecordChange[] = [];
    const found = blocks.map((block): BlockEntry => {
      const entry = known.get(block.label);
      known.delete(block.label);
      if (entry !== undefined) return { ...entry, ...fieldsOf(merged(entry, agent, block)) };
      const id = this.#newId();
      const record = recordSchema.parse({ ...fieldsOf(block), agents: { [agent]: null } });
      changes.push(this.#table.change(id, record));
      return { id, ...record };
    });
    // Blocks that the agent has no more, by an undo for example.
    for (const entry of known.values()) changes.push(this.#without(entry, agent));
    this.#records.write(changes);
    return found;
  }

  /** The blocks as the agent will have them when it next acts. */
  current({ id, blocks }: AgentBlocks): Block[] {
    const news = this.incoming({ id, blocks });
    return blocks.map((block) => news.find(({ label }) => label === block.label)?.block ?? block);
  }

  incoming({ id: agent, blocks }: AgentBlocks): BlockNews[] {
    return this.#of(agent).flatMap((entry) => {
      const { label } = agreedWith(entry, agent);
      const block = blocks.find((candidate) => candidate.label === label);
      if (block === undefined) return [];
      const next = merged(entry, agent, block);
      return isSame(next, block) ? [] : [{ label, block: next, by: entry.by }];
    });
  }

  publish(state: NamedBlocks): void {
    for (const entry of this.#of(state.id)) {
      // What an agent has alone is written down when somebody else changes it.
      if (isAlone(entry) && entry.agents[state.id] === null) continue;
      this.agree(entry.id, state);
    }
  }

  /** Takes note of a block as it is in an agent's core memory. */
  agree(id: string, { id: agent, name, blocks }: NamedBlocks): void {
    const mine = (record: BlockRecord): Block | undefined =>
      blocks.find(({ label }) => label === agreedWith(record, agent).label);
    const before = this.get(id);
    const block = mine(before);
    if (block === undefined || (before.agents[agent] === null && isSame(block, coreBlock(before)))) return;
    this.#records.change(() => {
      const { id: _, ...record } = this.get(id);
      const own = mine(record);
      if (own === undefined) return [];
      const next = merged(record, agent, own);
      const written = { ...record, ...fieldsOf(next), label: record.label };
      const agents = { ...laggingAgents(record, written), [agent]: isSame(next, own) ? null : own };
      const by = isSame(coreBlock(written), coreBlock(record)) ? record.by : name;
      return [this.#table.change(id, { ...written, by, agents })];
    });
  }

  /** Takes note that an agent has a block as it is. */
  attached(id: string, agent: string): void {
    this.#records.change(() => {
      const { id: _, ...record } = this.get(id);
      return [this.#table.change(id, { ...record, agents: { ...record.agents, [agent]: null } })];
    });
  }

  /** Takes note that an agent has a block no more; one that was made with it goes. */
  detached(id: string, agent: string): void {
    this.#records.write([this.#without(this.get(id), agent)]);
  }

  /** Takes note that an agent is gone. */
  agentRemoved(agent: string): void {
    this.#records.write(this.#of(agent).map((entry) => this.#without(entry, agent)));
  }

  #of(agent: string): readonly BlockEntry[] {
    this.#records.refresh();
    this.#byAgent ??= byAgent(this.all());
    return this.#byAgent.get(agent) ?? [];
  }

  #without({ id, ...record }: BlockEntry, agent: string): RecordChange {
    const { [agent]: _, ...agents } = record.agents;
    const isLeft = record.standalone || Object.keys(agents).length > 0;
    return this.#table.change(id, isLeft ? { ...record, agents } : undefined);
  }
}

function byAgent(all: readonly BlockEntry[]): ReadonlyMap<string, readonly BlockEntry[]> {
  const found = new Map<string, BlockEntry[]>();
  for (const entry of all) {
    for (const agent of Object.keys(entry.agents)) {
      const its = found.get(agent);
      if (its === undefined) found.set(agent, [entry]);
      else its.push(entry);
    }
  }
  return found;
}

/** Whether one agent was made with it, and has it alone. */
function isAlone({ agents, standalone }: BlockRecord): boolean {
  return !standalone && Object.keys(agents).length < 2;
}

function fieldsOf({
  label,
  value,
  limit,
  description,
  readOnly,
  private: isPrivate,
}: Block): Omit<BlockRecord, "agents" | "by" | "metadata" | "standalone" | "tags"> {
  return {
    label,
    value,
    limit,
    description: description === "" ? null : (description ?? null),
    readOnly: readOnly ?? false,
    private: isPrivate ?? false,
  };
}

function agreedWith(record: BlockRecord, agent: string): Block {
  return record.agents[agent] ?? coreBlock(record);
}

/** The agents of a block that changes: those that agreed to it as it was will have to catch up. */
function laggingAgents(before: BlockRecord, after: BlockRecord): BlockRecord["agents"] {
  const was = coreBlock(before);
  if (isSame(was, coreBlock(after))) return before.agents;
  return Object.fromEntries(Object.entries(before.agents).map(([agent, agreed]) => [agent, agreed ?? was]));
}

/** What the agent changed since it last agreed, and of the rest what the record says. The label stays the agent's. */
function merged(record: BlockRecord, agent: string, mine: Block): Block {
  const base = fieldsOf(agreedWith(record, agent));
  const own = fieldsOf(mine);
  const limit = own.limit === base.limit ? record.limit : own.limit;
  const value = mergedText(base.value, own.value, record.value);
  const fields = {
    ...record,
    label: mine.label,
    limit,
    value: value.length <= limit ? value : own.value === base.value ? record.value : own.value,
    description: own.description === base.description ? record.description : own.description,
    readOnly: own.readOnly === base.readOnly ? record.readOnly : own.readOnly,
    private: own.private === base.private ? record.private : own.private,
  };
  return coreBlock(fields);
}

function isSame(one: Block, other: Block): boolean {
  return JSON.stringify({ ...fieldsOf(one), label: "" }) === JSON.stringify({ ...fieldsOf(other), label: "" });
}
