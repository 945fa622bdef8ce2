/**
 * One entry of archival storage. `createdAt` (ISO 8601, UTC) is the time of insertion; `origin` as `originOf` writes it, absent
 * for what older versions kept.
 */
export type Passage = {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
  readonly origin?: string | undefined;
};

/** A vector and the model that made it. Only vectors of one model can be compared. */
export type Embedding = { readonly model: string; readonly vector: Float32Array };

/** A passage with its vector; null if the text has nothing to embed or could not be embedded. */
export type EmbeddedPassage = Passage & { readonly embedding: Embedding | null };
