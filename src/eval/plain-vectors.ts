import type { Embedder } from "../index.ts";

/** Caches embeddings, because an evaluation needs the same vectors as storage, for the comparison with plain vectors. */
export function remembering(embedder: Embedder): Embedder {
  const known = new Map<string, Float32Array | null>();
  return {
    get model() {
      return embedder.model;
    },
    get dimensions() {
      return embedder.dimensions;
    },
    minSimilarity: embedder.minSimilarity,
    embed: async (texts, signal) => {
      const missing = [...new Set(texts)].filter((text) => !known.has(text));
      const vectors = missing.length === 0 ? [] : await embedder.embed(missing, signal);
      for (const [i, text] of missing.entries()) known.set(text, vectors[i] ?? null);
      return texts.map((text) => known.get(text) ?? null);
    },
  };
}

/** Ranks texts only by their cosine with a question, as any vector store does. */
export class PlainVectors {
  readonly #embedder: Embedder;
  #vectors: readonly (Float32Array | null)[] = [];

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  async hold(texts: readonly string[], signal?: AbortSignal): Promise<void> {
    this.#vectors = await this.#embedder.embed(texts, signal);
  }

  /** Indices of the `count` nearest texts, best first. */
  async rank(question: string, count: number): Promise<number[]> {
    const [asked = null] = await this.#embedder.embed([question]);
    const near = this.#vectors.map((vector, i) => ({ i, cosine: cosine(asked, vector) }));
    return near
      .sort((a, b) => b.cosine - a.cosine || a.i - b.i)
      .slice(0, count)
      .map(({ i }) => i);
  }
}

function cosine(one: Float32Array | null, other: Float32Array | null): number {
  if (one === null || other === null) return -1;
  return one.reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0);
}
