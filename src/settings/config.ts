import * as z from "zod";
import { type AnswerBounds, DEFAULT_ANSWER_BOUNDS } from "../schema/answer-bounds.ts";
import { NO_PASSWORD, hasPassword } from "../llm/endpoint.ts";
import { SMALLEST_WINDOW } from "../schema/limits.ts";
import { priceSchema } from "../schema/spent.ts";
import { EMBEDDING_PROVIDERS } from "../schema/embedding.ts";
import { type ModelOptions, modelOptionsSchema } from "../schema/model-options.ts";

const options = modelOptionsSchema.shape;

const endpoint = z
  .url({ protocol: /^https?$/, error: "it must be a URL that begins with http:// or https://" })
  .refine((url) => !hasPassword(url), { error: NO_PASSWORD })
  .nullable()
  .default(null);

/** Headers with secrets, which must not be stored with an agent. */
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|.*(api-?key|token|secret).*)$/i;

/**
 * The settings, by their names in `config.json`. Defaults < file < environment < flags. `context_window` is in tokens,
 * `core_memory_limit` in characters (null: as much as suits the window).
 */
export const configSchema = z.object({
  model: z.string().min(1).default("practice").describe("model that new agents use; `practice` is the built-in one"),
  model_endpoint: endpoint.describe("base URL of an OpenAI-compatible server"),
  context_window: z.number().int().min(SMALLEST_WINDOW).default(8192).describe("tokens the model can see at once"),
  preset: z.string().default("memgpt_chat").describe("system prompt and functions of new agents"),
  persona: z.string().nullable().default(null).describe("persona of new agents (null: the preset's)"),
  human: z.string().nullable().default(null).describe("human of new agents (null: the preset's)"),
  core_memory_limit: z.number().int().min(100).max(100_000).nullable().default(null).describe("characters per block"),
  database: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "PostgreSQL database that agents are kept in: `postgres://user@host:5432/name` (null: files in the home)",
    ),
  max_steps: z.number().int().min(1).max(1000).default(50).describe("most steps in one turn"),
  max_answer_bytes: z
    .number()
    .int()
    .min(1000)
    .max(16_000_000)
    .default(DEFAULT_ANSWER_BOUNDS.bytes)
    .describe("most bytes in one answer of the model, with thoughts and arguments; the rest is cut off"),
  max_answer_calls: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(DEFAULT_ANSWER_BOUNDS.calls)
    .describe("most function calls that are run from one answer"),
  max_answer_depth: z
    .number()
    .int()
    .min(4)
    .max(500)
    .default(DEFAULT_ANSWER_BOUNDS.depth)
    .describe("most levels of nesting in the arguments of a call"),
  max_answer_seconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(DEFAULT_ANSWER_BOUNDS.seconds)
    .describe("most seconds for one answer, retries included"),
  secrets: z
    .enum(["ask", "redact", "keep"])
    .default("ask")
    .describe(
      "what becomes of keys, tokens, card numbers and seed phrases in what you say and write to memory: `ask` in a terminal (`redact` elsewhere), `redact` or `keep`",
    ),
  quarantine: z
    .enum(["off", "warn", "on"])
    .default("on")
    .describe(
      "what happens to writes to memory that read like instructions to the agent: `on` holds back what others wrote and warns of your own words, `warn` only warns",
    ),
  allow_functions: z
    .array(z.string().min(1))
    .default([])
    .describe("functions that act outside memory and that every agent may call without asking, also in the server"),
  allowed_folders: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "folders whose text files `read_from_text_file` and `append_to_text_file` may use; `~` is your home directory",
    ),
  function_calling: options.functionCalling.describe(
    "`native`: the server's own; `json`: in the prompt, for models without; `auto`: detected",
  ),
  inner_thoughts: options.innerThoughts.describe(
    "where the model thinks: `content` beside a call, a `parameter` of every function; `auto`: detected",
  ),
  reminders: options.reminders.describe("whether every request ends with a reminder of how to act, for weak models"),
  stream: options.stream.describe("whether answers are streamed"),
  temperature: options.temperature.describe("0 to 2 (null: the server's default)"),
  top_p: options.topP.describe("above 0, up to 1 (null: the server's default)"),
  seed: options.seed.describe("whole number (null: none is sent)"),
  max_tokens_field: options.maxTokensField.describe("the server's name for the limit of an answer; `auto`: detected"),
  api_version: options.apiVersion.describe("`api-version` of an Azure deployment"),
  extra_headers: z
    .record(z.string(), z.string())
    .refine((headers) => !Object.keys(headers).some((name) => SECRET_HEADER.test(name)), {
      error: "it must not contain a key; keys go in credentials.json (memgpt configure)",
    })
    .default({})
    .describe("sent with every request; no keys here"),
  extra_body: options.body.describe("merged over the body of every request"),
  prices: z
    .record(z.string(), priceSchema)
    .default({})
    .describe('US dollars per million tokens by model: {"NAME": {"input": 1, "cached": 0.5, "output": 4}}'),
  embedding: z
    .enum(EMBEDDING_PROVIDERS)
    .default("hash")
    .describe(
      "embedding provider of new agents: `hash` (built in), `openai` (any OpenAI-compatible server), `local-lite` (a small English model in this process), `local` (any model in this process)",
    ),
  embedding_model: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("embedding model (null: the provider's usual one)"),
  embedding_endpoint: endpoint.describe("base URL of the embedding server (null: `model_endpoint`)"),
  embedding_dimensions: z
    .number()
    .int()
    .min(1)
    .max(16_384)
    .nullable()
    .default(null)
    .describe("dimensions of an embedding, for models that offer a choice (null: the model's default)"),
  rerank: z
    .enum(["off", "server", "local"])
    .default("off")
    .describe(
      "what reads the best results of a question again: `server` (`/rerank` of llama.cpp, vLLM, text-embeddings-inference), `local` (a cross-encoder in this process) or `off`",
    ),
  rerank_model: z.string().min(1).nullable().default(null).describe("reranking model"),
  rerank_endpoint: endpoint.describe("base URL of the reranking server (null: `model_endpoint`)"),
  rerank_seconds: z.number().min(0.1).max(60).default(2).describe("most seconds that a search waits for reranking"),
  openai_api_key: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("OpenAI's key; better kept in `credentials.json`"),
  use_openai_key: z
    .record(z.string(), z.boolean())
    .default({})
    .describe('endpoints that may, or may not, receive OpenAI\'s key: `{"URL": true}`; a terminal asks'),
});
export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

