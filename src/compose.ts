import { PRACTICE_MODEL } from "./schema/built-in.ts";
import { type Config, answerBoundsOf } from "./settings/config.ts";
import { MemGPTError } from "./errors.ts";
import type { Embedder } from "./ports/embedder.ts";
import { HashEmbedder } from "./llm/embedders/hash-embedder.ts";
import { BoundedLlm } from "./llm/bounded-llm.ts";
import { InnerThoughtsLlm } from "./llm/inner-thoughts.ts";
import { FunctionCallingLlm } from "./llm/json-functions/function-calling-llm.ts";
import { JsonFunctionsLlm } from "./llm/json-functions/json-functions-llm.ts";
import type { Llm } from "./ports/llm.ts";
import { LocalEmbedder } from "./llm/embedders/local-embedder.ts";
import { OpenAiEmbedder } from "./llm/embedders/openai-embedder.ts";
import { OpenAiLlm } from "./llm/openai/openai-llm.ts";
import { PracticeLlm } from "./llm/practice/practice-llm.ts";
import { type QuirkStore, memoryQuirks } from "./ports/quirks.ts";
import { RemindingLlm } from "./llm/reminders.ts";
import type { AgentSettings, EmbeddingSettings, ModelOptions } from "./schema/state.ts";

/**
 * The model an agent's settings ask for. Nothing is connected before the first request. What is found out about it is
 * remembered in `quirks`, or else as long as it lives.
 */
export function createLlm(settings: AgentSettings, config: Config, quirks: QuirkStore = memoryQuirks()): Llm {
  if (settings.model === PRACTICE_MODEL) return new PracticeLlm();
  const { model, endpoint, options } = settings;
  const bounds = answerBoundsOf(config);
  const server = new OpenAiLlm({ model, endpoint, apiKey: config.openai_api_key, options, quirks, bounds });
  const llm = adapted(withinBounds(server, config), options, quirks);
  return options.reminders ? new RemindingLlm(llm) : llm;
}

/** `llm`, whose answers keep to the bounds of the configuration. */
export function withinBounds(llm: Llm, config: Config): Llm {
  return new BoundedLlm(llm, answerBoundsOf(config));
}

/** `server` spoken to in the way that its model understands. */
export function adapted(
  server: Llm,
  { functionCalling, innerThoughts }: Pick<ModelOptions, "functionCalling" | "innerThoughts">,
  quirks: QuirkStore,
): Llm {
  const json = new JsonFunctionsLlm(server);
  if (functionCalling === "json") return json;
  const native = innerThoughts === "content" ? server : new InnerThoughtsLlm(server, { mode: innerThoughts, quirks });
  return functionCalling === "native" ? native : new FunctionCallingLlm({ native, json, quirks });
}

export type EmbedderOptions = {
  /** How often a request is made in all; a few times if absent. */
  readonly attempts?: number;
};

/**
 * The embedder that an agent's settings ask for. Nothing is loaded or connected before the first text.
 *
 * @param config With the key for the endpoint of the settings (`credentials.configFor(settings.endpoint)`), and no other.
 * @throws MemGPTError `config_invalid` if no model is named, LlmError if there is no key where one is needed.
 */
export function createEmbedder(
  { provider, model, endpoint, dimensions }: EmbeddingSettings,
  config: Config,
  options: EmbedderOptions = {},
): Embedder {
  if (provider === "hash") return new HashEmbedder();
  if (model === null || model === "") {
    throw new MemGPTError("config_invalid", `The embedding ${provider} needs the name of a model: embedding_model.`);
  }
  if (provider === "local") return new LocalEmbedder(model, dimensions);
  const apiKey = config.openai_api_key;
  return new OpenAiEmbedder({ model, endpoint, dimensions, apiKey, ...sharedWith(endpoint, config), ...options });
}

/** How the server of the model is spoken to, where embeddings are made by the same. */
function sharedWith(
  endpoint: string | null,
  config: Config,
): { apiVersion: string | null; headers: Readonly<Record<string, string>> } {
  const originOf = (url: string | null): string => (url !== null && URL.canParse(url) ? new URL(url).origin : "");
  if (originOf(endpoint) !== originOf(config.model_endpoint)) {
    return { apiVersion: null, headers: {} };
  }
  return { apiVersion: config.api_version, headers: config.extra_headers };
}
