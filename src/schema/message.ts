import * as z from "zod";

/** One call the model made. `arguments` is the text the model wrote, which may not be valid JSON. */
export const functionCallSchema = z.object({ id: z.string(), name: z.string(), arguments: z.string() });
export type FunctionCall = z.infer<typeof functionCallSchema>;

const common = { id: z.string(), createdAt: z.string() };

/** Who said it, where there are others than the person and the agent: in an imported conversation. */
const name = z.string().min(1).optional();

/** An event packed as the JSON envelope the model reads; `event` says which, so that nobody parses `content` to know. */
const userMessageSchema = z.object({
  ...common,
  role: z.literal("user"),
  event: z.enum(["user_message", "login", "heartbeat", "system_alert", "summary"]),
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

/** A result of a search. `signals`: what it was ranked by, each by its name, higher is better. */
const hitSchema = z.object({ id: z.string(), signals: z.record(z.string(), z.number()) });

/** The return of one call, packed as the envelope the model reads. */
const functionMessageSchema = z.object({
  ...common,
  role: z.literal("function"),
  callId: z.string(),
  name: z.string(),
  status: z.enum(["OK", "Failed"]),
  content: z.string(),
  /** Of a search: the results on the page, best first, and what each was ranked by. The model is not shown them. */
  hits: z.array(hitSchema).optional(),
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
