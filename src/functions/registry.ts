import { archivalMemoryInsert, archivalMemorySearch } from "./archival-memory.ts";
import { conversationSearch, conversationSearchDate } from "./conversation-search.ts";
import { coreMemoryAppend, coreMemoryReplace } from "./core-memory.ts";
import type { AgentFunction } from "./define.ts";
import { pauseHeartbeats, sendMessage } from "./messages.ts";

/** The functions every preset can name, by the original's names. */
export const BASE_FUNCTIONS: ReadonlyMap<string, AgentFunction> = new Map(
  [
    sendMessage,
    pauseHeartbeats,
    coreMemoryAppend,
    coreMemoryReplace,
    conversationSearch,
    conversationSearchDate,
    archivalMemoryInsert,
    archivalMemorySearch,
  ].map((fn) => [fn.name, fn]),
);

/** Those of `names` that exist, in that order. A name without a function is left out, so that an agent always loads. */
export function selectFunctions(names: readonly string[]): Map<string, AgentFunction> {
  return new Map(
    names.flatMap((name): [string, AgentFunction][] => {
      const fn = BASE_FUNCTIONS.get(name);
      return fn === undefined ? [] : [[name, fn]];
    }),
  );
}
