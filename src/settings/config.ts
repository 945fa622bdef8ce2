import { chmodSync, readFileSync, renameSync } from "node:fs";
import * as z from "zod";
import { describe, didYouMean } from "../errors.ts";
import { isOpenToOthers } from "../storage/files/folders.ts";
import type { Home } from "../storage/files/paths.ts";
import { type AnswerBounds, DEFAULT_ANSWER_BOUNDS } from "../schema/answer-bounds.ts";
import { NO_PASSWORD, hasPassword } from "../llm/endpoint.ts";
import { SMALLEST_WINDOW } from "../schema/limits.ts";
import { priceSchema } from "../schema/spent.ts";
import { type ModelOptions, modelOptionsSchema } from "../schema/state.ts";

const options = modelOptionsSchema.shape;

const endpoint = z
  .url({ protocol: /^https?$/, error: "it must be a URL that begins with http:// or https://" })
  .refine((url) => !hasPassword(url), { error: NO_PASSWORD })
  .nullable()
  .default(null);

/** Headers that carry what must not be stored with an agent. */
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|.*(api-?key|token|secret).*)$/i;

/**
 * What a person can set, by the names it has in `config.json`. Defaults < file < environment < flags.
 * `context_window` is in tokens, `core_memory_limit` in characters (null: as much as suits the window).
 */
export const configSchema = z.object({
  model: z.string().min(1).default("practice").describe("model that new agents use; `practice` is the built-in one"),
  model_endpoint: endpoint.describe("base URL of an OpenAI-compatible server"),
  context_window: z.number().int().min(SMALLEST_WINDOW).default(8192).describe("tokens the model can see at once"),
  preset: z.string().default("memgpt_chat").describe("system prompt and functions of new agents"),
  persona: z.string().nullable().default(null).describe("persona of new agents; the preset's, if null"),
  human: z.string().nullable().default(null).describe("human of new agents; the preset's, if null"),
  core_memory_limit: z.number().int().min(100).max(100_000).nullable().default(null).describe("characters per block"),
  max_steps: z.number().int().min(1).max(1000).default(50).describe("steps that one turn may take"),
  max_answer_bytes: z
    .number()
    .int()
    .min(1000)
    .max(16_000_000)
    .default(DEFAULT_ANSWER_BOUNDS.bytes)
    .describe("bytes that one answer of the model may have: text, thoughts and arguments; the rest is cut off"),
  max_answer_calls: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(DEFAULT_ANSWER_BOUNDS.calls)
    .describe("function calls of one answer that are run"),
  max_answer_depth: z
    .number()
    .int()
    .min(4)
    .max(500)
    .default(DEFAULT_ANSWER_BOUNDS.depth)
    .describe("levels that the arguments of a call may be nested"),
  max_answer_seconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(DEFAULT_ANSWER_BOUNDS.seconds)
    .describe("seconds that one answer may take, repeated requests included"),
  secrets: z
    .enum(["ask", "redact", "keep"])
    .default("ask")
    .describe(
      "what becomes of keys, tokens, card numbers and seed phrases in what you say: `ask` in a terminal (`redact` elsewhere), `redact` or `keep`",
    ),
  quarantine: z
    .enum(["off", "warn", "on"])
    .default("on")
    .describe(
      "what happens to writes to memory that read like instructions to the agent: `on` holds back what others wrote and warns of your own words, `warn` only warns",
    ),
  function_calling: options.functionCalling.describe(
    "`native`: the server's own; `json`: functions in the prompt, for models without; `auto` finds out",
  ),
  inner_thoughts: options.innerThoughts.describe(
    "where the model thinks: `content` beside a call, `parameter` of every function; `auto` finds out",
  ),
  reminders: options.reminders.describe("whether every request ends with a line on how to act, for weak models"),
  stream: options.stream.describe("whether answers are asked for as they are generated"),
  temperature: options.temperature.describe("0 to 2; the server's own, if null"),
  top_p: options.topP.describe("above 0, to 1; the server's own, if null"),
  seed: options.seed.describe("whole number; none is sent, if null"),
  max_tokens_field: options.maxTokensField.describe("what the server calls the longest answer; `auto` finds out"),
  api_version: options.apiVersion.describe("`api-version` of an Azure deployment"),
  extra_headers: z
    .record(z.string(), z.string())
    .refine((headers) => !Object.keys(headers).some((name) => SECRET_HEADER.test(name)), {
      error: "it may not hold a key: keys go in credentials.json (memgpt configure)",
    })
    .default({})
    .describe("sent with every request; no keys"),
  extra_body: options.body.describe("merged over the body of every request"),
  prices: z
    .record(z.string(), priceSchema)
    .default({})
    .describe('US dollars per million tokens by model: {"NAME": {"input": 1, "cached": 0.5, "output": 4}}'),
  embedding: z
    .enum(["hash", "openai", "local"])
    .default("hash")
    .describe(
      "what archival memory of new agents is searched by: `hash` is built in, `openai` any OpenAI-compatible server, `local` a model in this process",
    ),
  embedding_model: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("model that makes embeddings; a usual one where there is one, if null"),
  embedding_endpoint: endpoint.describe("base URL of the server that makes embeddings; `model_endpoint`, if null"),
  embedding_dimensions: z
    .number()
    .int()
    .min(1)
    .max(16_384)
    .nullable()
    .default(null)
    .describe("numbers in an embedding, of models that leave the choice; as many as the model gives, if null"),
  openai_api_key: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("OpenAI's key; in a file, better kept in `credentials.json`"),
  use_openai_key: z
    .record(z.string(), z.boolean())
    .default({})
    .describe('other endpoints that OpenAI\'s key may be sent to, or may not: `{"URL": true}`; asked in a terminal'),
});
export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

