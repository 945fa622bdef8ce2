import { setImmediate } from "node:timers/promises";
import type { Embedder } from "../../ports/embedder.ts";

const DIMENSIONS = 1024;
/** Share of a text's weight that its character n-grams carry; the rest is its words'. */
const CHARACTER_SHARE = 0.5;
const NGRAMS = [3, 4];
/** A long text takes a millisecond. */
const AT_A_TIME = 16;

/**
 * A deterministic, dependency-free stand-in for an embedding model: words and character n-grams hashed into 1,024 signed
 * buckets. It finds misspellings and inflections of the same words, not the same meaning in other words.
 *
 * @source Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"
 */
export class HashEmbedder implements Embedder {
  readonly model = "hash-1024";
  readonly dimensions = DIMENSIONS;
  // Unrelated texts share n-grams by accident; below this the hits are mostly those.
  readonly minSimilarity = 0.25;

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    const vectors: (Float32Array | null)[] = [];
    for (const [index, text] of texts.entries()) {
      // Whoever waits has a turn in between.
      if (index > 0 && index % AT_A_TIME === 0) await setImmediate();
      signal?.throwIfAborted();
      vectors.push(embedText(text));
    }
    return vectors;
  }
}

function embedText(text: string): Float32Array | null {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return null;
  const vector = new Float32Array(DIMENSIONS);
  addFeatures(vector, words, 1 - CHARACTER_SHARE);
  addFeatures(vector, words.flatMap(characterNgrams), CHARACTER_SHARE);
  const norm = Math.hypot(...vector);
  // Opposite signs can cancel out, and a vector without direction cannot be compared.
  return norm === 0 ? null : vector.map((value) => value / norm);
}

function characterNgrams(word: string): string[] {
  const padded = Array.from(`<${word}>`);
  return NGRAMS.flatMap((n) =>
    Array.from({ length: Math.max(0, padded.length - n + 1) }, (_, i) => `${n}:${padded.slice(i, i + n).join("")}`),
  );
}

/** Adds `features`, each weighed by the logarithm of its count, with `share` of the length of a unit vector. */
function addFeatures(vector: Float32Array, features: readonly string[], share: number): void {
  const counts = new Map<string, number>();
  for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const weights = [...counts].map(([feature, count]) => ({ hash: fnv1a(feature), weight: 1 + Math.log(count) }));
  const norm = Math.hypot(...weights.map(({ weight }) => weight));
  for (const { hash, weight } of weights) {
    const bucket = hash % DIMENSIONS;
    const sign = hash & 0x80000000 ? -1 : 1;
    vector[bucket] = (vector[bucket] ?? 0) + (sign * share * weight) / norm;
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
