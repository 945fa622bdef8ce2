/** One entry of archival storage. `createdAt` (ISO 8601, UTC) is the time of insertion. */
export type Passage = {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
};

/** A passage with the vector it is found by; `null` where the text has nothing to embed. */
export type EmbeddedPassage = Passage & { readonly embedding: Float32Array | null };
