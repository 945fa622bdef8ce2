import { MemGPTError } from "../errors.ts";
import { agreedWith, fieldsOf, isAlone, isSame, laggingAgents, merged } from "../memory/agreed-block.ts";
import { coreBlock } from "../memory/core-block.ts";
import { forgetInBlock } from "../memory/forgetting.ts";
import { ForgetOrders } from "../ports/forget-orders.ts";
import type { BlockNews, ChosenBlocks, SharedBlocks } from "../ports/shared-blocks.ts";
import { type BlockEntry, type BlockRecord, blockRecordSchema as recordSchema } from "../schema/block-record.ts";
import type { AgentState, Block } from "../schema/state.ts";
import { Table } from "../ports/record-table.ts";
import type { RecordChange, Records } from "../ports/records.ts";

type AgentBlocks = Pick<AgentState, "id" | "blocks">;
type NamedBlocks = Pick<AgentState, "id" | "name" | "blocks">;

/**
 * The blocks of a home's agents, by id. A shared block is in the core memory of each of its agents; after an edit by
 * one, the others have the new text before they next act.
 */
export class BlockBook implements SharedBlocks {
  readonly #table: Table<BlockRecord>;
  readonly #orders: ForgetOrders;
  readonly #records: Records;
  readonly #newId: () => string;
  #byAgent: ReadonlyMap<string, readonly BlockEntry[]> = new Map();
  /** The version of the records that `#byAgent` was built from. */
  #builtFrom = -1;

  constructor(records: Records, newId: () => string) {
    this.#records = records;
    this.#table = new Table(this.#records, "block", recordSchema());
    this.#orders = new ForgetOrders(this.#records);
    this.#newId = () => `block-${newId()}`;
  }

  /** Reads what other processes have changed. */
  async refresh(): Promise<void> {
    await this.#records.refresh();
  }

  /** @throws MemGPTError `not_found`. */
  get(id: string): BlockEntry {
    const record = this.#table.get(id);
    if (record !== undefined && !record.deleted) return { id, ...record };
    throw new MemGPTError("not_found", `There is no block ${id}.`);
  }

  all(): BlockEntry[] {
    return this.#everything().filter(({ deleted }) => !deleted);
  }

  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  async create(fields: Partial<BlockRecord> & Pick<BlockRecord, "label" | "value" | "limit">): Promise<BlockEntry> {
    const id = this.#newId();
    return { id, ...(await this.#table.put(id, recordSchema().parse({ ...fields, standalone: true }))) };
  }

  /** Changes a block. Every agent that has it adopts the change before it next acts. */
  async update(id: string, changes: Partial<BlockRecord>): Promise<BlockEntry> {
    await this.#records.change(() => {
      const { id: _, ...record } = this.get(id);
      const agents = changes.agents ?? laggingAgents(record, { ...record, ...changes });
      return [this.#table.change(id, { ...record, by: null, ...changes, agents })];
    });
    return this.get(id);
  }

  /** Deletes a block. Every agent that has it drops it before it next acts; until the last one has, its record stays. */
  async delete(id: string): Promise<void> {
    await this.#records.change(() => {
      const { id: _, ...record } = this.get(id);
      const isHeld = Object.keys(record.agents).length > 0;
      return [this.#table.change(id, isHeld ? { ...record, standalone: false, deleted: true } : undefined)];
    });
  }

