import type { Config } from "./config.ts";
import { MemGPTError } from "./errors.ts";
import type { Embedder } from "./llm/embedder.ts";
import { HashEmbedder } from "./llm/hash-embedder.ts";
import { InnerThoughtsLlm } from "./llm/inner-thoughts.ts";
import { FunctionCallingLlm } from "./llm/json-functions/function-calling-llm.ts";
import { JsonFunctionsLlm } from "./llm/json-functions/json-functions-llm.ts";
import type { Llm } from "./llm/llm.ts";
import { OpenAiLlm } from "./llm/openai/openai-llm.ts";
import { PracticeLlm } from "./llm/practice/practice-llm.ts";
import { type QuirkStore, memoryQuirks } from "./llm/quirks.ts";
import type { AgentSettings, EmbeddingSettings, ModelOptions } from "./schema/state.ts";

/** Name of the built-in model, which needs no network and no key. */
export const PRACTICE_MODEL = "practice";

/**
 * The model an agent's settings ask for. Nothing is connected before the first request. What is found out about it is
 * remembered in `quirks`, or else as long as it lives.
 */
export function createLlm(settings: AgentSettings, config: Config, quirks: QuirkStore = memoryQuirks()): Llm {
  if (settings.model === PRACTICE_MODEL) return new PracticeLlm();
  const { model, endpoint, options } = settings;
  const server = new OpenAiLlm({ model, endpoint, apiKey: config.openai_api_key, options, quirks });
  return adapted(server, options, quirks);
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

/** What a person gets who chose nothing: needs no network, no key and no download. */
export const HASH_EMBEDDING: EmbeddingSettings = { provider: "hash", model: null, endpoint: null, dimensions: null };

/** The embedder that an agent's settings ask for. Nothing is loaded or connected before the first text. */
export function createEmbedder({ provider }: EmbeddingSettings = HASH_EMBEDDING): Embedder {
  if (provider !== "hash") throw new MemGPTError("config_invalid", `There is no embedding ${provider} yet.`);
  return new HashEmbedder();
}
