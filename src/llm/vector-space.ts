import { LlmError } from "../errors.ts";

/** Dimensions of well-known models. */
const NATIVE: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 1536,
  "text-embedding-3-large": 3072,
  "text-embedding-ada-002": 1536,
};

/**
 * Cosine similarity below which two texts count as unrelated for any semantic model. No one figure fits all: unrelated texts
 * are near 0 for sentence-transformers, up to 0.3 for text-embedding-3, and 0.7 for text-embedding-ada-002, whose vectors lie
 * in a narrow cone. Passages are ranked anyway, so this leaves out only what is noise for every model; a higher limit would hide
 * right answers of models with low scores.
 *
 * @source github.com/Stevenic/vectra/issues/53 (3-small and ada-002 side by side), github.com/run-llama/llama_index/issues/12487
 */
export const SEMANTIC_MIN_SIMILARITY = 0.2;

/** Whether `text` has more than blanks and punctuation. */
export function hasContent(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text);
}

/** The vector space of one model: its name, its dimensions, and the check that a vector fits. */
export class VectorSpace {
  /** The same for a model wherever it runs: `text-embedding-3-small@1536`, `nomic-embed-text`. */
  readonly name: string;
  readonly #chosen: number | null;
  #dimensions: number | null;

  /** @param dimensions The chosen number; null for the model's own. */
  constructor(model: string, dimensions: number | null) {
    const plain = plainName(model);
    this.#chosen = dimensions;
    this.#dimensions = dimensions ?? NATIVE[plain] ?? null;
    this.name = this.#dimensions === null ? plain : `${plain}@${this.#dimensions}`;
  }

  /** Null until known from the settings, the model's name or the first vector. */
  get dimensions(): number | null {
    return this.#dimensions;
  }

  /** Scales vectors to length 1. @throws LlmError if one is invalid; the dimensions are then not learned from it. */
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
      throw this.#error("returned a vector with values that are not numbers", "restart the model, or choose another");
    }
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest === 0) {
      throw this.#error("returned a vector of zeros, which cannot be compared", "restart the model, or choose another");
    }
    // Scaling first keeps squares of very small or large numbers from under- or overflowing.
    const norm = largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0));
    return Float32Array.from(values, (value) => value / norm);
  }

  #lengthError(length: number, expected: number): LlmError {
    if (length === 0) return this.#error("returned an empty vector", "choose a model made for embeddings");
    const what = `returned a vector of ${length} numbers instead of ${expected}`;
    if (this.#chosen === null) return this.#error(what, "another model seems to answer by that name: check the server");
    return this.#error(what, `it cannot return ${expected}: set embedding_dimensions to ${length} or to null`);
  }

  #error(what: string, next: string): LlmError {
    return new LlmError(`The embedding model ${this.name} ${what}. Nothing was lost; ${next}.`);
  }
}

/** The name without what depends on machine or service: a file's folder, the default tag, the vendor of OpenAI's models. */
function plainName(model: string): string {
  const isFile = /^([~./\\]|[a-z]:\\)/i.test(model) || /\.gguf$/i.test(model);
  const name = isFile ? (model.split(/[\\/]/).at(-1) ?? model) : model;
  return name.replace(/:latest$/, "").replace(/^openai\/(?=text-embedding-)/, "");
}
