import { expect, test } from "vitest";
import { filesSaying } from "../forget/support/told.ts";
import { temporaryFolder } from "../support/agents.ts";
import { all, testLetta } from "./support/server.ts";

test("no file of a server contains what is forgotten, and no finished turn repeats it", async () => {
  const dir = temporaryFolder();
  const client = await testLetta({ dir });
  const { id } = await client.agents.create({});
  const run = await client.agents.messages.createAsync(id, { input: "Zanzibar is where I lived." });
  await expect.poll(async () => (await client.runs.retrieve(run.id)).status).toBe("completed");
  await client.post(`/v1/agents/${id}/archival-memory`, { body: { text: "Once in Zanzibar.", tags: ["zanzibar-1"] } });
  expect(filesSaying("Zanzibar", dir).join()).toContain("records.jsonl");
  const kept = await client.post<object>(`/v1/agents/${id}/archival-memory`, {
    body: { text: "Near the sea.", tags: ["sea"] },
  });

  await client.post(`/v1/agents/${id}/forget`, { body: { match: "Zanzibar" } });

  expect(JSON.stringify(await all(client.runs.messages.list(run.id)))).not.toContain("Zanzibar");
  expect(filesSaying("Zanzibar", dir)).toEqual([]);
  expect(filesSaying("sea", dir).join()).toContain("records.jsonl");
  expect(JSON.stringify(kept)).toContain("sea");
});

test("secrets in a client's system messages are redacted, too", async () => {
  const dir = temporaryFolder();
  const client = await testLetta({ dir });
  const { id } = await client.agents.create({});
  const token = `ghp_${"a1B2c3D4".repeat(5)}`;

  await client.agents.messages.create(id, { messages: [{ role: "system", content: `Deploy with ${token}.` }] });

  expect(filesSaying(token, dir)).toEqual([]);
  expect(filesSaying("[redacted: GitHub token]", dir)).not.toEqual([]);
});
