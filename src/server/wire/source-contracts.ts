import * as z from "zod";
import type { Contract } from "./contract.ts";

/** What the page and other clients ask of data sources. */
export const SOURCE_CONTRACTS = {
  sources: {
    method: "get",
    path: "/v1/agents/{agent_id}/sources",
    tag: "Sources",
    summary: "The sources that the caller has, and whether the agent can search each.",
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
  addDocument: {
    method: "post",
    path: "/v1/agents/{agent_id}/documents",
    tag: "Sources",
    summary:
      "Loads a document, in base64, into a source, which is made if it does not exist, and lets the agent search it.",
    body: z.object({
      source: z.string().min(1).max(100),
      name: z.string().min(1).max(300),
      content: z.base64(),
    }),
    answer: z.object({
      /** Passages that were made of it. */
      passages: z.number().int(),
      /** What of it could not be read. */
      problems: z.array(z.string()),
    }),
    gives: "What came of it.",
  },
  attachSource: {
    method: "put",
    path: "/v1/agents/{agent_id}/sources/{source}",
    tag: "Sources",
    summary: "Lets the agent search a source.",
    answer: z.object({}),
    gives: "It is attached; one undo detaches it.",
  },
  detachSource: {
    method: "delete",
    path: "/v1/agents/{agent_id}/sources/{source}",
    tag: "Sources",
    summary: "The agent no longer searches a source.",
    answer: z.object({}),
    gives: "It is detached; one undo attaches it.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
