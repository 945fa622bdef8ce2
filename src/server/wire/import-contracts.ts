import * as z from "zod";
import type { Contract } from "./contract.ts";

const tag = "Import";
const file = z.object({ name: z.string().min(1).max(300), content: z.base64() });

/** Imports from other programs. */
export const IMPORT_CONTRACTS = {
  lookAtImport: {
    method: "post",
    path: "/v1/import/preview",
    tag,
    summary:
      "The contents of an export from memgpt, ChatGPT, Claude or Mem0, of an agent file, or of JSON lines. Changes nothing.",
    body: file,
    answer: z.object({
      format: z.string(),
      /** What cannot be imported. */
      left: z.array(z.string()),
      memories: z.array(
        z.object({
          agent: z.string(),
          blocks: z.number().int(),
          conversations: z.number().int(),
          messages: z.number().int(),
          passages: z.number().int(),
        }),
      ),
    }),
    gives: "Its contents, by agent.",
  },
  import: {
    method: "post",
    path: "/v1/import",
    tag,
    summary: "Imports one memory of an export into an agent. What the agent has already is not added again.",
    body: file.extend({
      /** Index of the memory in the file. */
      memory: z.number().int().min(0),
      /** Id of the agent; a new one if absent. */
      into: z.string().optional(),
      /** Name of the new agent. */
      agent: z.string().min(1).max(200).optional(),
    }),
    answer: z.object({
      id: z.string(),
      messages: z.number().int(),
      passages: z.number().int(),
      /** Number of texts that it had already. */
      known: z.number().int(),
      notes: z.array(z.string()),
    }),
    gives: "The agent, and what was imported.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
