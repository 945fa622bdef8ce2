import { expect, test } from "vitest";
import { type AgentVectors, checkEmbedding } from "../../src/doctor/check-embedding.ts";
import type { Check } from "../../src/doctor/health.ts";
import type { EmbeddingSettings } from "../../src/schema/state.ts";
import { embeddings, modelServer } from "../support/model-server.ts";

async function checksOf(settings: EmbeddingSettings, ...vectors: AgentVectors[]): Promise<Check[]> {
  const all: Check[] = [];
  const connection = { endpoint: settings.endpoint, apiKey: null, headers: {}, apiVersion: null };
  const options = { connection, timeout: 1000 };
  for await (const check of checkEmbedding(settings, options, vectors)) all.push(check);
  return all;
}

test("a missing key is reported as such, not as a stopped server", async () => {
  const settings = { provider: "openai", model: "m", endpoint: null, dimensions: null } as const;

  const checks = await checksOf(settings);

  expect(checks).toMatchObject([
    { status: "fail", detail: expect.stringContaining("No API key"), advice: expect.stringMatching(/^Set OPENAI_/) },
  ]);
});

test("reports incompatible and missing vectors, with the command that fixes them", async () => {
  const { endpoint } = await modelServer([embeddings([[0.6, 0.8]])]);
  const settings = { provider: "openai", model: "m", endpoint, dimensions: null } as const;
  const well = {
    agent: "ada",
    passages: 1500,
    withoutVector: 0,
    model: "m",
    dimensions: 2,
    said: { model: null, withoutVector: 0 },
  };

  const checks = await checksOf(
    settings,
    well,
    { ...well, agent: "grace", dimensions: 384 },
    { ...well, agent: "alan t", withoutVector: 1200 },
    { ...well, agent: "talker", said: { model: "m", withoutVector: 30 } },
    { ...well, agent: "new", passages: 0, model: null, dimensions: null },
  );

  expect(checks).toMatchObject([
    { name: "embedding", status: "ok" },
    { name: "vectors", status: "warn", agents: ["grace"], detail: expect.stringContaining("384 dimensions by m") },
    { name: "vectors", status: "warn", agents: ["alan t"], detail: expect.stringContaining("1,200 of 1,500 passages") },
    {
      name: "vectors",
      status: "warn",
      agents: ["talker"],
      detail: expect.stringContaining("30 lines of what was said"),
    },
  ]);
  expect(checks[1]?.advice).toContain("`memgpt reindex grace`");
  expect(checks[2]?.advice).toContain('`memgpt reindex "alan t"`');
});
