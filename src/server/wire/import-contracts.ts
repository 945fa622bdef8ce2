import * as z from "zod";
import type { Contract } from "./contract.ts";

const tag = "Import";
const file = z.object({ name: z.string().min(1).max(300), content: z.base64() });

/** What people bring from elsewhere. */
export const IMPORT_CONTRACTS = {
  lookAtImport: {
    method: "post",
    path: "/v1/import/preview",
    tag,
    summary:
      "What an export brings: of memgpt, ChatGPT, Claude or Mem0, an agent file, or JSON lines. Changes nothing.",
    body: file,
    answer: z.object({
      format: z.string(),
      /** What cannot come along. */
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
    gives: "What is in it, for each agent.",
  },
  import: {
    method: "post",
    path: "/v1/import",
    tag,
    summary: "Gives an agent what an export brings for one. What it has already is not added again.",
    body: file.extend({
      /** Which of the memories in the file. */
      memory: z.number().int().min(0),
      /** Id of the agent; a new one if absent. */
      into: z.string().optional(),
      /** What a new agent is called. */
      agent: z.string().min(1).max(200).optional(),
    }),
    answer: z.object({
      id: z.string(),
      messages: z.number().int(),
      passages: z.number().int(),
      /** Texts that it had already. */
      known: z.number().int(),
      notes: z.array(z.string()),
    }),
    gives: "The agent, and what it was given.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
