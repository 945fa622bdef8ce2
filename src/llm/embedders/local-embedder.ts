import { LlmError, describe } from "../../errors.ts";
import type { Embedder } from "../../ports/embedder.ts";
import { SEMANTIC_MIN_SIMILARITY, VectorSpace, hasContent } from "../vector-space.ts";

/** What is used of `@huggingface/transformers`, an optional peer dependency. */
export type TransformersLibrary = {
  readonly pipeline: (
    task: "feature-extraction",
    model: string,
    options: { readonly dtype: "fp32" },
  ) => Promise<FeatureExtraction>;
};

/** Gives one row of numbers for each text: `dims` is how many rows, and how many numbers in a row. */
export type FeatureExtraction = (
  texts: string[],
  options: { readonly pooling: "mean"; readonly normalize: true },
) => Promise<{ readonly data: ArrayLike<number>; readonly dims: readonly number[] }>;

export type LoadTransformers = () => Promise<TransformersLibrary>;

const PACKAGE = "@huggingface/transformers";

/** By a variable, since neither types nor bundlers shall ask for a package that most people do not have. */
const loadTransformers: LoadTransformers = async () => (await import(PACKAGE)) as TransformersLibrary;

/** Texts at a time. They are padded to the longest among them, and nothing can be interrupted before they are through. */
const BATCH = 16;

/**
 * A sentence-transformers model in this process. Nothing is loaded before the first text; weights are downloaded the first time
 * that they are wanted and kept by the library. Texts that are too long for the model are embedded by their beginning.
 */
export class LocalEmbedder implements Embedder {
  readonly model: string;
  readonly minSimilarity = SEMANTIC_MIN_SIMILARITY;
  readonly #name: string;
  readonly #space: VectorSpace;
  readonly #load: LoadTransformers;
  #extract: Promise<FeatureExtraction> | undefined;

  /** @param model as the Hugging Face hub names it, or a folder. */
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
          `The embedding model ${this.#name} gave no vector for each text. Nothing was lost; choose one that is made for embeddings.`,
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
    // What failed may work the next time: somebody may have installed or connected something.
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
        `${PACKAGE}, which local embeddings are made with, ${what}. Nothing was lost; run \`npm install ${PACKAGE}\` where ` +
          "memgpt is installed (with -g if memgpt is), or do without: `memgpt configure set embedding hash`.",
        { cause },
      );
    });
    try {
      return await library.pipeline("feature-extraction", this.#name, { dtype: "fp32" });
    } catch (cause) {
      throw new LlmError(
        `The embedding model ${this.#name} cannot be loaded (${describe(cause)}). Nothing was lost; its weights are downloaded ` +
          "from huggingface.co the first time: connect, or set embedding_model to another model or to a folder that has one.",
        { cause },
      );
    }
  }
}
