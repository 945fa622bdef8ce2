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

/** Stored messages that are read at a time. */
const AT_A_TIME = 100;

/**
 * A page of an agent's messages. What is counted and continued from are parts, of which a stored message has none, one or several:
 * the page is filled from however many stored messages that takes, and is empty only when nothing is left.
 */
export async function listMessages(owner: Owner, entry: AgentEntry, listing: MessageListing): Promise<Part[]> {
  return owner.read(entry, async (store) =>
    page(store.recall, systemPart(entry, (await store.load())?.system ?? ""), listing),
  );
}

/** The prompt, which stands before everything that was said. */
function systemPart(entry: AgentEntry, system: string): Part {
  const id = `message-${bareId("agent", entry.id) ?? entry.id}`;
  return { id, date: entry.createdAt, message_type: "system_message", content: system };
}

async function page(
  recall: Pick<RecallStorage, "list" | "get">,
  system: Part,
  { limit, after, before, order, useAssistantMessage, wanted }: MessageListing,
): Promise<Part[]> {
  // An end alone: what stands nearest to it, which is found by going the other way.
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

  let goesOn = isDown || cursor !== undefined || push([system]);
  let from = cursor === undefined || isFromSystem ? undefined : messageIdOf(cursor);
  // After an id that never was there is nothing, the prompt included.
  let isKnown = from === undefined;
  const own = from === undefined ? undefined : await recall.get(from);
  if (own !== undefined) {
    const parts = ordered(own);
    goesOn &&= push(parts.slice(parts.findIndex(({ id }) => id === cursor) + 1));
    isKnown = true;
  }
  while (goesOn) {
    const messages = await recall.list({ newestFirst: isDown, count: AT_A_TIME, after: from });
    isKnown ||= messages.length > 0;
    for (const message of messages) goesOn &&= push(ordered(message));
    from = messages.at(-1)?.id;
    if (messages.length > 0) continue;
    if (isDown && isKnown) push([system]);
    break;
  }
  return isBack ? found.reverse() : found;
}
