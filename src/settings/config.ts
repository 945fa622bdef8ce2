import * as z from "zod";
import { type AnswerBounds, DEFAULT_ANSWER_BOUNDS } from "../schema/answer-bounds.ts";
import { NO_PASSWORD, hasPassword } from "../llm/endpoint.ts";
import { SMALLEST_WINDOW } from "../schema/limits.ts";
import { once } from "../schema/once.ts";
import { type Price, priceSchema } from "../schema/spent.ts";
import { EMBEDDING_PROVIDERS } from "../schema/embedding.ts";
import { type ModelOptions, modelOptionsSchema } from "../schema/model-options.ts";

/** What each setting is where nothing is configured. */
const DEFAULTS = {
  model: "practice",
  model_endpoint: null,
  context_window: 8192,
  preset: "memgpt_chat",
  persona: null,
  human: null,
  core_memory_limit: null,
  database: null,
  max_steps: 50,
  max_answer_bytes: DEFAULT_ANSWER_BOUNDS.bytes,
  max_answer_calls: DEFAULT_ANSWER_BOUNDS.calls,
  max_answer_depth: DEFAULT_ANSWER_BOUNDS.depth,
  max_answer_seconds: DEFAULT_ANSWER_BOUNDS.seconds,
  secrets: "ask" as const,
  quarantine: "on" as const,
  allow_functions: [] as string[],
  allowed_folders: [] as string[],
  function_calling: "auto" as const,
  inner_thoughts: "auto" as const,
  reminders: false,
  stream: true,
  temperature: null,
  top_p: null,
  seed: null,
  max_tokens_field: "auto" as const,
  api_version: null,
  extra_headers: {} as Record<string, string>,
  extra_body: {} as Record<string, unknown>,
  prices: {} as Record<string, Price>,
  embedding: "hash" as const,
  embedding_model: null,
  embedding_endpoint: null,
  embedding_dimensions: null,
  rerank: "off" as const,
  rerank_model: null,
  rerank_endpoint: null,
  rerank_seconds: 2,
  openai_api_key: null,
  use_openai_key: {} as Record<string, boolean>,
};

const endpoint = () =>
  z
    .url({ protocol: /^https?$/, error: "it must be a URL that begins with http:// or https://" })
    .refine((url) => !hasPassword(url), { error: NO_PASSWORD })
    .nullable()
    .default(null);

/** Headers that carry secrets, which must not be stored with an agent. */
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|.*(api-?key|token|secret).*)$/i;

/**
 * What checks each setting, by its name in `config.json`. Defaults < file < environment < flags. `context_window` is in
 * tokens, `core_memory_limit` in characters (null: chosen to suit the window).
 */
