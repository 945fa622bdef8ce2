import type { EmbeddingSettings } from "./state.ts";

/** Name of the built-in model, which needs no network and no key. */
export const PRACTICE_MODEL = "practice";

/** The function that an agent speaks with. Its argument `message` is what the person hears, and what searches find. */
export const SEND_MESSAGE = "send_message";

/** The default: needs no network, no key and no download. */
export const HASH_EMBEDDING: EmbeddingSettings = { provider: "hash", model: null, endpoint: null, dimensions: null };
