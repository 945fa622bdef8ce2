import * as z from "zod";
import { blockSchema } from "./state.ts";

const time = z.string();

/**
 * A write to memory as it would have been made: a call of the model, a passage, a message of another conversation, a block or
 * the prompt of an imported agent.
 */
export const heldWriteSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("call"), name: z.string(), arguments: z.string() }),
  z.object({ type: z.literal("passage"), text: z.string(), createdAt: time }),
  z.object({
    type: z.literal("message"),
    role: z.enum(["user", "assistant"]),
    text: z.string(),
    createdAt: time,
    name: z.string().optional(),
  }),
  blockSchema.extend({ type: z.literal("block") }),
  z.object({ type: z.literal("prompt"), text: z.string() }),
]);
export type HeldWrite = z.infer<typeof heldWriteSchema>;

/** A write that is held back until a person has looked at it. `rule`: what it looked suspicious by; `excerpt`: where. */
export const heldSchema = z.object({
  id: z.string(),
  at: time,
  rule: z.string(),
  excerpt: z.string(),
  write: heldWriteSchema,
});
export type Held = z.infer<typeof heldSchema>;
