import { LettaClient } from "letta-client-2025";
import { describe, expect, test } from "vitest";
import { all, lettaAt, testLetta, testServer } from "../support/server.ts";

test("the client of 2025 reads a summary as a system message, the client of today as a summary", async () => {
  const server = await testServer();
  const [today, former] = [lettaAt(server), new LettaClient({ baseUrl: server.url, token: "any" })];
  const { id } = await today.agents.create({});
  for (const input of ["I live in Lisbon.", "I like tea.", "I play chess."]) {
    await today.agents.messages.create(id, { input });
  }
  const { summary } = await today.post<{ summary: string }>(`/v1/agents/${id}/summarize`, { body: {} });

  const listed = await all(today.agents.messages.list(id));
  const formerly = await former.agents.messages.list(id, { limit: 200 });

  const types = listed.map(({ message_type }) => message_type as string);
  expect(types).toContain("summary_message");
  expect(formerly.map(({ messageType }) => messageType as string)).toEqual(
    types.map((type) => (type === "summary_message" ? "system_message" : type)),
  );
  expect(JSON.stringify(formerly[types.indexOf("summary_message")])).toContain(JSON.stringify(summary).slice(1, -1));
});

describe("routes as curl and old scripts spell them", () => {
  test.each([
    ["/latest/agents/", "/v1/agents/"],
    ["/latest/agents", "/v1/agents"],
    ["/latest/models/", "/v1/models/"],
    ["/latest/models", "/v1/models"],
    ["/latest/health/", "/v1/health/"],
    ["/v1/agents/?name=sam", "/v1/agents?name=sam"],
  ])("GET %s is %s", async (spelled, path) => {
    const { url } = await testServer();
    await lettaAt({ url }).agents.create({ name: "sam" });

    const answered = await fetch(url + spelled);

    expect([answered.status, await answered.json()]).toEqual([200, await (await fetch(url + path)).json()]);
  });

  test("the old path needs a key where the new one does", async () => {
    const server = await testServer();
    await server.accounts.addUser("ana");
    await server.accounts.createKey({ user: "ana" });
    const { url } = server;

    for (const path of ["/latest/agents/", "/latest/admin/users", "/latestagents"]) {
      expect((await fetch(url + path)).status).toBe(401);
    }
    expect((await fetch(`${url}/latest/health/`)).status).toBe(200);
  });
});

test("what this server does not do with a new agent is said", async () => {
  const client = await testLetta();

  const { warnings } = await client.post<{ warnings: string[] }>("/v1/agents/", {
    body: { enable_sleeptime: true, message_buffer_autoclear: true, secrets: { KEY: "x" } },
  });

  expect(warnings).toEqual([
    "This server has no agents that work while others sleep; enable_sleeptime is ignored.",
    "This server keeps what was said; message_buffer_autoclear is ignored.",
    "This server runs no tools that need secrets; they were not stored.",
  ]);
  const plain = await client.post("/v1/agents/", { body: { enable_sleeptime: false, secrets: {} } });
  expect(plain).not.toHaveProperty("warnings");
});
