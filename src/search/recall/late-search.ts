import type { Conversation } from "../../ports/text-index.ts";
import type { RecallSearch } from "./search.ts";

/** The search of a conversation, loaded on first use: most runs of the program search nothing. */
export type LateRecallSearch = () => Promise<RecallSearch>;

export function lateRecallSearch(conversation: Conversation): LateRecallSearch {
  let search: Promise<RecallSearch> | undefined;
  const make = async (): Promise<RecallSearch> => new (await import("./search.ts")).RecallSearch(conversation);
  return async () => (search ??= make());
}
