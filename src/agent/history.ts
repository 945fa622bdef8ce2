import { MemGPTError, didYouMean } from "../errors.ts";
import { type AgentState, blockSchema } from "../schema/state.ts";
import type { BlockEdit } from "../schema/timeline.ts";
import type { History } from "../ports/history.ts";
import type { JournalEntry } from "../ports/journal.ts";
import type { RecallStorage } from "../ports/recall.ts";

/**
 * The edits that led to the current core memory, oldest first, without undone ones.
 *
 * @throws MemGPTError `not_found` for a label that no block has or ever had.
 */
export async function blockHistory(
  { name, blocks }: Pick<AgentState, "name" | "blocks">,
  { history, recall }: { readonly history: Pick<History, "journal" | "actionOf">; readonly recall: RecallStorage },
  label?: string,
): Promise<BlockEdit[]> {
  const entries = await history.journal.blockEntries(label);
  const labels = blocks.map((block) => block.label);
  if (label !== undefined && entries.length === 0 && !labels.includes(label)) {
    const available = `The blocks of ${name} are: ${labels.join(", ")}.`;
    throw new MemGPTError("not_found", `No block is named ${label}.${didYouMean(label, labels)} ${available}`);
  }
  const edits: BlockEdit[] = [];
  for (const entry of entries) {
    const { op, at, cause, ref } = entry;
    const message = await recall.get(cause);
    edits.push({
      op,
      at,
      label: ref,
      before: valueOf(entry.before),
      after: valueOf(entry.after),
      action: (await history.actionOf(op))?.label ?? cause,
      thought: message?.role === "assistant" ? message.content : null,
      messageId: message?.id ?? null,
      origin: entry.origin ?? null,
    });
  }
  return edits;
}

function valueOf(json: JournalEntry["before"]): string {
  return blockSchema().safeParse(JSON.parse(json ?? "null")).data?.value ?? "";
}
