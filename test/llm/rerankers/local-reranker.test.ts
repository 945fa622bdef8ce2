import { expect, test } from "vitest";
import { type CrossEncoders, LocalReranker } from "../../../src/llm/rerankers/local-reranker.ts";

/** A model whose score of a text is its length, and what it was asked. */
function library(logitsOf = (texts: readonly string[]): number[] => texts.map(({ length }) => length)): {
  load: () => Promise<CrossEncoders>;
  asked: unknown[];
} {
  const asked: unknown[] = [];
  return {
    asked,
    load: async () => ({
      AutoTokenizer: {
        from_pretrained: async () => (queries, options) => {
          asked.push([queries.length, queries[0], options.truncation]);
          return { texts: options.text_pair };
        },
      },
      AutoModelForSequenceClassification: {
        from_pretrained: async (model) => {
          asked.push(model);
          return async ({ texts }) => {
            const data = logitsOf(texts as string[]);
            return { logits: { data, dims: [data.length, 1] } };
          };
        },
      },
    }),
  };
}

test("a cross-encoder is loaded once and reads the query beside eight texts at a time", async () => {
  const { load, asked } = library();
  const reranker = new LocalReranker("a/model", load);
  const texts = Array.from({ length: 10 }, (_, i) => "x".repeat(i));

  expect(await reranker.scores("q", texts)).toEqual(texts.map(({ length }) => length));
  await reranker.scores("again", ["x"]);

  expect(asked).toEqual(["a/model", [8, "q", true], [2, "q", true], [1, "again", true]]);
});

test("refuses a model that returns several numbers per text", async () => {
  const { load } = library((texts) => texts.flatMap(() => [0, 1]));

  await expect(new LocalReranker("a/model", load).scores("q", ["x"])).rejects.toThrow("made for reranking");
});

test("without the package the error names it, and a later search tries again", async () => {
  const { load } = library();
  let isThere = false;
  const reranker = new LocalReranker("a/model", async () => {
    if (!isThere) throw new Error("Cannot find package");
    return load();
  });

  await expect(reranker.scores("q", ["x"])).rejects.toThrow("npm install @huggingface/transformers");
  isThere = true;
  expect(await reranker.scores("q", ["xx"])).toEqual([2]);
});
