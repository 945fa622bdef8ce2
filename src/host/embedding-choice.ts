import { MemGPTError } from "../errors.ts";
import { checkNoPassword } from "../llm/endpoint.ts";
import type { EmbeddingSettings } from "../schema/state.ts";
import type { Config } from "../settings/config.ts";
import { embeddingSettingsOf } from "../settings/embedding-settings.ts";

/** What else an agent is to be embedded with; what is left out stays, or with another provider is as configured. */
export type EmbeddingChoice = { readonly [Key in keyof EmbeddingSettings]?: EmbeddingSettings[Key] | undefined };

/**
 * What an agent is embedded with from now on, if it was with `current`.
 *
 * @throws MemGPTError `invalid_input` for a choice that the provider does not have; `config_invalid` if a model must be named.
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
  // How long a vector can be is the model's own affair.
  const isOther = model !== undefined && model !== base.model;
  return {
    provider,
    model: model ?? base.model,
    endpoint: endpoint === undefined ? base.endpoint : endpoint,
    dimensions: dimensions === undefined ? (isOther ? null : base.dimensions) : dimensions,
  };
}

/** What the configuration says of a provider, which need not be the configured one. */
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
