import type { Embedder } from "../ports/embedder.ts";

/** An embedder created on first use, so that only its users see the error if it is unavailable. */
export function lazyEmbedder(create: () => Embedder): Embedder {
  let created: Embedder | undefined;
  const embedder = (): Embedder => (created ??= create());
  return {
    get model() {
      return embedder().model;
    },
    get dimensions() {
      return embedder().dimensions;
    },
    get minSimilarity() {
      return embedder().minSimilarity;
    },
    embed: (texts, signal) => embedder().embed(texts, signal),
  };
}
