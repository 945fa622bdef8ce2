import * as z from "zod";
import type { Forgettable } from "../../schema/forgetting.ts";
import { type Contract, libraryType } from "./contract.ts";

const tag = "Memory over time";
const text = z.string().min(1).max(10_000).optional();

/** What to forget: exactly one of these, except that `from` and `to` may come together. */
const forgetRequest = z.object({
  match: text,
  message: text,
  passage: text,
  source: text,
  from: text,
  to: text,
  allUndone: z.boolean().optional(),
});
export type ForgetAsked = z.input<typeof forgetRequest>;

/** Forgetting for good, which no undo reverses. */
export const FORGET_CONTRACTS = {
  forgettable: {
    method: "post",
    path: "/v1/agents/{agent_id}/forget/preview",
    tag,
    summary: "What `forget` would remove, and from where. Changes nothing.",
    body: forgetRequest,
    answer: libraryType<Forgettable>(),
    gives: "What would be removed.",
  },
  forget: {
    method: "post",
    path: "/v1/agents/{agent_id}/forget",
    tag,
    summary:
      "Removes something for good: from messages, passages, blocks, history, checkpoints and searches. Cannot be undone.",
    body: forgetRequest.extend({
      /** What to leave unchanged: labels of blocks, `summary`, or ids of passages. */
      keep: z.array(z.string()).optional(),
    }),
    answer: libraryType<Forgettable>(),
    gives: "What was removed.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
