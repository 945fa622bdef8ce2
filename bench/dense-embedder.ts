import type { Embedder } from "../src/ports/embedder.ts";
import { STOP_WORDS } from "../src/search/stop-words.ts";
import { type Random, integer, seeded } from "../test/crash/random.ts";

/** Latent dimensions behind the hundreds of a neural model. */
const LATENT = 64;
const TOPICS = 200;
/** Distances of a word from its topic and of a text from its words, relative to 1. */
const WORD_SPREAD = 0.7;
const TEXT_NOISE = 0.15;

/**
 * Stands in for a neural embedder: dense vectors in clusters, similar for texts that share words or topics, and the same in
 * every run. It understands nothing.
 */
export class DenseEmbedder implements Embedder {
  readonly model: string;
  readonly dimensions: number;
  readonly minSimilarity = 0.3;
  readonly #topics: readonly Float32Array[];
  readonly #projection: readonly Float32Array[];
  readonly #words = new Map<string, Float32Array>();

  constructor(dimensions = 384) {
    this.model = `bench-dense-${dimensions}`;
    this.dimensions = dimensions;
    const random = seeded(3);
    this.#topics = Array.from({ length: TOPICS }, () => gaussian(random, LATENT));
    this.#projection = Array.from({ length: LATENT }, () => gaussian(random, this.dimensions));
  }

  async embed(texts: readonly string[]): Promise<(Float32Array | null)[]> {
    return texts.map((text) => this.#vector(text));
  }

  #vector(text: string): Float32Array | null {
    const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    const telling = words.filter((word) => !STOP_WORDS.has(word));
    if (telling.length === 0) return null;
    const latent = new Float32Array(LATENT);
    for (const word of telling) add(latent, this.#word(word), 1);
    const vector = new Float32Array(this.dimensions);
    const length = norm(latent);
    for (const [i, axis] of this.#projection.entries()) add(vector, axis, (latent[i] ?? 0) / length);
    const noise = gaussian(seeded(hash(text)), this.dimensions);
    add(vector, noise, (TEXT_NOISE * norm(vector)) / norm(noise));
    const all = norm(vector);
    return vector.map((value) => value / all);
  }

  #word(word: string): Float32Array {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const random = seeded(hash(word));
    const vector = gaussian(random, LATENT).map((value) => value * WORD_SPREAD);
    const topic = this.#topics[integer(random, TOPICS)];
    if (topic !== undefined) add(vector, topic, 1);
    this.#words.set(word, vector);
    return vector;
  }
}

function add(to: Float32Array, vector: Float32Array, weight: number): void {
  for (let i = 0; i < to.length; i += 1) to[i] = (to[i] ?? 0) + (vector[i] ?? 0) * weight;
}

function norm(vector: Float32Array): number {
  let squares = 0;
  for (const value of vector) squares += value * value;
  return Math.sqrt(squares);
}

/** A sum of six is close enough to a normal distribution with deviation 1 / √2. */
function gaussian(random: Random, length: number): Float32Array {
  return Float32Array.from({ length }, () => random() + random() + random() + random() + random() + random() - 3);
}

/** @source FNV-1a */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
