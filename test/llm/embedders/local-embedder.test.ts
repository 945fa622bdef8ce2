import { describe, expect, test } from "vitest";
import {
  type FeatureExtraction,
  LocalEmbedder,
  type LoadTransformers,
  type TransformersLibrary,
} from "../../../src/llm/embedders/local-embedder.ts";

/** A library whose model gives each text the vector `vectorOf` it, and what it was asked for. */
function library(vectorOf: (text: string) => number[]): { load: LoadTransformers; asked: unknown[] } {
  const asked: unknown[] = [];
  const extract: FeatureExtraction = async (texts, options) => {
    asked.push({ texts: texts.length, ...options });
    const rows = texts.map(vectorOf);
    return Promise.resolve({ data: Float32Array.from(rows.flat()), dims: [rows.length, rows[0]?.length ?? 0] });
  };
  const pipeline: TransformersLibrary["pipeline"] = async (task, model, options) => {
    asked.push({ task, model, ...options });
    return Promise.resolve(extract);
  };
  return { load: async () => Promise.resolve({ pipeline }), asked };
}

function notFound(): Error {
  return Object.assign(new Error("Cannot find package '@huggingface/transformers' imported from here"), {
    code: "ERR_MODULE_NOT_FOUND",
  });
}

describe("a model in this process", () => {
  test("is loaded with the first text, once, and asked in parts with mean pooling", async () => {
    const { load, asked } = library((text) => [text.length, 0]);
    const embedder = new LocalEmbedder("Xenova/all-MiniLM-L6-v2", null, load);
    const before = [...asked];

    const vectors = await embedder.embed(["", ...Array.from({ length: 17 }, (_, i) => `text ${i}`), "…"]);

    expect(before).toEqual([]);
    expect(vectors).toEqual([null, ...Array.from({ length: 17 }, () => Float32Array.of(1, 0)), null]);
    expect(asked).toEqual([
      { task: "feature-extraction", model: "Xenova/all-MiniLM-L6-v2", dtype: "fp32" },
      { texts: 16, pooling: "mean", normalize: true },
      { texts: 1, pooling: "mean", normalize: true },
    ]);
    expect(embedder).toMatchObject({ model: "Xenova/all-MiniLM-L6-v2", dimensions: 2 });
  });

  test("that cannot produce the chosen length says so", async () => {
    const { load } = library(() => [1, 2]);

    await expect(new LocalEmbedder("m", 3, load).embed(["a"])).rejects.toMatchObject({
      code: "llm_unavailable",
      message: expect.stringMatching(/returned a vector of 2 numbers instead of 3.*embedding_dimensions to 2/),
    });
  });

  test("that does not return one vector per text is refused", async () => {
    const extract: FeatureExtraction = async () => Promise.resolve({ data: [1, 2, 3], dims: [1, 1, 3] });
    const embedder = new LocalEmbedder("m", null, async () =>
      Promise.resolve({ pipeline: async () => Promise.resolve(extract) }),
    );

    await expect(embedder.embed(["a"])).rejects.toThrow(/did not return a vector for each text.*made for embeddings/);
  });

  test("is interrupted between two parts", async () => {
    const stop = new AbortController();
    const { load, asked } = library(() => {
      stop.abort();
      return [1];
    });

    const embedding = new LocalEmbedder("m", null, load).embed(
      Array.from({ length: 40 }, () => "a"),
      stop.signal,
    );

    await expect(embedding).rejects.toMatchObject({ name: "AbortError" });
    expect(asked.length).toBe(2);
  });
});

describe("without the package", () => {
  test("says how to install it or do without, and works once installed", async () => {
    const { load } = library(() => [1]);
    let isThere = false;
    const embedder = new LocalEmbedder("m", null, async () => (isThere ? load() : Promise.reject(notFound())));

    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      code: "llm_unavailable",
      message: expect.stringMatching(
        /is not installed\. Nothing was lost; run `npm install @huggingface\/transformers`.*`memgpt configure set embedding hash`/,
      ),
    });
    isThere = true;
    expect(await embedder.embed(["a"])).toEqual([Float32Array.of(1)]);
  });

  test("or with one that does not load, or an unavailable model, says why", async () => {
    const broken = new LocalEmbedder("m", null, async () => Promise.reject(new Error("wrong architecture")));
    const offline = new LocalEmbedder("m", null, async () =>
      Promise.resolve({ pipeline: async () => Promise.reject(new TypeError("fetch failed")) }),
    );

    await expect(broken.embed(["a"])).rejects.toThrow(/does not load \(wrong architecture\)/);
    await expect(offline.embed(["a"])).rejects.toThrow(
      /m cannot be loaded \(fetch failed\).*downloaded.*embedding_model/,
    );
  });
});
