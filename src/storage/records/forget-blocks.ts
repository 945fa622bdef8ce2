import { coreBlock } from "../../memory/core-block.ts";
import { forgetInBlock, mentions } from "../../memory/forgetting.ts";
import type { RecordChange, Records } from "../../ports/records.ts";
import { type BlockRecord, blockRecordSchema } from "../../schema/block-record.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import type { Block } from "../../schema/state.ts";
import { Table } from "../../ports/record-table.ts";

/** Removes forgotten text from the block records. @returns how many records are affected; `isDry` only counts them. */
export async function forgetInBlocks(
  records: Records,
  order: ForgetOrder,
  { isDry = false }: { readonly isDry?: boolean } = {},
): Promise<number> {
  await records.refresh();
  const found = blocksWithout(records, order, false).length;
  if (found > 0 && !isDry) await records.change(() => blocksWithout(records, order, false));
  return found;
}

/** Removes the tags and metadata that a server's clients stored with forgotten passages. */
export async function forgetNotes(records: Records, { passages }: ForgetOrder): Promise<void> {
  if (passages.length === 0) return;
  await records.refresh();
  const noted = passages.filter((id) => records.get("passage", id) !== undefined);
  await records.write(noted.map((id) => ({ kind: "passage", id, value: undefined })));
}

/** The changes that remove forgotten text from the blocks of the order's agent and, `withSharers`, from other agents' copies. */
export function blocksWithout(records: Records, order: ForgetOrder, withSharers: boolean): RecordChange[] {
  const table = new Table(records, "block", blockRecordSchema());
  return table.all().flatMap(({ id, value }) => {
    const left = order.agent in value.agents ? withoutForgotten(value, order, withSharers) : value;
    return left === value ? [] : [table.change(id, left)];
  });
}

/** Returns the same object if nothing in it is forgotten. Other agents must catch up with the change unless they forget too. */
export function withoutForgotten(record: BlockRecord, order: ForgetOrder, withSharers: boolean): BlockRecord {
  const agreed = record.agents[order.agent] ?? null;
  const was = { ...coreBlock(record), label: agreed?.label ?? record.label };
  const left = forgetInBlock(was, order);
  const own = agreed === null ? null : forgetInBlock(agreed, order);
  const metadata = mentions(record.metadata, order.words) ? {} : record.metadata;
  const others = Object.entries(record.agents).map(([id, block]): [string, Block | null] => {
    if (withSharers) return [id, block === null ? null : forgetAs(was.label, block, order)];
    return [id, left === was ? block : (block ?? was)];
  });
  const isSame = others.every(([id, block]) => id === order.agent || block === record.agents[id]);
  if (left === was && own === agreed && metadata === record.metadata && isSame) return record;
  const agents = { ...Object.fromEntries(others), [order.agent]: own };
  return { ...record, value: left.value, description: left.description ?? null, metadata, agents };
}

/** What remains of another agent's copy of the block, which may have its own label. */
function forgetAs(label: string, block: Block, order: ForgetOrder): Block {
  const named = { ...block, label };
  const left = forgetInBlock(named, order);
  return left === named ? block : { ...left, label: block.label };
}
