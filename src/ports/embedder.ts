/** Turns texts into vectors by which similar texts are found. */
export interface Embedder {
  /**
   * Name of the vector space; it never changes and is the same on every machine. Vectors of different models are never
   * compared.
   */
  readonly model: string;
  /** Numbers in a vector; null while unknown, possibly until the first text is embedded. */
  readonly dimensions: number | null;
  /** Cosine similarity, in (0, 1], below which two texts are taken to be unrelated. */
  readonly minSimilarity: number;
  /**
   * Unit vectors, one per text in the same order; `null` for a text with nothing to embed (empty, only punctuation).
   *
   * @throws LlmError if the model cannot be reached or loaded, or returns unusable vectors.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]>;
}
