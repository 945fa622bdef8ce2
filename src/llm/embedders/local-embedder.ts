import { LlmError, describe } from "../../errors.ts";
import type { Embedder } from "../../ports/embedder.ts";
import { SEMANTIC_MIN_SIMILARITY, VectorSpace, hasContent } from "../vector-space.ts";

/** The part of `@huggingface/transformers`, an optional peer dependency, that is used here. */
export type TransformersLibrary = {
  readonly pipeline: (
    task: "feature-extraction",
    model: string,
    options: { readonly dtype: "fp32" },
  ) => Promise<FeatureExtraction>;
};

/** Returns one row of numbers per text. `dims`: number of rows, numbers per row. */
export type FeatureExtraction = (
  texts: string[],
  options: { readonly pooling: "mean"; readonly normalize: true },
) => Promise<{ readonly data: ArrayLike<number>; readonly dims: readonly number[] }>;

export type LoadTransformers = () => Promise<TransformersLibrary>;

const PACKAGE = "@huggingface/transformers";

/** The name is in a variable so that neither TypeScript nor bundlers require a package that most people do not have. */
const loadTransformers: LoadTransformers = async () => (await import(PACKAGE)) as TransformersLibrary;

/** Texts per batch. All are padded to the longest, and a batch cannot be interrupted. */
const BATCH = 16;

/**
 * A sentence-transformers model in this process. Loads it for the first text; the library downloads the weights once and
 * caches them. Of a text too long for the model, only the beginning is embedded.
 */
export class LocalEmbedder implements Embedder {
  readonly model: string;
  readonly minSimilarity = SEMANTIC_MIN_SIMILARITY;
  readonly #name: string;
  readonly #space: VectorSpace;
  readonly #load: LoadTransformers;
  #extract: Promise<FeatureExtraction> | undefined;

  /** @param model Name on the Hugging Face hub, or a folder. */
  constructor(model: string, dimensions: number | null = null, load: LoadTransformers = loadTransformers) {
    this.#name = model;
    this.#space = new VectorSpace(model, dimensions);
    this.model = this.#space.name;
    this.#load = load;
  }

  get dimensions(): number | null {
    return this.#space.dimensions;
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    const vectors: (Float32Array | null)[] = texts.map(() => null);
    const items = texts.flatMap((text, at) => (hasContent(text) ? [{ at, text }] : []));
    for (let start = 0; start < items.length; start += BATCH) {
      signal?.throwIfAborted();
      const batch = items.slice(start, start + BATCH);
      const found = await this.#embedBatch(batch.map(({ text }) => text));
      for (const [i, vector] of found.entries()) vectors[batch[i]?.at ?? 0] = vector;
    }
    return vectors;
  }

  async #embedBatch(texts: string[]): Promise<Float32Array[]> {
    const extract = await this.#loaded();
    try {
      const { data, dims } = await extract(texts, { pooling: "mean", normalize: true });
      const [rows = 0, length = 0] = dims;
      if (dims.length !== 2 || rows !== texts.length || data.length !== rows * length) {
        throw new LlmError(
          `The embedding model ${this.#name} did not return a vector for each text. Nothing was lost; choose a model made for embeddings.`,
        );
      }
      const row = (i: number): number[] => Array.from({ length }, (_, j) => data[i * length + j] ?? Number.NaN);
      return this.#space.units(texts.map((_, i) => row(i)));
    } catch (error) {
      if (error instanceof LlmError) throw error;
      throw new LlmError(
        `The embedding model ${this.#name} failed (${describe(error)}). Nothing was lost; try again.`,
        {
          cause: error,
        },
      );
    }
  }

  async #loaded(): Promise<FeatureExtraction> {
    // A later call tries again: the package or the network may be there by then.
    this.#extract ??= this.#loadModel().catch((error: unknown) => {
      this.#extract = undefined;
      throw error;
    });
    return this.#extract;
  }

  async #loadModel(): Promise<FeatureExtraction> {
    const library = await this.#load().catch((cause: unknown) => {
      const isMissing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
      const what =
        isMissing && describe(cause).includes(PACKAGE) ? "is not installed" : `does not load (${describe(cause)})`;
      throw new LlmError(
        `${PACKAGE}, which the embedding local needs, ${what}. Nothing was lost; run \`npm install ${PACKAGE}\` where ` +
          "memgpt is installed (with -g if memgpt is), or use the built-in one: `memgpt configure set embedding hash`.",
        { cause },
      );
    });
    try {
      return await library.pipeline("feature-extraction", this.#name, { dtype: "fp32" });
    } catch (cause) {
      throw new LlmError(
        `The embedding model ${this.#name} cannot be loaded (${describe(cause)}). Nothing was lost; its weights are downloaded ` +
          "from huggingface.co the first time: connect, or set embedding_model to another model or to a folder with one.",
        { cause },
      );
    }
  }
}