/** What to do with secrets where nobody can be asked. */
export function secretPolicy({ secrets }: Pick<Config, "secrets">): "keep" | "redact" {
  return secrets === "keep" ? "keep" : "redact";
}

/** How requests to the models of new agents are made. */
export function modelOptionsOf(config: Config): ModelOptions {
  return {
    functionCalling: config.function_calling,
    innerThoughts: config.inner_thoughts,
    reminders: config.reminders,
    stream: config.stream,
    temperature: config.temperature,
    topP: config.top_p,
    seed: config.seed,
    maxTokensField: config.max_tokens_field,
    apiVersion: config.api_version,
    headers: config.extra_headers,
    body: config.extra_body,
  };
}

/** The bounds of one answer of a model. */
export function answerBoundsOf(config: Config): AnswerBounds {
  return {
    bytes: config.max_answer_bytes,
    calls: config.max_answer_calls,
    depth: config.max_answer_depth,
    seconds: config.max_answer_seconds,
  };
}

/** The environment variables that are read, and the setting of each. Variables with a provider's key are in providers.ts. */
export const ENVIRONMENT = {
  OPENAI_API_KEY: "openai_api_key",
  MEMGPT_DATABASE: "database",
  MEMGPT_MODEL: "model",
  MEMGPT_MODEL_ENDPOINT: "model_endpoint",
  MEMGPT_EMBEDDING: "embedding",
  MEMGPT_EMBEDDING_MODEL: "embedding_model",
  MEMGPT_EMBEDDING_ENDPOINT: "embedding_endpoint",
} as const satisfies Record<string, ConfigKey>;
