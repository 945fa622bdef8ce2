import { existsSync } from "node:fs";
import { blockRecordSchema } from "../../schema/block-record.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import { FileRecords } from "./file-records.ts";

/** The labels under which agents have or had a block, by agent id. */
type Labels = Map<string, Set<string>>;

/**
 * Orders for the agents that share a block with the order's agent, or once did according to the block records.
 *
 * @returns the orders by agent id.
 */
export function ordersOfSharers(file: string | undefined, order: ForgetOrder): ReadonlyMap<string, ForgetOrder> {
  const orders = new Map<string, ForgetOrder>();
  if (file === undefined || !existsSync(file) || order.words.length + order.notes.length === 0) return orders;
  for (const labels of labelsByBlock(file)) {
    const own = [...(labels.get(order.agent) ?? [])];
    if (own.length === 0 || own.some((label) => order.keep.includes(label))) continue;
    const sentences = order.notes.flatMap(([label, sentence]) => (own.includes(label) ? [sentence] : []));
    for (const [agent, theirs] of labels) {
      if (agent === order.agent) continue;
      const { only = [], notes = [] } = orders.get(agent) ?? {};
      const added = [...theirs].flatMap((label) => sentences.map((text): [string, string] => [label, text]));
      orders.set(agent, { ...forOther(order, agent), only: [...only, ...theirs], notes: [...notes, ...added] });
    }
  }
  return orders;
}

function forOther({ at, by, words }: ForgetOrder, agent: string): Omit<ForgetOrder, "only" | "notes"> {
  return { at, by, agent, words, messages: [], passages: [], labels: [], keep: [], branches: [] };
}

/** The labels of each block that is or was in the records. */
function labelsByBlock(file: string): Iterable<Labels> {
  const blocks = new Map<string, Labels>();
  for (const { id, value } of new FileRecords(file).lines()) {
    const record = blockRecordSchema().safeParse(value).data;
    if (record === undefined) continue;
    const labels = blocks.get(id) ?? new Map<string, Set<string>>();
    blocks.set(id, labels);
    for (const [agent, agreed] of Object.entries(record.agents)) {
      labels.set(agent, (labels.get(agent) ?? new Set()).add(agreed?.label ?? record.label));
    }
  }
  return blocks.values();
}
