import * as z from "zod";
import { once } from "./once.ts";
import { ALERTS } from "./alerts.ts";

/** One call the model made. `arguments` is the text the model wrote, which may not be valid JSON. */
export const functionCallSchema = once(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    arguments: z.string(),
    /** Whether the caller answers it, by `answerCalls`. */
    deferred: z.literal(true).optional(),
  }),
);
export type FunctionCall = z.infer<ReturnType<typeof functionCallSchema>>;

const common = once(() => ({ id: z.string(), createdAt: z.string() }));

/** Who said it, in an imported conversation with other speakers than the person and the agent. */
const name = once(() => z.string().min(1).optional());

/** A kind of alert that this version does not know is read as none. */
const alertSchema = once(() => z.enum(ALERTS));

/** What a function does beyond returning text; see `defineFunction`. */
export const functionKindSchema = once(() => z.enum(["plain", "search", "memory_write", "outside_effect"]));
export type FunctionKind = z.infer<ReturnType<typeof functionKindSchema>>;

/** An event packed as the JSON envelope the model reads; `event` says which, so that nobody parses `content` to know. */
const userMessageSchema = once(() =>
  z.object({
    ...common(),
    role: z.literal("user"),
    event: z.enum(["user_message", "login", "heartbeat", "system_alert", "summary"]),
    /** Of a system alert. Messages of older versions have none: ask `alertOf` (memory/message-kind.ts). */
    alert: alertSchema().optional().catch(undefined),
    name: name(),
    content: z.string(),
  }),
);

/** What the model answered: `content` is its internal monologue. */
const assistantMessageSchema = once(() =>
  z.object({
    ...common(),
    role: z.literal("assistant"),
    name: name(),
    content: z.string().nullable(),
    calls: z.array(functionCallSchema()),
  }),
);

/** A result of a search. `signals`: what it was ranked by, by name; higher is better. */
const hitSchema = once(() =>
  z.object({
    id: z.string(),
    signals: z.record(z.string(), z.number()),
    /** The name of the source, for a passage of an attached one. */
    source: z.string().optional(),
  }),
);

/** The return of one call, packed as the envelope the model reads. */
const functionMessageSchema = once(() =>
  z.object({
    ...common(),
    role: z.literal("function"),
    callId: z.string(),
    name: z.string(),
    /** Of the function that was called. Messages of older versions have none: ask `kindOf` (memory/message-kind.ts). */
    kind: functionKindSchema().optional().catch(undefined),
    status: z.enum(["OK", "Failed"]),
    content: z.string(),
    /** For a deferred call that is not answered yet; `content` says so. */
    pending: z.literal(true).optional(),
    /** Of a search: the results on the page, best first. The model does not see them. */
    hits: z.array(hitSchema()).optional(),
    /** Of a search: the model whose vectors were compared with the query. */
    model: z.string().optional(),
  }),
);

/** One entry of the FIFO queue and of recall storage. `createdAt` is ISO 8601 in UTC. */
export const messageSchema = once(() =>
  z.discriminatedUnion("role", [userMessageSchema(), assistantMessageSchema(), functionMessageSchema()]),
);
export type Message = z.infer<ReturnType<typeof messageSchema>>;
export type SearchHit = z.infer<ReturnType<typeof hitSchema>>;
export type UserMessage = z.infer<ReturnType<typeof userMessageSchema>>;
export type AssistantMessage = z.infer<ReturnType<typeof assistantMessageSchema>>;
export type FunctionMessage = z.infer<ReturnType<typeof functionMessageSchema>>;
