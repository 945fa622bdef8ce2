import { archivalMemoryInsert, archivalMemorySearch } from "./archival-memory.ts";
import { conversationSearch, conversationSearchDate } from "./conversation-search.ts";
import { coreMemoryAppend, coreMemoryReplace } from "./core-memory.ts";
import type { AgentFunction } from "./define.ts";
import { forgetMemory } from "./forget-memory.ts";
import { pauseHeartbeats, sendMessage } from "./messages.ts";

/** The functions that every host has, under the original's names. */
export function builtInFunctions(): AgentFunction[] {
  return [
    sendMessage,
    pauseHeartbeats,
    coreMemoryAppend,
    coreMemoryReplace,
    conversationSearch,
    conversationSearchDate,
    archivalMemoryInsert,
    archivalMemorySearch,
    forgetMemory,
  ];
}