/** How the models of new agents are spoken to. */
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

/** How much one answer of a model may be. */
export function answerBoundsOf(config: Config): AnswerBounds {
  return {
    bytes: config.max_answer_bytes,
    calls: config.max_answer_calls,
    depth: config.max_answer_depth,
    seconds: config.max_answer_seconds,
  };
}

/** The environment variables that are read, and what they set. Those that hold keys of one provider are in providers.ts. */
export const ENVIRONMENT = {
  OPENAI_API_KEY: "openai_api_key",
  MEMGPT_MODEL: "model",
  MEMGPT_MODEL_ENDPOINT: "model_endpoint",
  MEMGPT_EMBEDDING: "embedding",
  MEMGPT_EMBEDDING_MODEL: "embedding_model",
  MEMGPT_EMBEDDING_ENDPOINT: "embedding_endpoint",
} as const satisfies Record<string, ConfigKey>;

/** Where a value was taken from: a variable of the environment is named. */
export type Origin =
  { readonly from: "default" | "file" } | { readonly from: "environment"; readonly variable: string };

/** The configuration, where each value is from, and what was wrong with its sources, for a person to read. */
export type LoadedConfig = {
  readonly config: Config;
  readonly origins: Readonly<Record<string, Origin>>;
  readonly notices: readonly string[];
};

/**
 * Reads the configuration. Never fails: a value that cannot be used is named and its default taken; a file that is not
 * JSON is set aside under another name, so that nothing ever overwrites it; one that cannot be read is left alone.
 */
export function loadConfig(home: Home, env: NodeJS.ProcessEnv): LoadedConfig {
  const notices: string[] = [];
  const fromFile = readFile(home.configFile, notices);
  const values = new Map<string, unknown>();
  const origins: Record<string, Origin> = {};
  const take = (key: string, value: unknown, origin: Origin, source: string): void => {
    const problem = problemWith(key, value);
    if (problem === undefined) {
      values.set(key, value);
      origins[key] = origin;
    } else notices.push(`${source} is ignored: ${problem}.`);
  };
  for (const key of CONFIG_KEYS) origins[key] = { from: "default" };
  for (const [key, value] of Object.entries(fromFile)) {
    take(key, value, { from: "file" }, `${key} in ${home.configFile}`);
  }
  if (values.get("openai_api_key") !== undefined && values.get("openai_api_key") !== null) {
    notices.push(...closed(home.configFile));
    notices.push(
      `openai_api_key in ${home.configFile} works, but belongs in credentials.json: \`memgpt configure\` moves it there.`,
    );
  }
  for (const [variable, key] of Object.entries(ENVIRONMENT)) {
    const value = env[variable];
    if (value !== undefined && value !== "") take(key, value, { from: "environment", variable }, variable);
  }
  return { config: configSchema.parse(Object.fromEntries(values)), origins, notices };
}

/** Closes a file with a key in it to others. @returns what a person must know of it. */
function closed(file: string): string[] {
  try {
    if (!isOpenToOthers(file)) return [];
    chmodSync(file, 0o600);
    return [
      `${file} holds a key and could be read by others; now only you can (chmod 600). ` +
        "If somebody else uses this machine, get a new key.",
    ];
  } catch (error) {
    return [
      `${file} holds a key that is used, and others can read it: it could not be closed to them (${describe(error)}). ` +
        `Run \`chmod 600 ${file}\`, or \`memgpt configure set openai_api_key -\`, which moves the key.`,
    ];
  }
}

const CONFIG_KEYS = Object.keys(configSchema.shape);

/** What is wrong with `value` as the setting `key`, as a sentence without its end; undefined if nothing is. */
export function problemWith(key: string, value: unknown): string | undefined {
  const field = Object.entries(configSchema.shape).find(([name]) => name === key)?.[1];
  if (field === undefined) return `there is no such setting.${didYouMean(key, CONFIG_KEYS)}`.replace(/[.?]$/, "");
  const parsed = field.safeParse(value);
  return parsed.success ? undefined : (parsed.error.issues[0]?.message ?? "it cannot be used");
}

function readFile(file: string, notices: string[]): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    // ENOTDIR: the home directory is a file, which whoever writes there will say.
    const missing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (!missing) notices.push(`${file} cannot be read (${describe(error)}); the defaults are used.`);
    return {};
  }
  try {
    return parseObject(text);
  } catch (error) {
    notices.push(`${file} could not be read (${describe(error)}). ${setAside(file)}; the defaults are used.`);
    return {};
  }
}

/**
 * The JSON object in a file's text.
 *
 * @throws Error that says where the text is wrong, and nothing of what it says: there may be a key in it.
 */
export function parseObject(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const where = /at position \d+( \(line \d+ column \d+\))?/.exec(describe(error))?.[0];
    throw new Error(where === undefined ? "it is not JSON" : `it is not JSON ${where}`);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
  throw new Error("it is not a JSON object");
}

/** Gives a damaged file another name. @returns what became of the file, as a sentence without its end. */
export function setAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(":", "-")}`;
  try {
    renameSync(file, aside);
    return `It was set aside as ${aside}`;
  } catch (error) {
    return `It is still there, for it could not be set aside (${describe(error)})`;
  }
}
