import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FindResult } from "memgpt";
import { expect, test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { type Behaviour, json, modelServer, stall } from "../support/model-server.ts";

const SAID = [
  "Leo is three.",
  "Ana is thirty.",
  "Leo likes trains.",
  "Mia is five.",
  "Ben is nine.",
  "How old we are!",
];

/** Finds the text with trains best. */
const preferringTrains: Behaviour = (response, request) => {
  const texts = request.body["documents"] as string[];
  json({ results: texts.map((text, index) => ({ index, relevance_score: text.includes("trains") ? 9 : -index })) })(
    response,
    request,
  );
};

async function found(behaviour: Behaviour, settings: Readonly<Record<string, unknown>> = {}): Promise<FindResult> {
  const server = await modelServer([behaviour]);
  const dir = join(temporaryFolder(), "home");
  mkdirSync(dir);
  const config = { rerank: "server", rerank_endpoint: server.endpoint, rerank_model: "m", ...settings };
  writeFileSync(join(dir, "config.json"), JSON.stringify(config));
  const memgpt = await testHome({ dir });
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.importMessages(SAID.map((text, i) => ({ role: "user", text, time: `2026-05-0${i + 1}T09:00:00Z` })));
  return memgpt.find("sam", { query: "How old is Leo, and what does Leo like?", in: "recall" });
}

test("a reranker named in the configuration orders the results, and the signals say so", async () => {
  const { results, notices } = await found(preferringTrains);

  expect(results[0]?.text).toBe("Leo likes trains.");
  expect(results[0]?.signals["rerank"]).toBeGreaterThan(0);
  expect(notices).toBeUndefined();
});

test("a late one is skipped with a notice", async () => {
  const { results, notices } = await found(stall(), { rerank_seconds: 0.1 });

  expect(results.length).toBeGreaterThan(1);
  expect(results.every(({ signals }) => !("rerank" in signals))).toBe(true);
  expect(notices).toEqual(["Results are ranked without m (no answer within 0.1 s)."]);
});

test("a failing one is skipped with a notice that says why", async () => {
  const { results, notices } = await found(json({ error: { message: "no such model" } }, 500));

  expect(results.length).toBeGreaterThan(1);
  expect(notices?.[0]).toMatch(/^Results are ranked without m \(.*500/);
});
