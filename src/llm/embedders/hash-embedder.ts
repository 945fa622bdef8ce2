import { setImmediate } from "node:timers/promises";
import type { Embedder } from "../../ports/embedder.ts";

const DIMENSIONS = 1024;
/** Share of a text's weight that its character n-grams carry; the rest is its words'. */
const CHARACTER_SHARE = 0.5;
const NGRAMS = [3, 4];
/** Texts between two pauses. A long text takes a millisecond or more, and several callers may take turns. */
const AT_A_TIME = 4;

/**
 * A deterministic, dependency-free stand-in for an embedding model: words and character n-grams hashed into 1,024 signed
 * buckets. It finds misspellings and inflections of the same words, not the same meaning in other words.
 *
 * @source Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"
 */
export class HashEmbedder implements Embedder {
  readonly model = "hash-1024";
  readonly dimensions = DIMENSIONS;
  // Unrelated texts share n-grams by accident; below this, most hits are such.
  readonly minSimilarity = 0.25;

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    const vectors: (Float32Array | null)[] = [];
    for (const [index, text] of texts.entries()) {
      // Lets other work run in between.
      if (index > 0 && index % AT_A_TIME === 0) await setImmediate();
      signal?.throwIfAborted();
      vectors.push(embedText(text));
    }
    return vectors;
  }
}

function embedText(text: string): Float32Array | null {
  const words = new Map<string, number>();
  for (const [word] of text
    .normalize("NFKC")
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}]+/gu))
    words.set(word, (words.get(word) ?? 0) + 1);
  if (words.size === 0) return null;
  const vector = new Float32Array(DIMENSIONS);
  addFeatures(vector, wordFeatures(words), 1 - CHARACTER_SHARE);
  addFeatures(vector, ngramFeatures(words), CHARACTER_SHARE);
  const norm = lengthOf(vector);
  // Opposite signs can cancel out, and a zero vector cannot be compared.
  if (norm === 0) return null;
  // Most numbers are 0.
  for (let i = 0; i < DIMENSIONS; i += 1) if (vector[i] !== 0) vector[i] = (vector[i] ?? 0) / norm;
  return vector;
}

/** Hashes of the different features of a text, and how often it has each. */
type Features = { readonly hashes: number[]; readonly counts: number[] };

function wordFeatures(words: ReadonlyMap<string, number>): Features {
  return { hashes: Array.from(words.keys(), (word) => fnv1a(word)), counts: [...words.values()] };
}

/** Character n-grams of words with a mark at each end. They are made once for each different word, and most without strings. */
function ngramFeatures(words: ReadonlyMap<string, number>): Features {
  const features: Features = { hashes: [], counts: [] };
  const places = new Map<number | string, number>();
  for (const [word, count] of words) {
    const characters = Array.from(`<${word}>`);
    for (const n of NGRAMS) {
      const prefix = fnv1a(`${n}:`);
      for (let i = 0; i + n <= characters.length; i += 1) {
        const key = keyOf(characters, i, n);
        const place = places.get(key);
        if (place !== undefined) {
          features.counts[place] = (features.counts[place] ?? 0) + count;
          continue;
        }
        places.set(key, features.hashes.length);
        let hash = prefix;
        for (let j = i; j < i + n; j += 1) hash = fnv1a(characters[j] ?? "", hash);
        features.hashes.push(hash);
        features.counts.push(count);
      }
    }
  }
  return features;
}

/** An n-gram as a number if its letters are of alphabets with small codes: four of 13 bits fit exactly. */
function keyOf(characters: readonly string[], start: number, n: number): number | string {
  let key = 0;
  for (let i = start; i < start + n; i += 1) {
    const code = characters[i]?.codePointAt(0) ?? 0;
    if (code >= 0x2000) return characters.slice(start, start + n).join("");
    key = key * 0x2000 + code;
  }
  return key;
}

/** Adds `features`, each weighed by the logarithm of its count, with `share` of the length of a unit vector. */
function addFeatures(vector: Float32Array, { hashes, counts }: Features, share: number): void {
  const weights = Float64Array.from(counts, (count) => 1 + Math.log(count));
  const norm = lengthOf(weights);
  for (const [i, hash] of hashes.entries()) {
    const bucket = hash % DIMENSIONS;
    const sign = hash & 0x80000000 ? -1 : 1;
    vector[bucket] = (vector[bucket] ?? 0) + (sign * share * (weights[i] ?? 0)) / norm;
  }
}

/** What `Math.hypot(...values)` returns, to the last bit: vectors stored earlier were made with it. It takes five times as long. */
function lengthOf(values: Float32Array | Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i] ?? 0));
  if (most === 0) return 0;
  let sum = 0;
  let compensation = 0;
  for (let i = 0; i < values.length; i += 1) {
    const share = Math.abs(values[i] ?? 0) / most;
    const summand = share * share - compensation;
    const next = sum + summand;
    compensation = next - sum - summand;
    sum = next;
  }
  return Math.sqrt(sum) * most;
}

/** @param start The hash of the text before it. */
function fnv1a(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
