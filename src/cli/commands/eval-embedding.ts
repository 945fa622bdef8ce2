import { type Embedder, type EmbeddingSettings, MemGPTError, chosenEmbedding, createEmbedder } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";
import { type ReindexCommandOptions, withFlags } from "./reindex.ts";

export type EmbeddingFlags = Pick<
  ReindexCommandOptions,
  "embedding" | "embeddingModel" | "embeddingEndpoint" | "embeddingDimensions"
>;

const BUILT_IN: EmbeddingSettings = { provider: "hash", model: null, endpoint: null, dimensions: null };

/**
 * What embeds where flags say so: as an agent with the built-in embedding would be reindexed with them, with the person's
 * keys. Without flags it is undefined, whatever is configured, so that figures are the same for everybody.
 *
 * @throws MemGPTError `invalid_input` for flags that a provider does not have; `config_invalid` if a model must be named;
 *   LlmError if there is no key where one is needed.
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
  return createEmbedder(settings, credentials.configFor(settings.endpoint));
}

/** The error in words of a command whose embedding is chosen by flags and which changes nothing. */
export function inFlags(error: unknown): unknown {
  if (!(error instanceof MemGPTError)) return error;
  const message = withFlags(error.message).replace("Nothing was changed.", "Nothing was measured.");
  return new MemGPTError(error.code, message, { cause: error });
}
