import type { BlockRecord } from "../schema/block-record.ts";
import type { Block } from "../schema/state.ts";
import { coreBlock } from "./core-block.ts";
import { mergedText } from "./merge.ts";

// Each agent that has a shared block last agreed to some version of it, and catches up from there.

/** Whether the block belongs to at most one agent and was not created on its own. */
export function isAlone({ agents, standalone }: BlockRecord): boolean {
  return !standalone && Object.keys(agents).length < 2;
}

export function fieldsOf({
  label,
  value,
  limit,
  description,
  readOnly,
  private: isPrivate,
}: Block): Omit<BlockRecord, "agents" | "by" | "deleted" | "left" | "metadata" | "standalone" | "tags"> {
  return {
    label,
    value,
    limit,
    description: description === "" ? null : (description ?? null),
    readOnly: readOnly ?? false,
    private: isPrivate ?? false,
  };
}

export function agreedWith(record: BlockRecord, agent: string): Block {
  return record.agents[agent] ?? coreBlock(record);
}

/** The agents of a changing block. Those that agreed to its old version have to catch up. */
export function laggingAgents(before: BlockRecord, after: BlockRecord): BlockRecord["agents"] {
  const was = coreBlock(before);
  if (isSame(was, coreBlock(after))) return before.agents;
  return Object.fromEntries(Object.entries(before.agents).map(([agent, agreed]) => [agent, agreed ?? was]));
}

/** The agent's changes since it last agreed, merged into the record. Label and id stay the agent's. */
export function merged(record: BlockRecord, agent: string, mine: Block): Block {
  const base = fieldsOf(agreedWith(record, agent));
  const own = fieldsOf(mine);
  const limit = own.limit === base.limit ? record.limit : own.limit;
  const value = mergedText(base.value, own.value, record.value);
  return coreBlock({
    ...record,
    id: mine.id,
    label: mine.label,
    limit,
    value: value.length <= limit ? value : own.value === base.value ? record.value : own.value,
    description: own.description === base.description ? record.description : own.description,
    readOnly: own.readOnly === base.readOnly ? record.readOnly : own.readOnly,
    private: own.private === base.private ? record.private : own.private,
  });
}

/** Whether two blocks are equal except for label and id. */
export function isSame(a: Block, b: Block): boolean {
  return JSON.stringify({ ...fieldsOf(a), label: "" }) === JSON.stringify({ ...fieldsOf(b), label: "" });
}
