import * as z from "zod";
import { functionKindSchema } from "../../schema/message.ts";

/** One change of memory. `ref` is the label of the block, or the id of the passage. */
export const editShape = z.object({
  op: z.number().int(),
  target: z.enum(["core", "archival"]),
  ref: z.string(),
  before: z.string().nullable(),
  after: z.string(),
  /** Whether the passage has been removed since. */
  isGone: z.boolean().optional(),
});
export type Edit = z.infer<typeof editShape>;

/** A function call with its return. */
export const callShape = z.object({
  id: z.string(),
  name: z.string(),
  arguments: z.string(),
  /** Id of the message with its return. */
  returnId: z.string().nullable(),
  kind: functionKindSchema(),
  /** `waiting`: waits for consent. Null until it returns. */
  status: z.enum(["OK", "Failed", "waiting"]).nullable(),
  output: z.string(),
  /** Number of results that a search showed; null for other calls. */
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

/** Part of a conversation, oldest first. `older` and `newer` are the cursors of the next parts; null at the end. */
export const transcriptShape = z.object({
  entries: z.array(entryShape),
  older: z.string().nullable(),
  newer: z.string().nullable(),
  /** Id of the first message in context; null if the queue is empty. */
  contextFrom: z.string().nullable(),
});
export type Transcript = z.infer<typeof transcriptShape>;
