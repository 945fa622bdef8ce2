import type { BlockRecord } from "../../schema/block-record.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";

/** A block, as it is or was recorded. */
export type RecordedBlock = { readonly id: string; readonly value: BlockRecord };

/** The labels under which agents have or had a block, by agent id. */
type Labels = Map<string, Set<string>>;

/**
 * Orders for the agents that share a block with the order's agent, or once did according to the block records.
 *
 * @returns the orders by agent id.
 */
export function ordersOfSharers(
  recorded: readonly RecordedBlock[],
  order: ForgetOrder,
): ReadonlyMap<string, ForgetOrder> {
  const orders = new Map<string, ForgetOrder>();
  if (order.words.length + order.notes.length === 0) return orders;
  for (const [id, labels] of labelsByBlock(recorded)) {
    const own = [...(labels.get(order.agent) ?? [])];
    if (own.length === 0 || own.some((label) => order.keep.includes(label))) continue;
    const sentences = order.notes.flatMap(([label, sentence]) => (own.includes(label) ? [sentence] : []));
    for (const [agent, theirs] of labels) {
      if (agent === order.agent) continue;
      const { only = [], blocks = [], notes = [] } = orders.get(agent) ?? {};
      const added = [...theirs, id].flatMap((name) => sentences.map((text): [string, string] => [name, text]));
      const limits = { only: [...only, ...theirs], blocks: [...blocks, id], notes: [...notes, ...added] };
      orders.set(agent, { ...forOther(order, agent), ...limits });
    }
  }
  return orders;
}

function forOther({ at, by, words }: ForgetOrder, agent: string): Omit<ForgetOrder, "only" | "notes"> {
  return { at, by, agent, words, messages: [], passages: [], labels: [], keep: [], branches: [] };
}

function labelsByBlock(recorded: readonly RecordedBlock[]): ReadonlyMap<string, Labels> {
  const blocks = new Map<string, Labels>();
  for (const { id, value } of recorded) {
    const labels = blocks.get(id) ?? new Map<string, Set<string>>();
    blocks.set(id, labels);
    const agreed = [...Object.entries(value.agents), ...value.left.map((agent) => [agent, null] as const)];
    for (const [agent, block] of agreed) {
      labels.set(agent, (labels.get(agent) ?? new Set()).add(block?.label ?? value.label));
    }
  }
  return blocks;
}
