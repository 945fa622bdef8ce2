import { MemGPTError, describe } from "../errors.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { Rerank, Reranking } from "../ports/reranker.ts";

type Context = { readonly notify: NoticeSink; readonly signal?: AbortSignal | undefined };

/**
 * The reranking part of a search; empty without a reranker. A reranker that fails or is late causes a notice and no
 * scores.
 */
export function rerankOf(
  query: string,
  reranking: Reranking | undefined,
  { notify, signal }: Context,
): { readonly rerank?: Rerank } {
  if (reranking === undefined) return {};
  const { reranker, withinMs } = reranking;
  const scores: Rerank["scores"] = async (texts) => {
    const late = AbortSignal.timeout(withinMs);
    const stop = signal === undefined ? late : AbortSignal.any([signal, late]);
    try {
      return await Promise.race([reranker.scores(query, texts, stop), abortOf(stop)]);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MemGPTError && error.code === "interrupted" && !late.aborted) throw error;
      const why = late.aborted ? `no answer within ${withinMs / 1000} s` : describe(error).replace(/\.$/, "");
      notify(`Results are ranked without ${reranker.model} (${why}).`);
      return undefined;
    }
  };
  return { rerank: { model: reranker.model, scores } };
}

/** Rejects when `signal` is aborted, because not every model can be interrupted. A later result is dropped. */
async function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new Error("aborted"));
    });
  });
}
