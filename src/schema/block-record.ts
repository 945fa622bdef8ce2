import * as z from "zod";
import { blockSchema } from "./state.ts";

/** A block by itself, with the agents that have it. */
export const blockRecordSchema = z.object({
  label: z.string(),
  value: z.string(),
  limit: z.number(),
  description: z.string().nullable().default(null),
  readOnly: z.boolean().default(false),
  private: z.boolean().default(false),
  metadata: z.record(z.string(), z.unknown()).default({}),
  tags: z.array(z.string()).default([]),
  /** Whether it was made by itself, and stays when no agent has it. */
  standalone: z.boolean().default(false),
  /** The agent that wrote it last; null for a person. */
  by: z.string().nullable().default(null),
  /** The agents that have it, by id: with the block as they last agreed to, or null where that is as it is here. */
  agents: z.record(z.string(), blockSchema.nullable()).default({}),
});
export type BlockRecord = z.infer<typeof blockRecordSchema>;
export type BlockEntry = BlockRecord & { readonly id: string };
