import type { Config } from "./config.ts";
import type { Embedder } from "./llm/embedder.ts";
import { HashEmbedder } from "./llm/hash-embedder.ts";
import type { Llm } from "./llm/llm.ts";
import { OpenAiLlm } from "./llm/openai/openai-llm.ts";
import { PracticeLlm } from "./llm/practice/practice-llm.ts";
import type { AgentSettings } from "./schema/state.ts";

/** Name of the built-in model, which needs no network and no key. */
export const PRACTICE_MODEL = "practice";

/** The model an agent's settings ask for. Nothing is connected before the first request. */
export function createLlm(settings: AgentSettings, config: Config): Llm {
  if (settings.model === PRACTICE_MODEL) return new PracticeLlm();
  return new OpenAiLlm({ model: settings.model, endpoint: settings.endpoint, apiKey: config.openai_api_key });
}

/** The embedder of an agent's archival storage. */
export function createEmbedder(): Embedder {
  return new HashEmbedder();
}