const FIELDS = {
  model: () =>
    z.string().min(1).default(DEFAULTS.model).describe("model that new agents use; `practice` is the built-in one"),
  model_endpoint: () => endpoint().describe("base URL of an OpenAI-compatible server"),
  context_window: () =>
    z.number().int().min(SMALLEST_WINDOW).default(DEFAULTS.context_window).describe("tokens the model can see at once"),
  preset: () => z.string().default(DEFAULTS.preset).describe("system prompt and functions of new agents"),
  persona: () => z.string().nullable().default(DEFAULTS.persona).describe("persona of new agents (null: the preset's)"),
  human: () => z.string().nullable().default(DEFAULTS.human).describe("human of new agents (null: the preset's)"),
  core_memory_limit: () =>
    z
      .number()
      .int()
      .min(100)
      .max(100_000)
      .nullable()
      .default(DEFAULTS.core_memory_limit)
      .describe("characters per block"),
  database: () =>
    z
      .string()
      .min(1)
      .nullable()
      .default(DEFAULTS.database)
      .describe(
        "PostgreSQL database that agents are kept in: `postgres://user@host:5432/name` (null: files in the home)",
      ),
  max_steps: () => z.number().int().min(1).max(1000).default(DEFAULTS.max_steps).describe("most steps in one turn"),
  max_answer_bytes: () =>
    z
      .number()
      .int()
      .min(1000)
      .max(16_000_000)
      .default(DEFAULTS.max_answer_bytes)
      .describe("most bytes in one answer of the model, with thoughts and arguments; the rest is cut off"),
  max_answer_calls: () =>
    z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(DEFAULTS.max_answer_calls)
      .describe("most function calls that are run from one answer"),
  max_answer_depth: () =>
    z
      .number()
      .int()
      .min(4)
      .max(500)
      .default(DEFAULTS.max_answer_depth)
      .describe("most levels of nesting in the arguments of a call"),
  max_answer_seconds: () =>
    z
      .number()
      .min(1)
      .max(86_400)
      .default(DEFAULTS.max_answer_seconds)
      .describe("most seconds for one answer, retries included"),
  secrets: () =>
    z
      .enum(["ask", "redact", "keep"])
      .default(DEFAULTS.secrets)
      .describe(
        "what happens to keys, tokens, card numbers and seed phrases in what you say, load and write to memory: `ask` in a terminal (`redact` elsewhere), `redact` or `keep`",
      ),
  quarantine: () =>
    z
      .enum(["off", "warn", "on"])
      .default(DEFAULTS.quarantine)
      .describe(
        "what happens to writes to memory that read like instructions to the agent: `on` holds back what others wrote and warns of your own words, `warn` only warns",
      ),
  allow_functions: () =>
    z
      .array(z.string().min(1))
      .default(DEFAULTS.allow_functions)
      .describe("functions that act outside memory and that every agent may call without asking, also in the server"),
  allowed_folders: () =>
    z
      .array(z.string().min(1))
      .default(DEFAULTS.allowed_folders)
      .describe(
        "folders whose text files `read_from_text_file` and `append_to_text_file` may use; `~` is your home directory",
      ),
  function_calling: () =>
    modelOptionsSchema().shape.functionCalling.describe(
      "`native`: the server's own; `json`: in the prompt, for models without; `auto`: detected",
    ),
  inner_thoughts: () =>
    modelOptionsSchema().shape.innerThoughts.describe(
      "where the model thinks: `content` beside a call, a `parameter` of every function; `auto`: detected",
    ),
  reminders: () =>
    modelOptionsSchema().shape.reminders.describe(
      "whether every request ends with a reminder of how to act, for weak models",
    ),
  stream: () => modelOptionsSchema().shape.stream.describe("whether answers are streamed"),
  temperature: () => modelOptionsSchema().shape.temperature.describe("0 to 2 (null: the server's default)"),
  top_p: () => modelOptionsSchema().shape.topP.describe("above 0, up to 1 (null: the server's default)"),
  seed: () => modelOptionsSchema().shape.seed.describe("whole number (null: none is sent)"),
  max_tokens_field: () =>
    modelOptionsSchema().shape.maxTokensField.describe(
      "the server's name for the limit of an answer; `auto`: detected",
    ),
  api_version: () => modelOptionsSchema().shape.apiVersion.describe("`api-version` of an Azure deployment"),
  extra_headers: () =>
    z
      .record(z.string(), z.string())
      .refine((headers) => !Object.keys(headers).some((name) => SECRET_HEADER.test(name)), {
        error: "it must not contain a key; keys go in credentials.json (memgpt configure)",
      })
      .default(DEFAULTS.extra_headers)
      .describe("sent with every request; no keys here"),
  extra_body: () => modelOptionsSchema().shape.body.describe("merged over the body of every request"),
  prices: () =>
    z
      .record(z.string(), priceSchema())
      .default(DEFAULTS.prices)
      .describe('US dollars per million tokens by model: {"NAME": {"input": 1, "cached": 0.5, "output": 4}}'),
  embedding: () =>
    z
      .enum(EMBEDDING_PROVIDERS)
      .default(DEFAULTS.embedding)
      .describe(
        "embedding provider of new agents: `hash` (built in), `openai` (any OpenAI-compatible server), `local-lite` (a small English model in this process), `local` (any model in this process)",
      ),
  embedding_model: () =>
    z
      .string()
      .min(1)
      .nullable()
      .default(DEFAULTS.embedding_model)
      .describe("embedding model (null: the provider's usual one)"),
  embedding_endpoint: () => endpoint().describe("base URL of the embedding server (null: `model_endpoint`)"),
  embedding_dimensions: () =>
    z
      .number()
      .int()
      .min(1)
      .max(16_384)
      .nullable()
      .default(DEFAULTS.embedding_dimensions)
      .describe("dimensions of an embedding, for models that offer a choice (null: the model's default)"),
  rerank: () =>
    z
      .enum(["off", "server", "local"])
      .default(DEFAULTS.rerank)
      .describe(
        "reranker for the best results of a question: `server` (`/rerank` of llama.cpp, vLLM, text-embeddings-inference), `local` (a cross-encoder in this process) or `off`",
      ),
  rerank_model: () => z.string().min(1).nullable().default(DEFAULTS.rerank_model).describe("reranking model"),
  rerank_endpoint: () => endpoint().describe("base URL of the reranking server (null: `model_endpoint`)"),
  rerank_seconds: () =>
    z
      .number()
      .min(0.1)
      .max(60)
      .default(DEFAULTS.rerank_seconds)
      .describe("most seconds that a search waits for reranking"),
  openai_api_key: () =>
    z
      .string()
      .min(1)
      .nullable()
      .default(DEFAULTS.openai_api_key)
      .describe("OpenAI's key; better kept in `credentials.json`"),
  use_openai_key: () =>
    z
      .record(z.string(), z.boolean())
      .default(DEFAULTS.use_openai_key)
      .describe('endpoints that may, or may not, receive OpenAI\'s key: `{"URL": true}`; a terminal asks'),
};

type Fields = { readonly [Key in keyof typeof FIELDS]: ReturnType<(typeof FIELDS)[Key]> };

/** The schema of `config.json`. To make it takes 6 ms, which no start needs that is given a few settings. */
export const settings = once(() => {
  const fields = Object.entries(FIELDS).map(([key, make]) => [key, make()]);
  return z.object(Object.fromEntries(fields) as Fields);
});

export const SETTINGS = Object.keys(FIELDS);

/** What checks one setting; undefined if there is no such setting. */
export function settingNamed(key: string): z.ZodType | undefined {
  return Object.entries(FIELDS).find(([name]) => name === key)?.[1]();
}

/** The configuration of a home where nothing is configured. */
export function defaultConfig(): Config {
  return structuredClone(DEFAULTS);
}

export type Config = z.infer<ReturnType<typeof settings>>;
export type ConfigKey = keyof Config;

/** What to do with secrets when nobody can be asked. */
export function secretPolicy({ secrets }: Pick<Config, "secrets">): "keep" | "redact" {
  return secrets === "keep" ? "keep" : "redact";
}

/** Options of the models of new agents. */
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
