import * as z from "zod";
import { once } from "./once.ts";
import { blockSchema } from "./state.ts";

/**
 * A write to memory that was held back: a call of the model, a passage, a message of another conversation, or a block
 * or the prompt of an imported agent.
 */
export const heldWriteSchema = once(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("call"), name: z.string(), arguments: z.string() }),
    z.object({ type: z.literal("passage"), text: z.string(), createdAt: z.string() }),
    z.object({
      type: z.literal("message"),
      role: z.enum(["user", "assistant"]),
      text: z.string(),
      createdAt: z.string(),
      name: z.string().optional(),
    }),
    blockSchema().extend({ type: z.literal("block") }),
    z.object({ type: z.literal("prompt"), text: z.string() }),
  ]),
);
export type HeldWrite = z.infer<ReturnType<typeof heldWriteSchema>>;

/** A write that is held back until a person has looked at it. `rule`: what it looked suspicious by; `excerpt`: where. */
export const heldSchema = once(() =>
  z.object({
    id: z.string(),
    at: z.string(),
    rule: z.string(),
    excerpt: z.string(),
    write: heldWriteSchema(),
  }),
);
export type Held = z.infer<ReturnType<typeof heldSchema>>;
