/** A cross-encoder: reads a query together with each text and rates how well the text answers it. */
export interface Reranker {
  readonly model: string;
  /**
   * One score per text in the same order, on any scale; the higher, the better.
   *
   * @throws LlmError if the model cannot be reached or loaded, or does not return a score for each text.
   */
  scores(query: string, texts: readonly string[], signal?: AbortSignal): Promise<readonly number[]>;
}

/** A reranker as one search uses it. */
export type Rerank = {
  readonly model: string;
  /** Undefined where it failed or took too long: the search does without. */
  readonly scores: (texts: readonly string[]) => Promise<readonly number[] | undefined>;
};

/** The reranker of an agent's searches, and how long one of them waits for it. */
export type Reranking = { readonly reranker: Reranker; readonly withinMs: number };
