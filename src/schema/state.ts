import * as z from "zod";
import { messageSchema } from "./message.ts";

/**
 * One block of core memory. `limit` is in characters (UTF-16 code units, as the model is told them). The model sees the
 * description, and cannot edit a read-only block; people can.
 */
export const blockSchema = z.object({
  label: z.string(),
  value: z.string(),
  limit: z.number().int().positive(),
  description: z.string().optional(),
  readOnly: z.boolean().optional(),
});
export type Block = z.infer<typeof blockSchema>;

/**
 * How a model is spoken to, kept with the agent. `auto` finds out. Nothing secret belongs in `headers`: it is stored in every
 * checkpoint.
 */
export const modelOptionsSchema = z.object({
  /** `native`: the server's own function calling; `json`: functions described in the prompt, answers in JSON. */
  functionCalling: z.enum(["auto", "native", "json"]).default("auto"),
  /** Where the model writes its inner monologue: beside a call, or as a parameter of every function. */
  innerThoughts: z.enum(["auto", "content", "parameter"]).default("auto"),
  /** Whether every request ends with a line on how to act, for models that forget. */
  reminders: z.boolean().default(false),
  stream: z.boolean().default(true),
  temperature: z.number().min(0).max(2).nullable().default(null),
  topP: z.number().gt(0).max(1).nullable().default(null),
  seed: z.number().int().nullable().default(null),
  maxTokensField: z.enum(["auto", "max_tokens", "max_completion_tokens"]).default("auto"),
  /** `api-version` of an Azure deployment. */
  apiVersion: z.string().nullable().default(null),
  /** Sent with every request, beside what memgpt sends. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Merged over the body of every request. */
  body: z.record(z.string(), z.unknown()).default({}),
});
export type ModelOptions = z.infer<typeof modelOptionsSchema>;

/**
 * What the passages of an agent are embedded with. `model` is the server's or the library's name for it, null for the
 * built-in `hash`; `endpoint` is of an OpenAI-compatible server, `dimensions` how many numbers a vector shall have, null
 * for as many as the model gives.
 */
export const embeddingSettingsSchema = z.preprocess(
  // Once there was only the built-in one, by its name.
  (value) => (typeof value === "string" ? { provider: "hash" } : value),
  z.object({
    provider: z.enum(["hash", "openai", "local"]),
    model: z.string().nullable().default(null),
    endpoint: z.string().nullable().default(null),
    dimensions: z.number().int().positive().nullable().default(null),
  }),
);
export type EmbeddingSettings = z.infer<typeof embeddingSettingsSchema>;

/** What a person chose for one agent. `contextWindow` is in tokens; `endpoint` is null for built-in models. */
export const agentSettingsSchema = z.object({
  model: z.string(),
  endpoint: z.string().nullable(),
  contextWindow: z.number().int().positive(),
  preset: z.string(),
  persona: z.string(),
  human: z.string(),
  embedding: embeddingSettingsSchema,
  options: modelOptionsSchema.prefault({}),
  /** How many of the newest automatic checkpoints are kept whole. */
  keepCheckpoints: z.number().int().positive().default(50),
});
export type AgentSettings = z.infer<typeof agentSettingsSchema>;

/**
 * All that an agent is between two steps, except the history behind it. Immutable: a step makes a new one.
 * Its size is bounded by the context window, whatever the length of the history.
 */
export const agentStateSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  settings: agentSettingsSchema,
  /** The system prompt without core memory. */
  system: z.string(),
  /** Names of the functions the model may call, in the order it is shown them. */
  functions: z.array(z.string()),
  blocks: z.array(blockSchema),
  /** The FIFO queue, oldest first; its head may be the recursive summary. */
  queue: z.array(messageSchema),
  /** Counts as last shown in the system message. They lag on purpose, so that the prompt prefix stays cacheable. */
  shown: z.object({ recall: z.number().int(), archival: z.number().int(), modifiedAt: z.string() }),
  /** `alerted`: the model has been warned since the last flush. `calibration`: provider's tokens per estimated token. */
  pressure: z.object({
    alerted: z.boolean(),
    calibration: z.number().positive(),
    /** The last count that grew with the prompt; `stalls`: how many since did not; `told`: whether a person knows. */
    counted: z
      .object({ estimate: z.number(), prompt: z.number(), stalls: z.number().int(), told: z.boolean() })
      .optional(),
  }),
  /** Messages evicted from the queue so far. */
  evicted: z.number().int().nonnegative(),
  /** Whether the first reply of this agent has been accepted. */
  greeted: z.boolean(),
  heartbeatsPausedUntil: z.string().nullable(),
  lastActiveAt: z.string().nullable(),
});
export type AgentState = Readonly<z.infer<typeof agentStateSchema>>;
