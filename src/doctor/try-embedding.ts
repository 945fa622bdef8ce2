import { createEmbedder } from "../compose.ts";
import { LlmError } from "../errors.ts";
import type { Connection } from "../schema/connection.ts";
import type { EmbeddingSettings } from "../schema/state.ts";

/** The result of embedding one text. `model` names the vector space. */
export type EmbeddingTrial = { readonly model: string; readonly dimensions: number; readonly seconds: number };

export type EmbeddingTrialOptions = {
  /** Connection to the embedding server, for providers that have one. */
  readonly connection: Connection;
  /** In milliseconds. A local model gets at least `LOCAL_TIMEOUT`: it may have to be downloaded. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
};

const LOCAL_TIMEOUT = 600_000;

/**
 * Embeds one text.
 *
 * @throws MemGPTError `config_invalid`; LlmError of the model, or if it does not answer in time. Nothing is retried.
 */
export async function tryEmbedding(
  settings: EmbeddingSettings,
  { connection, timeout, signal }: EmbeddingTrialOptions,
): Promise<EmbeddingTrial> {
  const embedder = createEmbedder(settings, connection, { attempts: 1 });
  const longest = settings.provider.startsWith("local") ? Math.max(timeout, LOCAL_TIMEOUT) : timeout;
  const limit = AbortSignal.timeout(longest);
  const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const started = performance.now();
  try {
    // Not every model heeds the signal while it loads.
    const [vector] = await Promise.race([embedder.embed(["lighthouse"], either), aborted(either)]);
    const seconds = (performance.now() - started) / 1000;
    return { model: embedder.model, dimensions: vector?.length ?? 0, seconds };
  } catch (cause) {
    signal?.throwIfAborted();
    if (limit.aborted) throw new LlmError(`${embedder.model} did not answer within ${longest / 1000} s.`, { cause });
    throw cause;
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new Error("aborted", { cause: signal.reason }));
    });
  });
}
