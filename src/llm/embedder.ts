/** Turns texts into vectors by which similar texts are found. */
export interface Embedder {
  /** Names the vector space. Vectors of different models are never compared. */
  readonly model: string;
  readonly dimensions: number;
  /** Cosine similarity, in (0, 1], below which two texts are taken to be unrelated. */
  readonly minSimilarity: number;
  /**
   * Unit vectors, one per text in the same order; `null` for a text with nothing to embed (empty, only punctuation).
   *
   * @throws LlmError if the model cannot be reached.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]>;
}
