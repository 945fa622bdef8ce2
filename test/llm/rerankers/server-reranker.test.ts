import { describe, expect, test } from "vitest";
import { ServerReranker } from "../../../src/llm/rerankers/server-reranker.ts";
import { type Behaviour, json, modelServer, refuse } from "../../support/model-server.ts";

const TEXTS = ["The sky is blue.", "Leo is three.", "Rain."];

async function scoresFrom(script: readonly Behaviour[]): Promise<readonly number[]> {
  const server = await modelServer(script);
  return new ServerReranker({ model: "a-model", endpoint: server.endpoint, apiKey: null, env: {} }).scores(
    "How old is Leo?",
    TEXTS,
  );
}

describe("scores are read in the order of the texts from", () => {
  test.each([
    [
      "llama.cpp and vLLM",
      {
        results: [
          { index: 1, relevance_score: 7.5 },
          { index: 0, relevance_score: -3 },
          { index: 2, relevance_score: 0.25 },
        ],
      },
    ],
    [
      "text-embeddings-inference",
      [
        { index: 1, score: 7.5 },
        { index: 2, score: 0.25 },
        { index: 0, score: -3 },
      ],
    ],
  ])("%s", async (_, answer) => {
    expect(await scoresFrom([json(answer)])).toEqual([-3, 7.5, 0.25]);
  });
});

test("query, texts and model are sent under the names of every server", async () => {
  const scores = { results: TEXTS.map((_, index) => ({ index, relevance_score: index })) };
  const server = await modelServer([json(scores)]);

  await new ServerReranker({ model: "m", endpoint: server.endpoint, apiKey: "secret-key", env: {} }).scores("q", TEXTS);

  expect(server.seen[0]?.url).toBe("/v1/rerank");
  expect(server.seen[0]?.headers.authorization).toBe("Bearer secret-key");
  expect(server.seen[0]?.body).toEqual({ model: "m", query: "q", documents: TEXTS, texts: TEXTS });
});

test("a route beside /v1 is detected, and used from then on", async () => {
  const scores = TEXTS.map((_, index) => ({ index, score: index }));
  const server = await modelServer([refuse(404, { error: "not found" }), json(scores)]);
  const reranker = new ServerReranker({ model: "m", endpoint: server.endpoint, apiKey: null, env: {} });

  expect(await reranker.scores("q", TEXTS)).toEqual([0, 1, 2]);
  await reranker.scores("q", TEXTS);

  expect(server.seen.map(({ url }) => url)).toEqual(["/v1/rerank", "/rerank", "/rerank"]);
});

describe("an error says what is wrong, for", () => {
  test.each([
    ["too few scores", [{ index: 0, score: 1 }], /did not return a score for each text/],
    ["a score twice", [0, 0, 1].map((index) => ({ index, score: 1 })), /did not return a score for each text/],
    ["what is no number", TEXTS.map((_, index) => ({ index, score: "high" })), /did not return a score for each text/],
  ])("%s", async (_, answer, message) => {
    await expect(scoresFrom([json(answer)])).rejects.toThrow(message);
  });

  test("a server without it", async () => {
    await expect(scoresFrom([refuse(404, { error: "not found" })])).rejects.toThrow(/has no reranking at .*rerank/);
  });
});
