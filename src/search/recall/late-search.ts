import type { Conversation } from "../../ports/text-index.ts";
import type { RecallSearch } from "./search.ts";

/** The search of a conversation, loaded when it is first asked for: most starts of the program search nothing. */
export type LateRecallSearch = () => Promise<RecallSearch>;

export function lateRecallSearch(conversation: Conversation): LateRecallSearch {
  let made: Promise<RecallSearch> | undefined;
  const make = async (): Promise<RecallSearch> => new (await import("./search.ts")).RecallSearch(conversation);
  return async () => (made ??= make());
}
