import * as z from "zod";
import { functionKindSchema } from "../../schema/message.ts";

/** One change of memory that a message made. `ref` is the label of the block, or the id of the passage. */
export const editShape = z.object({
  op: z.number().int(),
  target: z.enum(["core", "archival"]),
  ref: z.string(),
  before: z.string().nullable(),
  after: z.string(),
});
export type Edit = z.infer<typeof editShape>;

/** A call of a function, with what it returned; null as long as it has not. */
export const callShape = z.object({
  id: z.string(),
  name: z.string(),
  arguments: z.string(),
  /** Of the message with its return. */
  returnId: z.string().nullable(),
  kind: functionKindSchema,
  status: z.enum(["OK", "Failed"]).nullable(),
  output: z.string(),
  /** How many results a search showed; null for anything else. */
  hits: z.number().int().nullable(),
});
export type Call = z.infer<typeof callShape>;

const common = { id: z.string(), at: z.string() };

/** One entry of a conversation as people read it. */
export const entryShape = z.discriminatedUnion("kind", [
  z.object({ ...common, kind: z.literal("person"), name: z.string().nullable(), text: z.string() }),
  z.object({
    ...common,
    kind: z.literal("agent"),
    name: z.string().nullable(),
    thought: z.string().nullable(),
    text: z.string().nullable(),
    calls: z.array(callShape),
    edits: z.array(editShape),
  }),
  z.object({
    ...common,
    kind: z.literal("event"),
    event: z.enum(["login", "heartbeat", "system_alert", "summary"]),
    text: z.string(),
  }),
]);
export type Entry = z.infer<typeof entryShape>;

/** Part of a conversation, oldest first. `older` and `newer`: the cursor that goes on there; null at the end. */
export const transcriptShape = z.object({
  entries: z.array(entryShape),
  older: z.string().nullable(),
  newer: z.string().nullable(),
  /** The first message that is in context; null if none is. */
  contextFrom: z.string().nullable(),
});
export type Transcript = z.infer<typeof transcriptShape>;
