import type { Embedder } from "memgpt";

/** Words that mean the same. */
const MEANINGS = [
  ["car", "automobile"],
  ["boat", "ship"],
  ["dog", "hound"],
  ["house", "home"],
  ["physician", "doctor"],
];

type Behaviour = {
  readonly dimensions?: number;
  /** Called before a batch is embedded; what it throws is what the embedder throws. */
  readonly before?: (texts: readonly string[], signal: AbortSignal | undefined) => void | Promise<void>;
};

/**
 * An embedder that knows a few words by their meaning, each model in numbers of its own: with the vectors of one, a query of
 * another finds something else.
 */
export class TestEmbedder implements Embedder {
  readonly model: string;
  readonly dimensions: number;
  readonly minSimilarity = 0.9;
  /** What it was asked for, batch by batch. */
  readonly asked: (readonly string[])[] = [];
  readonly #before: NonNullable<Behaviour["before"]>;

  constructor(model: string, { dimensions = 8, before = () => undefined }: Behaviour = {}) {
    this.model = model;
    this.dimensions = dimensions;
    this.#before = before;
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    this.asked.push(texts);
    await this.#before(texts, signal);
    return texts.map((text) => this.vectorOf(text));
  }

  /** Null for a text without a word that it knows. */
  vectorOf(text: string): Float32Array | null {
    const words: string[] = text.toLowerCase().match(/\p{L}+/gu) ?? [];
    const vector = new Float32Array(this.dimensions);
    const shift = Array.from(this.model).reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0);
    for (const [meaning, names] of MEANINGS.entries()) {
      if (names.some((name) => words.includes(name))) vector[(meaning + shift) % this.dimensions] = 1;
    }
    const norm = Math.hypot(...vector);
    return norm === 0 ? null : vector.map((value) => value / norm);
  }
}
