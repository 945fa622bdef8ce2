import { adviceFor } from "./check-model.ts";
import { describe } from "./errors.ts";
import { type Check, fail, ok } from "./health.ts";
import { OPENAI_ENDPOINT } from "./providers.ts";
import type { EmbeddingSettings } from "./schema/state.ts";
import { type EmbeddingTrialOptions, tryEmbedding } from "./try-embedding.ts";

/** Whether one text can be embedded, and how many numbers that gives. */
export async function checkEmbedding(settings: EmbeddingSettings, options: EmbeddingTrialOptions): Promise<Check> {
  const name = "embedding";
  const { provider, endpoint } = settings;
  try {
    const { model, dimensions, seconds } = await tryEmbedding(settings, options);
    const length = `${dimensions.toLocaleString("en-US")} dimensions`;
    if (provider === "hash") return ok(name, `${model}, built in: ${length}`);
    const where = provider === "local" ? "in this process" : `at ${endpoint ?? OPENAI_ENDPOINT}`;
    return ok(name, `${model} ${where}: ${length}, ${seconds.toFixed(1)} s`);
  } catch (error) {
    options.signal?.throwIfAborted();
    const advice =
      provider === "local" ? "Until it works, archival memory is searched by words only." : adviceFor(error);
    return fail(name, describe(error), advice);
  }
}
