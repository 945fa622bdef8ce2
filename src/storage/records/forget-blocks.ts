import { coreBlock } from "../../memory/core-block.ts";
import { forgetInBlock, mentions } from "../../memory/forgetting.ts";
import type { RecordChange, Records } from "../../ports/records.ts";
import { type BlockRecord, blockRecordSchema } from "../../schema/block-record.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import type { Block } from "../../schema/state.ts";
import { Table } from "../../ports/record-table.ts";
import type { RecordedBlock } from "./sharer-orders.ts";

/** Removes the tags and metadata that a server's clients stored with forgotten passages. */
export async function forgetNotes(records: Records, { passages }: ForgetOrder): Promise<void> {
  if (passages.length === 0) return;
  await records.refresh();
  const noted = passages.filter((id) => records.get("passage", id) !== undefined);
  await records.write(noted.map((id) => ({ kind: "passage", id, value: undefined })));
}

/** The blocks that are recorded. */
export function recordedBlocks(records: Records): RecordedBlock[] {
  return blockTable(records).all();
}

/** The changes that remove forgotten text from the blocks that the order's agent has or had, as all their agents have them. */
export function blocksWithout(records: Records, order: ForgetOrder): RecordChange[] {
  const table = blockTable(records);
  return table.all().flatMap(({ id, value }) => {
    const left = withoutForgotten(value, order);
    return left === value ? [] : [table.change(id, left)];
  });
}

/** Returns the same object if nothing in it is forgotten. Its agents must carry out the orders of `ordersOfSharers`. */
export function withoutForgotten(record: BlockRecord, order: ForgetOrder): BlockRecord {
  if (!(order.agent in record.agents) && !record.left.includes(order.agent)) return record;
  const label = record.agents[order.agent]?.label ?? record.label;
  const was = { ...coreBlock(record), label };
  const left = forgetInBlock(was, order);
  const metadata = mentions(record.metadata, order.words) ? {} : record.metadata;
  const agents = Object.entries(record.agents).map(([id, block]): [string, Block | null] => [
    id,
    block === null ? null : forgetAs(label, block, order),
  ]);
  const isSame = left === was && metadata === record.metadata && agents.every(([id, it]) => it === record.agents[id]);
  if (isSame) return record;
  const { value, description = null } = left;
  return { ...record, value, description, metadata, agents: Object.fromEntries(agents) };
}

/** What remains of an agent's copy of the block, which may have its own label. */
function forgetAs(label: string, block: Block, order: ForgetOrder): Block {
  const named = { ...block, label };
  const left = forgetInBlock(named, order);
  return left === named ? block : { ...left, label: block.label };
}

function blockTable(records: Records): Table<BlockRecord> {
  return new Table(records, "block", blockRecordSchema());
}
