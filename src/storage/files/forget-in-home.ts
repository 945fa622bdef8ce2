import { existsSync } from "node:fs";
import { coreBlock } from "../../memory/core-block.ts";
import { forgetInBlock, mentions } from "../../memory/forgetting.ts";
import { type BlockRecord, blockRecordSchema } from "../../schema/block-record.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import type { Block } from "../../schema/state.ts";
import { Records, Table } from "./records.ts";
import { forgetTyped } from "./typed-lines.ts";

/** Files that the agents of a home have in common: lines typed in the chat, and the record of blocks. */
export type CommonFiles = { readonly typed?: string | undefined; readonly blocks?: string | undefined };

/** How many lines of each a forgetting concerns. */
export type CommonForgotten = { readonly typed: number; readonly blockLines: number };

/** Removes what the agent of an order has in the common files; `isDry` only counts it. */
export function forgetInHome(
  { typed, blocks }: CommonFiles,
  order: ForgetOrder,
  options: { readonly isDry?: boolean } = {},
): CommonForgotten {
  return { typed: forgetTyped(typed, order, options), blockLines: forgetInBlockRecord(blocks, order, options) };
}

/**
 * Takes what is forgotten out of the agent's blocks in the record, and every outdated line out of the file. Another agent
 * that has one of the blocks keeps the old text, as its own memory, until it next acts.
 */
function forgetInBlockRecord(
  file: string | undefined,
  order: ForgetOrder,
  { isDry = false }: { readonly isDry?: boolean } = {},
): number {
  if (file === undefined || !existsSync(file)) return 0;
  const records = new Records(file);
  const table = new Table(records, "block", blockRecordSchema);
  const lines = records.lines().filter(({ value }) => {
    const record = blockRecordSchema.safeParse(value).data;
    return record !== undefined && order.agent in record.agents && withoutForgotten(record, order) !== record;
  });
  if (lines.length === 0 || isDry) return lines.length;
  records.rewrite(() =>
    table.all().flatMap(({ id, value }) => {
      const left = order.agent in value.agents ? withoutForgotten(value, order) : value;
      return left === value ? [] : [table.change(id, left)];
    }),
  );
  return lines.length;
}

/** The same object if nothing of it is forgotten. Other agents have to catch up with what changes. */
function withoutForgotten(record: BlockRecord, order: ForgetOrder): BlockRecord {
  const agreed = record.agents[order.agent] ?? null;
  const was = { ...coreBlock(record), label: agreed?.label ?? record.label };
  const left = forgetInBlock(was, order);
  const own = agreed === null ? null : forgetInBlock(agreed, order);
  const metadata = mentions(record.metadata, order.words) ? {} : record.metadata;
  if (left === was && own === agreed && metadata === record.metadata) return record;
  const others = Object.entries(record.agents).map(([id, block]): [string, Block | null] => [
    id,
    left === was ? block : (block ?? was),
  ]);
  const agents = { ...Object.fromEntries(others), [order.agent]: own };
  return { ...record, value: left.value, description: left.description ?? null, metadata, agents };
}