  /**
   * The blocks of an agent in the order of its core memory, each with its id and current text. Another agent's edit of
   * a shared block counts, unless this agent has changed it since.
   */
  async of(state: AgentBlocks): Promise<BlockEntry[]> {
    await this.refresh();
    let { found, changes } = this.#reconciled(state);
    if (changes.length === 0) return found;
    await this.#records.change(() => {
      ({ found, changes } = this.#reconciled(state));
      return changes;
    });
    return found;
  }

  /** The result of `of`, and the records to write. */
  #reconciled({ id: agent, blocks }: AgentBlocks): { found: BlockEntry[]; changes: RecordChange[] } {
    const changes: RecordChange[] = [];
    const matched = this.#matched({ id: agent, blocks });
    const found = blocks.flatMap((block, index): BlockEntry[] => {
      const entry = matched[index];
      if (entry?.deleted === true) return [];
      if (entry !== undefined) {
        const { id, ...record } = entry;
        if (this.#table.get(id)?.agents[agent] === undefined) changes.push(this.#table.change(id, record));
        return [{ ...entry, ...fieldsOf(merged(entry, agent, block)) }];
      }
      const id = block.id !== undefined && this.#table.get(block.id) === undefined ? block.id : this.#newId();
      const record = recordSchema().parse({ ...fieldsOf(block), agents: { [agent]: null } });
      changes.push(this.#table.change(id, record));
      return [{ id, ...record }];
    });
    return { found, changes: [...changes, ...this.#lost(agent, matched)] };
  }

  /** The blocks as the agent will see them when it next acts. */
  async current(state: AgentBlocks): Promise<Block[]> {
    await this.refresh();
    const { id, blocks } = this.#afterForgetting(state);
    const news = new Map(this.incoming({ id, blocks }).map((one) => [one.label, one.block]));
    return blocks.flatMap((block) => (news.has(block.label) ? (news.get(block.label) ?? []) : [block]));
  }

  shared(id: string | undefined): Block | undefined {
    const record = id === undefined ? undefined : this.#table.get(id);
    return record === undefined || record.deleted || isAlone(record) ? undefined : coreBlock({ id, ...record });
  }

  identified({ id: agent, blocks }: AgentBlocks): readonly Block[] {
    const isKnown = blocks.map(({ id }) => id !== undefined && this.#isOf(id, agent));
    if (isKnown.every(Boolean)) return blocks;
    const matched = this.#matched({ id: agent, blocks });
    // If none of its blocks has an id yet, records are matched by label.
    const own = isKnown.some(Boolean) ? [] : this.#of(agent);
    return blocks.map((block, index) => {
      if (isKnown[index] === true) return block;
      const entry = matched[index] ?? own.find((candidate) => agreedWith(candidate, agent).label === block.label);
      return { ...block, id: entry?.id ?? this.#newId() };
    });
  }

  incoming({ id: agent, blocks }: AgentBlocks): BlockNews[] {
    const matched = this.#matched({ id: agent, blocks });
    return blocks.flatMap((block, index): BlockNews[] => {
      const entry = matched[index];
      if (entry === undefined) return [];
      if (entry.deleted) return [{ label: block.label, block: undefined, by: null }];
      const next = merged(entry, agent, block);
      return isSame(next, block) ? [] : [{ label: block.label, block: next, by: entry.by }];
    });
  }

  async publish(state: NamedBlocks): Promise<void> {
    const matched = this.#matched(state);
    for (const entry of matched) {
      if (entry === undefined || entry.deleted) continue;
      // A block that only this agent has is recorded when somebody else changes it.
      if (hasAlone(entry, state.id)) continue;
      await this.agree(entry.id, state);
    }
    if (this.#lost(state.id, matched).length > 0) {
      await this.#records.change(() => this.#lost(state.id, this.#matched(state)));
    }
  }

  /** Records a block as it is in an agent's core memory. */
  async agree(id: string, state: NamedBlocks): Promise<void> {
    const { id: agent, name } = state;
    const mine = (): { entry: BlockEntry; block: Block } | undefined => {
      const index = this.#matched(state).findIndex((entry) => entry?.id === id);
      // What has been forgotten meanwhile is not published.
      const [entry, block] = [this.#matched(state)[index], this.#afterForgetting(state).blocks[index]];
      return entry === undefined || entry.deleted || block === undefined ? undefined : { entry, block };
    };
    const before = mine();
    if (before === undefined) return;
    const hasAgreed = this.get(id).agents[agent] === null;
    if (hasAgreed && isSame(before.block, coreBlock(before.entry))) return;
    await this.#records.change(() => {
      const now = mine();
      if (now === undefined) return [];
      const { id: _, ...record } = now.entry;
      const next = merged(record, agent, now.block);
      const written = { ...record, ...fieldsOf(next), label: record.label };
      const agents = { ...laggingAgents(record, written), [agent]: isSame(next, now.block) ? null : now.block };
      const by = isSame(coreBlock(written), coreBlock(record)) ? record.by : name;
      return [this.#table.change(id, { ...written, by, agents })];
    });
  }

  /** Records that an agent has a block in its current form. */
  async attached(id: string, agent: string): Promise<void> {
    await this.#records.change(() => {
      const { id: _, ...record } = this.get(id);
      return [this.#table.change(id, withAgent(record, agent, null))];
    });
  }

  /** Records that an agent no longer has a block. A block created with the agent is removed. */
  async detached(id: string, agent: string): Promise<void> {
    await this.#records.change(() => [this.#without(this.get(id), agent)]);
  }

  /** Records that an agent was deleted. */
  async agentRemoved(agent: string): Promise<void> {
    await this.#records.change(() => this.#of(agent).map((entry) => this.#without(entry, agent)));
  }

  async choose({ id: agent, blocks }: AgentBlocks, ids: readonly string[]): Promise<ChosenBlocks> {
    const chosen = new Set(ids);
    const present = await this.of({ id: agent, blocks });
    const matched = this.#matched({ id: agent, blocks });
    const added = [...chosen].filter((id) => !present.some((entry) => entry.id === id)).map((id) => this.get(id));
    const removed = present.filter(({ id }) => !chosen.has(id));
    return {
      blocks: [...blocks.filter((_, index) => chosen.has(matched[index]?.id ?? "")), ...added.map(coreBlock)],
      settle: async () => {
        for (const { id, value } of removed) {
          await this.update(id, { value, standalone: true });
          await this.detached(id, agent);
        }
        for (const { id } of added) await this.attached(id, agent);
      },
    };
  }

  /** The blocks once the orders to forget that wait for the agent are carried out. */
  #afterForgetting({ id, blocks }: AgentBlocks): AgentBlocks {
    const orders = this.#orders.of(id);
    return { id, blocks: blocks.map((block) => orders.reduce((left, { order }) => forgetInBlock(left, order), block)) };
  }

  /** All blocks, including deleted ones that some agents have yet to drop. */
  #everything(): BlockEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  #of(agent: string): readonly BlockEntry[] {
    if (this.#builtFrom !== this.#records.version) this.#byAgent = byAgent(this.#everything());
    this.#builtFrom = this.#records.version;
    return this.#byAgent.get(agent) ?? [];
  }

  /** The record of each of an agent's blocks, if any. */
  #matched({ id: agent, blocks }: AgentBlocks): (BlockEntry | undefined)[] {
    const own = this.#of(agent);
    return blocks.map((block) => {
      const record = block.id === undefined ? undefined : this.#table.get(block.id);
      if (block.id !== undefined && record === undefined) return undefined;
      if (block.id !== undefined && record !== undefined) {
        if (agent in record.agents) return { id: block.id, ...record };
        // An undo or redo brought it back: it continues with the others' current text.
        if (!record.deleted && record.left.includes(agent)) return { id: block.id, ...withAgent(record, agent, block) };
      }
      // A block of an older version, or of the agent that this one was copied from. Only unshared blocks are found by
      // label.
      return own.find((entry) => isAlone(entry) && agreedWith(entry, agent).label === block.label);
    });
  }

  #isOf(id: string, agent: string): boolean {
    const record = this.#table.get(id);
    return record === undefined || agent in record.agents || (!record.deleted && record.left.includes(agent));
  }

  /** Changes for blocks that the agent no longer has, for example after an undo. */
  #lost(agent: string, matched: readonly (BlockEntry | undefined)[]): RecordChange[] {
    const kept = new Set(matched.map((entry) => entry?.id));
    return this.#of(agent)
      .filter(({ id }) => !kept.has(id))
      .map((entry) => this.#without(entry, agent));
  }

  #without({ id, ...record }: BlockEntry, agent: string): RecordChange {
    const { [agent]: _, ...agents } = record.agents;
    const isLeft = record.standalone || Object.keys(agents).length > 0;
    const left = [...new Set([...record.left, agent])];
    return this.#table.change(id, isLeft ? { ...record, agents, left } : undefined);
  }
}

function withAgent(record: BlockRecord, agent: string, agreed: Block | null): BlockRecord {
  const left = record.left.filter((other) => other !== agent);
  return { ...record, agents: { ...record.agents, [agent]: agreed }, left };
}

/** Whether the block was created with the agent, nobody else has it, and the agent agrees to the record. */
function hasAlone(record: BlockRecord, agent: string): boolean {
  return isAlone(record) && record.agents[agent] === null;
}

function byAgent(all: readonly BlockEntry[]): ReadonlyMap<string, readonly BlockEntry[]> {
  const found = new Map<string, BlockEntry[]>();
  for (const entry of all) {
    for (const agent of Object.keys(entry.agents)) {
      const own = found.get(agent);
      if (own === undefined) found.set(agent, [entry]);
      else own.push(entry);
    }
  }
  return found;
}
