import * as z from "zod";
import { ALERTS } from "./alerts.ts";

/** One call the model made. `arguments` is the text the model wrote, which may not be valid JSON. */
export const functionCallSchema = z.object({
  id: z.string(),
  name: z.string(),
  arguments: z.string(),
  /** Whether the caller answers it, by `answerCalls`. */
  deferred: z.literal(true).optional(),
});
export type FunctionCall = z.infer<typeof functionCallSchema>;

const common = { id: z.string(), createdAt: z.string() };

/** Who said it, in an imported conversation with other speakers than the person and the agent. */
const name = z.string().min(1).optional();

/** A kind of alert that this version does not know is read as none. */
const alertSchema = z.enum(ALERTS);

/** What a function does beyond returning text; see `defineFunction`. */
export const functionKindSchema = z.enum(["plain", "search", "memory_write", "outside_effect"]);
export type FunctionKind = z.infer<typeof functionKindSchema>;

/** An event packed as the JSON envelope the model reads; `event` says which, so that nobody parses `content` to know. */
const userMessageSchema = z.object({
  ...common,
  role: z.literal("user"),
  event: z.enum(["user_message", "login", "heartbeat", "system_alert", "summary"]),
  /** Of a system alert. Messages of older versions have none: ask `alertOf` (memory/message-kind.ts). */
  alert: alertSchema.optional().catch(undefined),
  name,
  content: z.string(),
});

/** What the model answered: `content` is its internal monologue. */
const assistantMessageSchema = z.object({
  ...common,
  role: z.literal("assistant"),
  name,
  content: z.string().nullable(),
  calls: z.array(functionCallSchema),
});

/** A result of a search. `signals`: what it was ranked by, by name; higher is better. */
const hitSchema = z.object({
  id: z.string(),
  signals: z.record(z.string(), z.number()),
  /** Of a passage of an attached source: its name. */
  source: z.string().optional(),
});

/** The return of one call, packed as the envelope the model reads. */
const functionMessageSchema = z.object({
  ...common,
  role: z.literal("function"),
  callId: z.string(),
  name: z.string(),
  /** Of the function that was called. Messages of older versions have none: ask `kindOf` (memory/message-kind.ts). */
  kind: functionKindSchema.optional().catch(undefined),
  status: z.enum(["OK", "Failed"]),
  content: z.string(),
  /** Of a deferred call that is not answered yet: `content` says so. */
  pending: z.literal(true).optional(),
  /** Of a search: the results on the page, best first. The model does not see them. */
  hits: z.array(hitSchema).optional(),
  /** Of a search: the model whose vectors were compared with the query. */
  model: z.string().optional(),
});

/** One entry of the FIFO queue and of recall storage. `createdAt` is ISO 8601 in UTC. */
export const messageSchema = z.discriminatedUnion("role", [
  userMessageSchema,
  assistantMessageSchema,
  functionMessageSchema,
]);
export type Message = z.infer<typeof messageSchema>;
export type SearchHit = z.infer<typeof hitSchema>;
export type UserMessage = z.infer<typeof userMessageSchema>;
export type AssistantMessage = z.infer<typeof assistantMessageSchema>;
export type FunctionMessage = z.infer<typeof functionMessageSchema>;
