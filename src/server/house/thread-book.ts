import * as z from "zod";
import { MemGPTError, type Records, Table } from "../../index.ts";
import { newId } from "./ids.ts";

const threadSchema = z.object({
  /** The agent that it is a conversation with. */
  agent: z.string(),
  /** The hidden agent that has its queue and messages. */
  store: z.string(),
  summary: z.string().nullable().default(null),
  description: z.string().nullable().default(null),
  createdAt: z.string(),
});
export type ThreadRecord = z.infer<typeof threadSchema>;
export type ThreadEntry = ThreadRecord & { readonly id: string };

/** Conversations with one user's agents, beside the one that each agent has by itself. */
export class ThreadBook {
  readonly #table: Table<ThreadRecord>;

  constructor(records: Records) {
    this.#table = new Table(records, "thread", threadSchema);
  }

  /** @throws MemGPTError `not_found`. */
  get(id: string): ThreadEntry {
    const record = this.#table.get(id);
    if (record !== undefined) return { id, ...record };
    throw new MemGPTError("not_found", `There is no conversation ${id}.`);
  }

  /** Oldest first. */
  all(agent?: string): ThreadEntry[] {
    const all = this.#table.all().map(({ id, value }) => ({ id, ...value }));
    return agent === undefined ? all : all.filter((thread) => thread.agent === agent);
  }

  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  put(record: Partial<ThreadRecord>, id = newId("conv")): ThreadEntry {
    return { id, ...this.#table.put(id, threadSchema.parse(record)) };
  }

  remove(id: string): void {
    this.#table.remove(id);
  }
}
