import * as z from "zod";
import type { Records } from "../../index.ts";
import { Book, type Entry } from "./book.ts";

const threadSchema = z.object({
  /** Id of the agent. */
  agent: z.string(),
  /** Id of the hidden agent that holds its queue and messages. */
  store: z.string(),
  summary: z.string().nullable().default(null),
  description: z.string().nullable().default(null),
  createdAt: z.string(),
});
export type ThreadRecord = z.infer<typeof threadSchema>;
export type ThreadEntry = Entry<ThreadRecord>;

/** Conversations with one user's agents, besides each agent's own. */
export class ThreadBook extends Book<ThreadRecord> {
  constructor(records: Records) {
    super(records, { kind: "thread", schema: threadSchema, noun: "conversation", prefix: "conv" });
  }

  /** Oldest first; only those with `agent` if it is given. */
  override all(agent?: string): ThreadEntry[] {
    const all = super.all();
    return agent === undefined ? all : all.filter((thread) => thread.agent === agent);
  }
}
