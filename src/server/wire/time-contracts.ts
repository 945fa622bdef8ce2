import * as z from "zod";
import type { BlockEdit, CheckpointEntry, Explanation, MemoryChange, Undone } from "../../schema/timeline.ts";
import { type Contract, libraryType } from "./contract.ts";
import { block } from "./memory-contracts.ts";

const tag = "Memory over time";

/** Undo, checkpoints, and how memory came to be what it is. */
export const TIME_CONTRACTS = {
  undo: {
    method: "post",
    path: "/v1/agents/{agent_id}/undo",
    tag,
    summary: "Undoes the last turn or command, or the last `count`, memory included.",
    body: z.object({ count: z.number().int().min(1).max(1000).optional() }),
    isBare: true,
    answer: libraryType<Undone>(),
    gives: "What was undone, newest first, and what changed.",
  },
  redo: {
    method: "post",
    path: "/v1/agents/{agent_id}/redo",
    tag,
    summary: "Reverses the last undo.",
    answer: libraryType<Undone>(),
    gives: "What was redone, and what changed.",
  },
  checkpoints: {
    method: "get",
    path: "/v1/agents/{agent_id}/checkpoints",
    tag,
    summary: "The checkpoints of an agent, newest first.",
    answer: z.array(libraryType<CheckpointEntry>()),
    gives: "All of them.",
  },
  keepCheckpoint: {
    method: "post",
    path: "/v1/agents/{agent_id}/checkpoints",
    tag,
    summary: "Saves a checkpoint that is never deleted automatically, with a name if given.",
    body: z.object({ name: z.string().nullish() }),
    isBare: true,
    answer: libraryType<CheckpointEntry>(),
    gives: "The checkpoint.",
  },
  loadCheckpoint: {
    method: "post",
    path: "/v1/agents/{agent_id}/checkpoints/load",
    tag,
    summary: "Goes to a checkpoint, earlier or later, memory and searches included: by name, number, file or time.",
    body: z.object({ checkpoint: z.string() }),
    answer: libraryType<{ readonly checkpoint: CheckpointEntry; readonly change: MemoryChange }>(),
    gives: "The checkpoint, and what changed.",
  },
  memoryAt: {
    method: "get",
    path: "/v1/agents/{agent_id}/checkpoints/{checkpoint}/memory",
    tag,
    summary: "Core memory and the last messages as of a checkpoint, without going there.",
    answer: z.object({
      blocks: z.array(block),
      said: z.array(z.object({ id: z.string(), role: z.enum(["user", "assistant"]), text: z.string() })),
    }),
    gives: "Memory at that time.",
  },
  history: {
    method: "get",
    path: "/v1/agents/{agent_id}/history",
    tag,
    summary: "The edits that led to the present core memory, oldest first.",
    query: z.object({ label: z.string().optional() }),
    answer: z.array(libraryType<BlockEdit>()),
    gives: "The edits.",
  },
  why: {
    method: "get",
    path: "/v1/agents/{agent_id}/why",
    tag,
    summary: "What led to the last reply: thoughts, searches with their ranking signals, edits of memory.",
    answer: libraryType<Explanation>().nullable(),
    gives: "The explanation; null if there is no reply in context.",
  },
  copyAgent: {
    method: "post",
    path: "/v1/agents/{agent_id}/copy",
    tag,
    summary: "Copies an agent with its whole memory, as it is or as it was at a checkpoint.",
    body: z.object({ name: z.string().min(1).max(200), at: z.string().optional() }),
    answer: z.object({ id: z.string() }),
    gives: "The copy's id.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
