import * as z from "zod";
import type { Spent } from "../../schema/spent.ts";
import { blockSchema } from "../../schema/state.ts";
import type { SectionTokens } from "../../schema/context.ts";
import type { BlockEdit, CheckpointEntry, Explanation, MemoryChange, Undone } from "../../schema/timeline.ts";
import type { FeedEvent } from "./feed.ts";
import { type Contract, libraryType } from "./contract.ts";
import { transcriptShape } from "./entries.ts";
import { ACCOUNT_CONTRACTS } from "./account-contracts.ts";
import { FORGET_CONTRACTS } from "./forget-contracts.ts";
import { IMPORT_CONTRACTS } from "./import-contracts.ts";
import { LIBRARY_CONTRACTS } from "./library-contracts.ts";
import { SETTINGS_CONTRACTS } from "./settings-contracts.ts";
import { SOURCE_CONTRACTS } from "./source-contracts.ts";
import { foundAllShape, foundShape, searchQuery } from "./found.ts";

const time = "Memory over time";
const chat = "Page";

const block = blockSchema.extend({ value: z.string() });

export const CONTRACTS = {
  whoami: {
    method: "get",
    path: "/v1/session",
    tag: chat,
    summary: "Who the caller is, and what the server has.",
    answer: z.object({
      user: z.object({ id: z.string(), name: z.string() }),
      isAdmin: z.boolean(),
      needsKey: z.boolean(),
      version: z.string(),
      model: z.string(),
    }),
    gives: "The caller.",
  },
  signIn: {
    method: "post",
    path: "/v1/session",
    tag: chat,
    summary: "Keeps the key of this request in a cookie that no script can read, for the page.",
    answer: z.object({}),
    gives: "The cookie is set.",
  },
  signOut: {
    method: "delete",
    path: "/v1/session",
    tag: chat,
    summary: "Removes the cookie with the key.",
    answer: z.object({}),
    gives: "The cookie is gone.",
  },
  events: {
    method: "get",
    path: "/v1/events",
    tag: chat,
    summary: "What the caller's agents do, as it happens. A running turn is repeated from its start.",
    answer: libraryType<FeedEvent>(),
    gives: "Server-sent events, for as long as the client listens.",
  },
  roster: {
    method: "get",
    path: "/v1/roster",
    tag: chat,
    summary: "The caller's agents in short, the last used first.",
    answer: z.array(
      z.object({ id: z.string(), name: z.string(), createdAt: z.string(), usedAt: z.string(), isBusy: z.boolean() }),
    ),
    gives: "All of them.",
  },
  copyAgent: {
    method: "post",
    path: "/v1/agents/{agent_id}/copy",
    tag: time,
    summary: "Makes an agent that remembers all that this one does, or did at a checkpoint.",
    body: z.object({ name: z.string().min(1).max(200), at: z.string().optional() }),
    answer: z.object({ id: z.string() }),
    gives: "The copy's id.",
  },
  transcript: {
    method: "get",
    path: "/v1/agents/{agent_id}/transcript",
    tag: chat,
    summary: "The conversation as people read it: the newest part, or what stands before, after or around a message.",
    query: z.object({
      before: z.string().max(200).optional(),
      after: z.string().max(200).optional(),
      around: z.string().max(200).optional(),
      size: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answer: transcriptShape,
    gives: "Part of the conversation, oldest first.",
  },
  turn: {
    method: "post",
    path: "/v1/agents/{agent_id}/turns",
    tag: chat,
    summary:
      "Begins a turn: with a message, with another in place of an earlier one, with the last one again, or to go on. What it says comes as events.",
    body: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("send"), message: z.string().min(1) }),
      z.object({ kind: z.literal("edit"), id: z.string(), message: z.string().min(1) }),
      z.object({ kind: z.literal("retry") }),
      z.object({ kind: z.literal("continue") }),
    ]),
    answer: z.object({ run: z.string() }),
    gives: "The run that it is.",
  },
  stop: {
    method: "post",
    path: "/v1/agents/{agent_id}/stop",
    tag: chat,
    summary: "Stops what the agent is doing. Finished steps are kept.",
    answer: z.object({ stopped: z.number().int() }),
    gives: "How many turns were stopped.",
  },
  memory: {
    method: "get",
    path: "/v1/agents/{agent_id}/memory",
    tag: time,
    summary: "Core memory, and how much is in recall and archival storage.",
    answer: z.object({ blocks: z.array(block), recall: z.number().int(), archival: z.number().int() }),
    gives: "The blocks in the order in which the model sees them.",
  },
  putBlock: {
    method: "put",
    path: "/v1/agents/{agent_id}/memory/{label}",
    tag: time,
    summary:
      "Writes a block of core memory, unless somebody has changed it since the caller read it; `was: null` adds one.",
    body: blockSchema.omit({ label: true }).extend({ was: z.string().nullable() }),
    answer: block,
    gives: "The block as it is now.",
  },
  removeBlock: {
    method: "delete",
    path: "/v1/agents/{agent_id}/memory/{label}",
    tag: time,
    summary: "Removes a block from core memory.",
    answer: z.object({}),
    gives: "It is gone; one undo brings it back.",
  },
  passages: {
    method: "get",
    path: "/v1/agents/{agent_id}/passages",
    tag: time,
    summary: "The passages that an agent wrote to archival memory, the newest first.",
    query: z.object({
      after: z.string().max(200).optional(),
      size: z.coerce.number().int().min(1).max(200).default(20),
    }),
    answer: z.object({
      passages: z.array(z.object({ id: z.string(), text: z.string(), createdAt: z.string() })),
      /** The cursor that goes on; null at the end. */
      next: z.string().nullable(),
    }),
    gives: "A page of them.",
  },
  removePassage: {
    method: "delete",
    path: "/v1/agents/{agent_id}/passages/{passage_id}",
    tag: time,
    summary: "Takes a passage out of archival memory.",
    answer: z.object({ removed: z.number().int() }),
    gives: "It is gone; one undo brings it back.",
  },
  found: {
    method: "get",
    path: "/v1/agents/{agent_id}/found/{message_id}",
    tag: time,
    summary: "What a search of the agent found, by the id of the message with its return.",
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
    gives: "The results, best first, each with what it was ranked by.",
  },
  undo: {
    method: "post",
    path: "/v1/agents/{agent_id}/undo",
    tag: time,
    summary: "Takes back the last turn or command, or the last `count`, memory included.",
    body: z.object({ count: z.number().int().min(1).max(1000).optional() }),
    isBare: true,
    answer: libraryType<Undone>(),
    gives: "What was undone, the newest first, and what it changed.",
  },
  redo: {
    method: "post",
    path: "/v1/agents/{agent_id}/redo",
    tag: time,
    summary: "Takes back the last undo.",
    answer: libraryType<Undone>(),
    gives: "What was redone, and what it changed.",
  },
  command: {
    method: "post",
    path: "/v1/agents/{agent_id}/command",
    tag: time,
    summary: 'Runs a command of the chat, such as "/undo 2". An unknown one is refused with a list of all.',
    body: z.object({ command: z.string().min(1).max(100_000) }),
    answer: z.object({ command: z.string(), result: z.unknown() }),
    gives: "The command's name, and what it came to.",
  },
  checkpoints: {
    method: "get",
    path: "/v1/agents/{agent_id}/checkpoints",
    tag: time,
    summary: "The checkpoints of an agent, the newest first.",
    answer: z.array(libraryType<CheckpointEntry>()),
    gives: "All of them.",
  },
  keepCheckpoint: {
    method: "post",
    path: "/v1/agents/{agent_id}/checkpoints",
    tag: time,
    summary: "Keeps a checkpoint for ever, by a name if one is given.",
    body: z.object({ name: z.string().nullish() }),
    isBare: true,
    answer: libraryType<CheckpointEntry>(),
    gives: "The checkpoint.",
  },
  loadCheckpoint: {
    method: "post",
    path: "/v1/agents/{agent_id}/checkpoints/load",
    tag: time,
    summary:
      "Goes to a checkpoint, earlier or later, memory and searches included: by its name, number, file or a time.",
    body: z.object({ checkpoint: z.string() }),
    answer: libraryType<{ readonly checkpoint: CheckpointEntry; readonly change: MemoryChange }>(),
    gives: "The checkpoint, and what changed.",
  },
  memoryAt: {
    method: "get",
    path: "/v1/agents/{agent_id}/checkpoints/{checkpoint}/memory",
    tag: time,
    summary: "Core memory as it was at a checkpoint, and what was last said then, without going there.",
    answer: z.object({
      blocks: z.array(block),
      said: z.array(z.object({ id: z.string(), role: z.enum(["user", "assistant"]), text: z.string() })),
    }),
    gives: "Memory then.",
  },
  history: {
    method: "get",
    path: "/v1/agents/{agent_id}/history",
    tag: time,
    summary: "How core memory came to say what it says, the oldest edit first.",
    query: z.object({ label: z.string().optional() }),
    answer: z.array(libraryType<BlockEdit>()),
    gives: "The edits.",
  },
  why: {
    method: "get",
    path: "/v1/agents/{agent_id}/why",
    tag: time,
    summary: "What led to the last reply: thoughts, searches with what ranked their results, edits of memory.",
    answer: libraryType<Explanation>().nullable(),
    gives: "The explanation; null if there is no reply in context.",
  },
  ...ACCOUNT_CONTRACTS,
  ...FORGET_CONTRACTS,
  ...IMPORT_CONTRACTS,
  ...SETTINGS_CONTRACTS,
  ...SOURCE_CONTRACTS,
  ...LIBRARY_CONTRACTS,
  search: {
    method: "get",
    path: "/v1/agents/{agent_id}/search",
    tag: time,
    summary: "Searches what an agent remembers, as it does itself.",
    query: searchQuery,
    answer: z.union([foundShape, foundAllShape]),
    gives: "A page of results, best first, each with what it was ranked by.",
  },
  window: {
    method: "get",
    path: "/v1/agents/{agent_id}/window",
    tag: "Context",
    summary: "How an agent's context window is used, what was evicted from it, and what the agent cost.",
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

export type Contracts = typeof CONTRACTS;
