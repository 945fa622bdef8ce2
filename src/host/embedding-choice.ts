import { MemGPTError } from "../errors.ts";
import { checkNoPassword } from "../llm/endpoint.ts";
import type { EmbeddingSettings } from "../schema/state.ts";
import type { Config } from "../settings/config.ts";
import { embeddingSettingsOf } from "../settings/embedding-settings.ts";

/** New embedding settings. Those left out stay, or with another provider become as configured. */
export type EmbeddingChoice = { readonly [Key in keyof EmbeddingSettings]?: EmbeddingSettings[Key] | undefined };

/**
 * The embedding settings of an agent after applying `choice` to `current`.
 *
 * @throws MemGPTError `invalid_input` for a choice that the provider does not offer; `config_invalid` if a model must
 *   be named.
 */
export function chosenEmbedding(
  current: EmbeddingSettings,
  choice: EmbeddingChoice,
  config: Config,
): EmbeddingSettings {
  const { provider = current.provider, model, endpoint, dimensions } = choice;
  checkNoPassword(endpoint);
  const all = model ?? endpoint ?? dimensions;
  const foreign = { hash: all, "local-lite": all, local: endpoint, openai: undefined }[provider];
  if (foreign !== undefined && foreign !== null) {
    const message = `The embedding ${provider} has no ${provider === "local" ? "endpoint" : "model, endpoint or dimensions"} to choose.`;
    throw new MemGPTError("invalid_input", `${message} Nothing was changed.`);
  }
  const base = provider === current.provider ? current : configured(choice, provider, config);
  // Another model has its own dimensions.
  const isOther = model !== undefined && model !== base.model;
  return {
    provider,
    model: model ?? base.model,
    endpoint: endpoint === undefined ? base.endpoint : endpoint,
    dimensions: dimensions === undefined ? (isOther ? null : base.dimensions) : dimensions,
  };
}

/** The configured settings of a provider, which need not be the configured provider. */
function configured(
  { model, endpoint }: EmbeddingChoice,
  provider: EmbeddingSettings["provider"],
  config: Config,
): EmbeddingSettings {
  const { embedding_model, embedding_endpoint, embedding_dimensions } = config;
  const nothing = { embedding_model: null, embedding_endpoint: null, embedding_dimensions: null };
  const known = provider === config.embedding ? { embedding_model, embedding_endpoint, embedding_dimensions } : nothing;
  return embeddingSettingsOf({
    ...config,
    embedding: provider,
    ...known,
    embedding_model: model ?? known.embedding_model,
    embedding_endpoint: endpoint ?? known.embedding_endpoint,
  });
}
