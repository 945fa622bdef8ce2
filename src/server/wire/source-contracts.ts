import * as z from "zod";
import type { Contract } from "./contract.ts";

/** Data sources, for the page and other clients. */
export const SOURCE_CONTRACTS = {
  sources: {
    method: "get",
    path: "/v1/agents/{agent_id}/sources",
    tag: "Sources",
    summary: "The caller's sources, and whether the agent can search each.",
    answer: z.array(
      z.object({
        name: z.string(),
        documents: z.number().int(),
        passages: z.number().int(),
        isAttached: z.boolean(),
      }),
    ),
    gives: "All of them.",
  },
  documents: {
    method: "get",
    path: "/v1/agents/{agent_id}/sources/{source}/documents",
    tag: "Sources",
    summary: "A source's documents, in the order of loading.",
    answer: z.object({
      documents: z.array(
        z.object({ name: z.string(), passages: z.number().int(), loadedAt: z.string(), isComplete: z.boolean() }),
      ),
      total: z.number().int(),
    }),
    gives: "The first 1,000, and the number of all.",
  },
  around: {
    method: "get",
    path: "/v1/agents/{agent_id}/passages/{passage_id}/around",
    tag: "Sources",
    summary: "A passage with those before and after it, in its document or among the agent's own.",
    query: z.object({
      /** The passage's source; absent for the agent's own passages. */
      source: z.string().max(200).optional(),
      count: z.coerce.number().int().min(1).max(20).default(2),
    }),
    answer: z.object({
      /** Null for the agent's own passages. */
      document: z.string().nullable(),
      passages: z.array(
        z.object({
          id: z.string(),
          text: z.string(),
          page: z.number().int().nullable(),
          line: z.number().int().nullable(),
          heading: z.string().nullable(),
          /** When the agent wrote it; null for a passage of a document. */
          createdAt: z.string().nullable(),
        }),
      ),
    }),
    gives: "The passages, in order.",
  },
  addDocument: {
    method: "post",
    path: "/v1/agents/{agent_id}/documents",
    tag: "Sources",
    summary:
      "Loads a document, in base64, into a source, and attaches the source to the agent. Creates the source if needed.",
    body: z.object({
      source: z.string().min(1).max(100),
      name: z.string().min(1).max(300),
      content: z.base64(),
    }),
    answer: z.object({
      /** Number of passages that it was split into. */
      passages: z.number().int(),
      /** What could not be read, or was redacted. */
      problems: z.array(z.string()),
    }),
    gives: "The number of passages, and problems.",
  },
  attachSource: {
    method: "put",
    path: "/v1/agents/{agent_id}/sources/{source}",
    tag: "Sources",
    summary: "Attaches a source to the agent.",
    answer: z.object({}),
    gives: "It is attached; one undo detaches it.",
  },
  detachSource: {
    method: "delete",
    path: "/v1/agents/{agent_id}/sources/{source}",
    tag: "Sources",
    summary: "Detaches a source from the agent.",
    answer: z.object({}),
    gives: "It is detached; one undo attaches it.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
