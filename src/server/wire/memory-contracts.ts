import * as z from "zod";
import type { SectionTokens } from "../../schema/context.ts";
import type { Spent } from "../../schema/spent.ts";
import { blockSchema } from "../../schema/state.ts";
import { type Contract, libraryType } from "./contract.ts";
import { foundAllShape, foundShape, searchQuery } from "./found.ts";

const tag = "Memory over time";

/** A block of core memory. */
export const block = blockSchema().extend({ value: z.string() });

/** An agent's memory: blocks, passages, searches, and the context window. */
export const MEMORY_CONTRACTS = {
  memory: {
    method: "get",
    path: "/v1/agents/{agent_id}/memory",
    tag,
    summary: "Core memory, and the sizes of recall and archival storage.",
    answer: z.object({ blocks: z.array(block), recall: z.number().int(), archival: z.number().int() }),
    gives: "The blocks in the order in which the model sees them.",
  },
  putBlock: {
    method: "put",
    path: "/v1/agents/{agent_id}/memory/{label}",
    tag,
    summary: "Writes a block of core memory, unless it has changed since the caller read it; `was: null` adds one.",
    body: blockSchema().omit({ id: true, label: true }).extend({ was: z.string().nullable() }),
    answer: block,
    gives: "The changed block.",
  },
  removeBlock: {
    method: "delete",
    path: "/v1/agents/{agent_id}/memory/{label}",
    tag,
    summary: "Removes a block from core memory.",
    answer: z.object({}),
    gives: "The block is removed; one undo restores it.",
  },
  passages: {
    method: "get",
    path: "/v1/agents/{agent_id}/passages",
    tag,
    summary: "The passages in an agent's archival memory, newest first.",
    query: z.object({
      after: z.string().max(200).optional(),
      size: z.coerce.number().int().min(1).max(200).default(20),
    }),
    answer: z.object({
      passages: z.array(z.object({ id: z.string(), text: z.string(), createdAt: z.string() })),
      /** The cursor of the next page; null at the end. */
      next: z.string().nullable(),
    }),
    gives: "A page of them.",
  },
  removePassage: {
    method: "delete",
    path: "/v1/agents/{agent_id}/passages/{passage_id}",
    tag,
    summary: "Removes a passage from archival memory.",
    answer: z.object({ removed: z.number().int() }),
    gives: "The passage is removed; one undo restores it.",
  },
  found: {
    method: "get",
    path: "/v1/agents/{agent_id}/found/{message_id}",
    tag,
    summary: "What a search by the agent found, by the id of the message with its return.",
    answer: z.array(
      z.object({
        id: z.string(),
        at: z.string(),
        /** Who said it; `archival` for a passage. */
        role: z.enum(["user", "assistant", "archival"]),
        source: z.string().nullable(),
        text: z.string(),
        signals: z.record(z.string(), z.number()),
      }),
    ),
    gives: "The results, best first, each with its ranking signals.",
  },
  search: {
    method: "get",
    path: "/v1/agents/{agent_id}/search",
    tag,
    summary: "Searches an agent's memory as the agent does.",
    query: searchQuery,
    answer: z.union([foundShape, foundAllShape]),
    gives: "A page of results, best first, each with its ranking signals.",
  },
  window: {
    method: "get",
    path: "/v1/agents/{agent_id}/window",
    tag: "Context",
    summary: "How an agent's context window is used, what was evicted from it, and what the agent has cost.",
    answer: z.object({
      window: z.number(),
      used: z.number(),
      sections: libraryType<SectionTokens>(),
      warnAt: z.number(),
      flushAt: z.number(),
      /** Messages in context, and those evicted from it so far. */
      queue: z.number().int(),
      evicted: z.number().int(),
      summary: z.string().nullable(),
      model: z.string(),
      spent: z.object({ session: libraryType<Spent>(), agent: libraryType<Spent>() }),
    }),
    gives: "The window by section, in tokens.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
