import type { Embedder } from "../ports/embedder.ts";

/** An embedder that is made when it is first needed: where it cannot be had, whoever needs it is told then. */
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
