import type { EmbeddingSettings } from "./state.ts";

/** Name of the built-in model, which needs no network and no key. */
export const PRACTICE_MODEL = "practice";

/** What a person gets who chose nothing: needs no network, no key and no download. */
export const HASH_EMBEDDING: EmbeddingSettings = { provider: "hash", model: null, endpoint: null, dimensions: null };
