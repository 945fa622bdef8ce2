import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { type Behaviour, embeddings, modelServer, refuse } from "../support/model-server.ts";

/** What texts are about, in this model's view: one number each. */
const TOPICS = [/dog|puppy|hound/i, /boat|sail|harbour/i, /violin|concert/i];

const byMeaning: Behaviour = (response, request) => {
  const texts = request.body["input"] as string[];
  embeddings(texts.map((text) => TOPICS.map((topic) => (topic.test(text) ? 1 : 0.01))))(response, request);
};

test("archival memory is searched by meaning through a server that sometimes fails", async () => {
  const busy = refuse(503, { error: { message: "loading" } }, { "retry-after-ms": "1" });
  const server = await modelServer([busy, byMeaning]);
  const dir = temporaryFolder();
  const config = { embedding: "openai", embedding_model: "by-meaning", embedding_endpoint: server.endpoint };
  writeFileSync(join(dir, "config.json"), JSON.stringify(config));
  writeFileSync(join(dir, "credentials.json"), JSON.stringify({ keys: { [server.endpoint]: "sk-1" } }), {
    mode: 0o600,
  });
  const memgpt = await MemGPT.open({ dir, env: {} });
  onTestFinished(() => memgpt.close());
  const agent = await memgpt.createAgent({ name: "ada" });

  await agent.addPassages([
    { text: "Their hound is called Argos." },
    { text: "They keep a boat in the east." },
    { text: "She heard a concert in May." },
  ]);
  const found = await agent.find({ query: "puppy", in: "archival" });
  await agent.close();
  const later = await memgpt.find("ada", { query: "sailing", in: "archival" });

  expect(found.results.map(({ text }) => text)).toEqual(["Their hound is called Argos."]);
  expect(later.results.map(({ text }) => text)).toEqual(["They keep a boat in the east."]);
  expect(server.seen.map(({ body }) => body["input"])).toEqual([
    expect.any(Array),
    ["Their hound is called Argos.", "They keep a boat in the east.", "She heard a concert in May."],
    ["puppy"],
    ["sailing"],
  ]);
  expect(server.seen.every(({ headers }) => headers.authorization === "Bearer sk-1")).toBe(true);
});
