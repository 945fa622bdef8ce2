import { type Embedder, type EmbeddingSettings, MemGPTError, chosenEmbedding, createEmbedder } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";
import { type ReindexCommandOptions, withFlags } from "./reindex.ts";

export type EmbeddingFlags = Pick<
  ReindexCommandOptions,
  "embedding" | "embeddingModel" | "embeddingEndpoint" | "embeddingDimensions"
>;

const BUILT_IN: EmbeddingSettings = { provider: "hash", model: null, endpoint: null, dimensions: null };

/**
 * The embedder that the flags choose, as `memgpt reindex` would, with the configured keys. Undefined without flags, even
 * if an embedding is configured, so that the figures are the same on every machine.
 *
 * @throws MemGPTError `invalid_input` for flags that the provider does not have; `config_invalid` if it needs the name of a
 *   model; LlmError if it needs a key.
 */
export async function embedderOf(flags: EmbeddingFlags): Promise<Embedder | undefined> {
  const choice = {
    provider: flags.embedding,
    model: flags.embeddingModel,
    endpoint: flags.embeddingEndpoint,
    dimensions: flags.embeddingDimensions,
  };
  if (Object.values(choice).every((value) => value === undefined)) return undefined;
  const { config, credentials } = await openHome();
  const settings = chosenEmbedding(BUILT_IN, choice, config);
  return createEmbedder(settings, credentials.embeddingConnection(settings));
}

/** The error, reworded for a command that takes the embedding from flags and changes nothing. */
export function inFlags(error: unknown): unknown {
  if (!(error instanceof MemGPTError)) return error;
  const message = withFlags(error.message).replace("Nothing was changed.", "Nothing was measured.");
  return new MemGPTError(error.code, message, { cause: error });
}
