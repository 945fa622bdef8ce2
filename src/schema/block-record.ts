import * as z from "zod";
import { once } from "./once.ts";
import { blockSchema } from "./state.ts";

/** A block by itself, with the agents that have it. */
export const blockRecordSchema = once(() =>
  z.object({
    label: z.string(),
    value: z.string(),
    limit: z.number(),
    description: z.string().nullable().default(null),
    readOnly: z.boolean().default(false),
    private: z.boolean().default(false),
    metadata: z.record(z.string(), z.unknown()).default({}),
    tags: z.array(z.string()).default([]),
    /** Whether it was created on its own, and remains when no agent has it. */
    standalone: z.boolean().default(false),
    /** The agent that wrote it last; null for a person. */
    by: z.string().nullable().default(null),
    /** The agents that have it, by id: with the block as they last agreed to, or null where that is as it is here. */
    agents: z.record(z.string(), blockSchema().nullable()).default({}),
    /** Agents that had it and have it again when an undo or a redo brings it back. */
    left: z.array(z.string()).default([]),
    /** Whether it was deleted; `agents` are those that have not dropped it yet. */
    deleted: z.boolean().default(false),
  }),
);
export type BlockRecord = z.infer<ReturnType<typeof blockRecordSchema>>;
export type BlockEntry = BlockRecord & { readonly id: string };
