import { PRACTICE_MODEL } from "./schema/built-in.ts";
import { type Config, answerBoundsOf } from "./settings/config.ts";
import { MemGPTError } from "./errors.ts";
import type { AgentFunction } from "./functions/define.ts";
import type { FunctionRegistry } from "./functions/registry.ts";
import type { Embedder } from "./ports/embedder.ts";
import { HashEmbedder } from "./llm/embedders/hash-embedder.ts";
import { BoundedLlm } from "./llm/bounded-llm.ts";
import type { Llm } from "./ports/llm.ts";
import { LazyLlm } from "./llm/lazy-llm.ts";
import { LocalEmbedder } from "./llm/embedders/local-embedder.ts";
import { OpenAiEmbedder } from "./llm/embedders/openai-embedder.ts";
import { type QuirkStore, memoryQuirks } from "./ports/quirks.ts";
import type { AgentSettings, EmbeddingSettings } from "./schema/state.ts";

export type LlmOptions = {
  readonly quirks?: QuirkStore | undefined;
  /** Where the key of the configuration is from. */
  readonly keyOrigin?: string | undefined;
};

/**
 * The model an agent's settings ask for; its code is loaded when it is first needed, and nothing is connected before the
 * first request. What is found out about it is remembered in `quirks`, or else as long as it lives.
 */
export function createLlm(
  { model, endpoint, options }: AgentSettings,
  config: Config,
  { quirks = memoryQuirks(), keyOrigin }: LlmOptions = {},
): Llm {
  return new LazyLlm(model, async () => {
    if (model === PRACTICE_MODEL) {
      const { PracticeLlm } = await import("./llm/practice/practice-llm.ts");
      return new PracticeLlm();
    }
    const { serverLlm } = await import("./llm/server-llm.ts");
    const server = { model, endpoint, apiKey: config.openai_api_key, keyOrigin, bounds: answerBoundsOf(config) };
    return serverLlm({ ...server, options, quirks });
  });
}

/** The built-in functions and those of the program's own. @throws MemGPTError `invalid_input` if two have the same name. */
export async function createFunctions(own: readonly AgentFunction[] = []): Promise<FunctionRegistry> {
  const [{ builtInFunctions }, { FunctionRegistry }] = await Promise.all([
    import("./functions/built-in.ts"),
    import("./functions/registry.ts"),
  ]);
  return new FunctionRegistry([...builtInFunctions(), ...own]);
}

/** `llm`, whose answers keep to the bounds of the configuration. */
export function withinBounds(llm: Llm, config: Config): Llm {
  return new BoundedLlm(llm, answerBoundsOf(config));
}

export type EmbedderOptions = {
  /** How often a request is made in all; a few times if absent. */
  readonly attempts?: number;
  /** Where the key of the configuration is from. */
  readonly keyOrigin?: string | undefined;
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
