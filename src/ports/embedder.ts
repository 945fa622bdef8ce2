/** Turns texts into vectors by which similar texts are found. */
export interface Embedder {
  /**
   * Names the vector space, the same on every machine and for as long as it lives. Vectors of different models are never
   * compared.
   */
  readonly model: string;
  /** Numbers in a vector; null as long as that is not known, which may be until the first text is embedded. */
  readonly dimensions: number | null;
  /** Cosine similarity, in (0, 1], below which two texts are taken to be unrelated. */
  readonly minSimilarity: number;
  /**
   * Unit vectors, one per text in the same order; `null` for a text with nothing to embed (empty, only punctuation).
   *
   * @throws LlmError if the model cannot be reached or loaded, or gives vectors that cannot be used.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]>;
}
