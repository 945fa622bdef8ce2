import type { Message, RecallStorage } from "../../index.ts";
import type { AgentEntry } from "../house/agents.ts";
import { bareId } from "../house/ids.ts";
import type { Owner } from "../house/owners.ts";
import type { PageQuery } from "../http/paging.ts";
import { type Part, messageIdOf, partsOf } from "./parts.ts";

export type MessageListing = Pick<PageQuery, "limit" | "after" | "before" | "order"> & {
  readonly useAssistantMessage: boolean;
  readonly wanted: (part: Part) => boolean;
};

/** Stored messages read at a time. */
const AT_A_TIME = 100;

/**
 * A page of an agent's messages. Limit and cursors count parts, of which a stored message has none, one or several. The page
 * reads as many stored messages as it needs, so that it is empty only when nothing is left.
 */
export async function listMessages(owner: Owner, entry: AgentEntry, listing: MessageListing): Promise<Part[]> {
  return owner.read(entry, async (store) =>
    page(store.recall, systemPart(entry, (await store.load())?.system ?? ""), listing),
  );
}

/** The system prompt, which precedes all messages. */
function systemPart(entry: AgentEntry, system: string): Part {
  const id = `message-${bareId("agent", entry.id) ?? entry.id}`;
  return { id, date: entry.createdAt, message_type: "system_message", content: system };
}

async function page(
  recall: Pick<RecallStorage, "list" | "get">,
  system: Part,
  { limit, after, before, order, useAssistantMessage, wanted }: MessageListing,
): Promise<Part[]> {
  // `before` alone asks for the parts just before it: read backwards from there.
  const isBack = before !== undefined && after === undefined;
  const isDown = (order === "desc") !== isBack;
  const [cursor, end] = isBack ? [before, undefined] : [after, before];
  const isFromSystem = cursor === system.id;
  if (limit === 0 || (isFromSystem && isDown)) return [];
  const found: Part[] = [];
  /** @returns whether there is room for more. */
  const push = (parts: readonly Part[]): boolean => {
    for (const part of parts) {
      if (part.id === end) return false;
      if (wanted(part)) found.push(part);
      if (found.length === limit) return false;
    }
    return true;
  };
  const ordered = (message: Message): Part[] => {
    const parts = partsOf(message, { useAssistantMessage });
    return isDown ? parts.reverse() : parts;
  };

  let hasRoom = isDown || cursor !== undefined || push([system]);
  let from = cursor === undefined || isFromSystem ? undefined : messageIdOf(cursor);
  // The page after an unknown id is empty: it lacks even the prompt.
  let isKnown = from === undefined;
  const own = from === undefined ? undefined : await recall.get(from);
  if (own !== undefined) {
    const parts = ordered(own);
    hasRoom &&= push(parts.slice(parts.findIndex(({ id }) => id === cursor) + 1));
    isKnown = true;
  }
  while (hasRoom) {
    const messages = await recall.list({ newestFirst: isDown, count: AT_A_TIME, after: from });
    isKnown ||= messages.length > 0;
    for (const message of messages) hasRoom &&= push(ordered(message));
    from = messages.at(-1)?.id;
    if (messages.length > 0) continue;
    if (isDown && isKnown) push([system]);
    break;
  }
  return isBack ? found.reverse() : found;
}
