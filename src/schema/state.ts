import * as z from "zod";
import { once } from "./once.ts";
import { EMBEDDING_PROVIDERS } from "./embedding.ts";
import { KEPT_CHECKPOINTS } from "./limits.ts";
import { messageSchema } from "./message.ts";
import { modelOptionsSchema } from "./model-options.ts";

/**
 * One block of core memory. `limit` is in characters (UTF-16 code units), as in the model's prompt. The model sees the
 * description and cannot edit a read-only block; people can. A private block is shown to models on this machine only.
 * Labels can be reused; the id identifies the block in its home. Only blocks of older versions have none.
 */
export const blockSchema = once(() =>
  z.object({
    id: z.string().optional(),
    label: z.string(),
    value: z.string(),
    limit: z.number().int().positive(),
    description: z.string().optional(),
    readOnly: z.boolean().optional(),
    private: z.boolean().optional(),
  }),
);
export type Block = z.infer<ReturnType<typeof blockSchema>>;

/**
 * How an agent's passages are embedded. `model` is null for the built-in `hash`, `endpoint` is that of an
 * OpenAI-compatible server, `dimensions` is the length of a vector, null for the model's default.
 */
export const embeddingSettingsSchema = once(() =>
  z.preprocess(
    // Version 0.1 began with only the built-in one, stored as its name.
    (value) => (typeof value === "string" ? { provider: "hash" } : value),
    z.object({
      provider: z.enum(EMBEDDING_PROVIDERS),
      model: z.string().nullable().default(null),
      endpoint: z.string().nullable().default(null),
      dimensions: z.number().int().positive().nullable().default(null),
    }),
  ),
);
export type EmbeddingSettings = z.infer<ReturnType<typeof embeddingSettingsSchema>>;

/** The settings of one agent. `contextWindow` is in tokens; `endpoint` is null for built-in models. */
export const agentSettingsSchema = once(() =>
  z.object({
    model: z.string(),
    endpoint: z.string().nullable(),
    contextWindow: z.number().int().positive(),
    preset: z.string(),
    persona: z.string(),
    human: z.string(),
    embedding: embeddingSettingsSchema(),
    options: modelOptionsSchema().prefault({}),
    /** Number of newest automatic checkpoints to keep. */
    keepCheckpoints: z.number().int().positive().default(KEPT_CHECKPOINTS),
  }),
);
export type AgentSettings = z.infer<ReturnType<typeof agentSettingsSchema>>;

/**
 * An agent between two steps, without its history. Immutable: a step creates a new one. Its size is bounded by the
 * context window, whatever the length of the history.
 */
export const agentStateSchema = once(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    createdAt: z.string(),
    settings: agentSettingsSchema(),
    /** The system prompt without core memory. */
    system: z.string(),
    /** Names of the functions that the model may call, in the order in which it sees them. */
    functions: z.array(z.string()),
    blocks: z.array(blockSchema()),
    /** Names of the attached sources; absent until the first is attached. */
    sources: z.array(z.string()).nullish(),
    /** A person's permanent answers about functions that act outside memory; absent until the first. */
    consents: z.record(z.string(), z.enum(["always", "never"])).nullish(),
    /** The FIFO queue, oldest first; its head may be the recursive summary. */
    queue: z.array(messageSchema()),
    /** Counts in the system message. They lag on purpose, so that the prompt prefix stays cacheable. */
    shown: z.object({ recall: z.number().int(), archival: z.number().int(), modifiedAt: z.string() }),
    /**
     * `alerted`: the model has been warned since the last flush. `calibration`: provider's tokens per estimated token.
     */
    pressure: z.object({
      alerted: z.boolean(),
      calibration: z.number().positive(),
      /**
       * The last count that grew with the prompt. `stalls`: counts since that did not; `told`: whether a notice said
       * so.
       */
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
  }),
);
export type AgentState = Readonly<z.infer<ReturnType<typeof agentStateSchema>>>;
