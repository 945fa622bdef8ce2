import type { Embedder } from "../ports/embedder.ts";

/** An embedder made when first needed: if it is unavailable, only its users see the error. */
export function lazyEmbedder(make: () => Embedder): Embedder {
  let made: Embedder | undefined;
  const embedder = (): Embedder => (made ??= make());
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
