import { LlmError } from "../errors.ts";

/** Lengths of models that everybody knows by one name. */
const NATIVE: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 1536,
  "text-embedding-3-large": 3072,
  "text-embedding-ada-002": 1536,
};

/**
 * Cosine similarity below which a semantic model takes two texts to be unrelated. No one figure fits all: what has nothing to
 * do with each other is near 0 for sentence-transformers, up to 0.3 for text-embedding-3, and 0.7 for text-embedding-ada-002,
 * whose vectors lie in a narrow cone. Passages are ranked anyway, so this leaves out only what is noise for every model;
 * a higher one would hide right answers of those with low scores.
 *
 * @source github.com/Stevenic/vectra/issues/53 (3-small and ada-002 side by side), github.com/run-llama/llama_index/issues/12487
 */
export const SEMANTIC_MIN_SIMILARITY = 0.2;

/** Whether there is more in `text` than blanks and punctuation. */
export function hasContent(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text);
}

/** The space that the vectors of one model are in: its name, its length, and the check that a vector belongs there. */
export class VectorSpace {
  /** The same for one model wherever it runs: `text-embedding-3-small@1536`, `nomic-embed-text`. */
  readonly name: string;
  readonly #chosen: number | null;
  #dimensions: number | null;

  /** @param dimensions the chosen number; null for the model's own. */
  constructor(model: string, dimensions: number | null) {
    const plain = plainName(model);
    this.#chosen = dimensions;
    this.#dimensions = dimensions ?? NATIVE[plain] ?? null;
    this.name = this.#dimensions === null ? plain : `${plain}@${this.#dimensions}`;
  }

  /** Null as long as there was no vector yet and nobody said. */
  get dimensions(): number | null {
    return this.#dimensions;
  }

  /** The vectors, scaled to length 1. @throws LlmError if one of them is not valid; then nothing is remembered. */
  units(vectors: readonly ArrayLike<number>[]): Float32Array[] {
    const expected = this.#dimensions ?? vectors[0]?.length ?? 0;
    const units = vectors.map((vector) => {
      if (vector.length !== expected || expected === 0) throw this.#lengthError(vector.length, expected);
      return this.#unit(vector);
    });
    if (units.length > 0) this.#dimensions = expected;
    return units;
  }

  #unit(vector: ArrayLike<number>): Float32Array {
    const values = Float64Array.from(vector);
    if (!values.every((value) => Number.isFinite(value))) {
      throw this.#error("gave a vector with something in it that is no number", "restart the model, or choose another");
    }
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest === 0) {
      throw this.#error("gave a vector of zeros, which is like no other", "restart the model, or choose another");
    }
    // Squares of very small or very large numbers would be lost.
    const norm = largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0));
    return Float32Array.from(values, (value) => value / norm);
  }

  #lengthError(length: number, expected: number): LlmError {
    if (length === 0) return this.#error("gave an empty vector", "choose a model that is made for embeddings");
    const what = `gave a vector of ${length} numbers instead of ${expected}`;
    if (this.#chosen === null)
      return this.#error(what, "another model seems to answer by that name: look at the server");
    return this.#error(what, `it cannot give ${expected}: set embedding_dimensions to ${length} or to null`);
  }

  #error(what: string, next: string): LlmError {
    return new LlmError(`The embedding model ${this.name} ${what}. Nothing was lost; ${next}.`);
  }
}

/** Without what depends on the machine or the service: the folder of a file, the default tag, the vendor of OpenAI's models. */
function plainName(model: string): string {
  const isFile = /^([~./\\]|[a-z]:\\)/i.test(model) || /\.gguf$/i.test(model);
  const name = isFile ? (model.split(/[\\/]/).at(-1) ?? model) : model;
  return name.replace(/:latest$/, "").replace(/^openai\/(?=text-embedding-)/, "");
}
