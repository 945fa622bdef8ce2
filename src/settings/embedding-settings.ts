import { HASH_EMBEDDING } from "../schema/built-in.ts";
import type { Config } from "./config.ts";
import { MemGPTError } from "../errors.ts";
import { hostedAt } from "./providers.ts";
import type { EmbeddingSettings } from "../schema/state.ts";

/** Small, and good for English: 384 dimensions, about 90 MB. */
export const LOCAL_EMBEDDING_MODEL = "Xenova/all-MiniLM-L6-v2";

/**
 * The embedding of new agents (default endpoint: the model's server).
 *
 * @throws MemGPTError `config_invalid` if no model is named and the server has no usual one.
 */
export function embeddingSettingsOf(config: Config): EmbeddingSettings {
  const { embedding: provider, embedding_model: model, embedding_dimensions: dimensions } = config;
  switch (provider) {
    case "hash":
      return HASH_EMBEDDING;
    case "local-lite":
      return { provider, model: null, endpoint: null, dimensions: null };
    case "local":
      return { provider, model: model ?? LOCAL_EMBEDDING_MODEL, endpoint: null, dimensions };
    case "openai": {
      const endpoint = embeddingEndpoint(config);
      return { provider, model: model ?? usualModel(endpoint), endpoint, dimensions };
    }
  }
}

function embeddingEndpoint({ embedding_endpoint: own, model_endpoint: endpoint }: Config): string | null {
  // On Azure, embeddings are another deployment of the same resource.
  return own ?? endpoint?.replace(/\/deployments\/[^/]+\/?$/, "") ?? null;
}

function usualModel(endpoint: string | null): string {
  const model = hostedAt(endpoint)?.embedding ?? null;
  if (model !== null) return model;
  throw new MemGPTError(
    "config_invalid",
    `embedding is openai, but no model is named for ${endpoint ?? "it"}: run ` +
      "`memgpt configure set embedding_model NAME`, or go back with `memgpt configure set embedding hash`.",
  );
}
