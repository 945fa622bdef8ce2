import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { temporaryFolder, testHome } from "../../support/agents.ts";
import { all, lettaAt, testLetta, testServer } from "../support/server.ts";

/** A home of copies of one agent, each under an id of its own. @returns the ids, the oldest first. */
async function manyAgents(dir: string, count: number): Promise<string[]> {
  const memgpt = await MemGPT.open({ dir, env: {} });
  await (await memgpt.createAgent({ name: "sam" })).close();
  const agents = join(dir, "agents");
  const made = Array.from({ length: count }, (_, n) => {
    cpSync(join(agents, "sam"), join(agents, `a${n}`), { recursive: true });
    const value = { folder: `a${n}`, name: `a${n}`, createdAt: new Date(n).toISOString() };
    return { kind: "agent", id: `agent-${crypto.randomUUID()}`, value };
  });
  rmSync(join(agents, "sam"), { recursive: true });
  await memgpt.records("records").write(made);
  await memgpt.close();
  return made.map(({ id }) => id);
}

test.each(["asc", "desc"] as const)(
  "1,000 agents are paged through in %s order while others are created and removed",
  async (order) => {
    const dir = temporaryFolder();
    const ids = await manyAgents(dir, 1000);
    const client = lettaAt(await testServer({ dir }));

    const seen: string[] = [];
    for await (const { id } of client.agents.list({ limit: 70, order })) {
      seen.push(id);
      if (seen.length % 250 === 100) await client.agents.create({ name: "new", memory_blocks: [] });
      if (seen.length % 250 === 200) await client.agents.delete(id);
    }

    const expected = order === "asc" ? ids : ids.toReversed();
    expect(seen.filter((id) => ids.includes(id))).toEqual(expected);
    expect(new Set(seen).size).toBe(seen.length);
  },
  120_000,
);

test.each(["asc", "desc"] as const)(
  "1,000 messages are paged through in %s order while more are added",
  async (order) => {
    const dir = temporaryFolder();
    const memgpt = await MemGPT.open({ dir, env: {} });
    const sam = await memgpt.createAgent({ name: "sam" });
    const before = await sam.importMessages(
      Array.from({ length: 1000 }, (_, n) => ({ role: n % 2 === 0 ? "user" : "assistant", text: `message ${n}` })),
    );
    await memgpt.close();
    const client = lettaAt(await testServer({ dir }));
    const [agent] = await all(client.agents.list());

    const seen: string[] = [];
    for await (const { id } of client.agents.messages.list(agent?.id ?? "", { limit: 70, order })) {
      seen.push(id);
      if (seen.length === 100) await client.agents.messages.create(agent?.id ?? "", { input: "I like tea." });
    }

    const messages = seen.map((id) => id.replace(/^message-(.{36})(-1)?$/, "$1")).filter((id) => before.includes(id));
    expect(messages).toEqual(order === "asc" ? before : before.toReversed());
    expect(new Set(seen).size).toBe(seen.length);
  },
);

test("a page before a message has the nearest ones, and an unknown id ends a list", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({});
  for (const input of ["I like tea.", "I like rice.", "I like figs."])
    await client.agents.messages.create(id, { input });
  const ids = (await all(client.agents.messages.list(id))).map((message) => message.id);

  const page = await client.agents.messages.list(id, { before: ids[5] ?? "", limit: 2 });
  expect(page.items.map((message) => message.id)).toEqual(ids.slice(3, 5));
  const oldest = await client.agents.messages.list(id, { order: "asc", limit: 3 });
  expect(oldest.items.map((message) => message.id)).toEqual(ids.toReversed().slice(0, 3));
  const unknown = await client.agents.messages.list(id, { after: "message-00000000-0000-4000-8000-000000000000" });
  expect(unknown.items).toEqual([]);
  expect(await all(client.agents.list({ after: "agent-nobody" }))).toEqual([]);
});

test("passages are listed, searched, filtered by tags and removed", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({});
  await client.agents.passages.create(id, { text: "The heron nests in May.", tags: ["birds"] });
  await client.agents.passages.create(id, { text: "The otter sleeps by day.", tags: ["mammals"] });

  const listed = await client.agents.passages.list(id);
  expect(listed.map(({ text }) => text)).toEqual(["The heron nests in May.", "The otter sleeps by day."]);
  expect((await client.agents.passages.list(id, { search: "OTTER" })).map(({ tags }) => tags)).toEqual([["mammals"]]);
  const found = await client.agents.passages.search(id, { query: "when does the heron nest", tags: ["birds"] });
  expect(found.results.map(({ content }) => content)).toEqual(["The heron nests in May."]);

  await client.agents.passages.delete(listed[0]?.id ?? "", { agent_id: id });
  expect(await client.agents.passages.list(id)).toHaveLength(1);
});

test("neither the server nor the terminal lists archives and conversations as agents", async () => {
  const dir = temporaryFolder();
  const client = lettaAt(await testServer({ dir }));
  const agent = await client.agents.create({ name: "sam" });
  await client.archives.create({ name: "nature" });
  await client.archives.create({ name: "nature" });
  const conversation = await client.conversations.create({ agent_id: agent.id });
  await client.conversations.fork(conversation.id);

  expect((await all(client.agents.list())).map(({ name }) => name)).toEqual(["sam"]);
  expect(await client.get("/v1/agents/count")).toBe(1);
  expect(await client.get("/v1/roster")).toHaveLength(1);
  const memgpt = await testHome({ dir });
  expect((await memgpt.listAgents()).map(({ name }) => name)).toEqual(["sam"]);
  expect(await memgpt.listAgents({ hidden: true })).toHaveLength(5);
  await expect(memgpt.openAgent("pat")).rejects.toThrow(/There are: sam\.$/);
  // A server that has lost its records knows them by their names.
  rmSync(join(dir, "server", "records.jsonl"));
  const again = lettaAt(await testServer({ dir }));
  expect((await all(again.agents.list())).map(({ name }) => name)).toEqual(["sam"]);
});

test("archives are created, filled, searched, attached to an agent and removed", async () => {
  const client = await testLetta();
  const archive = await client.archives.create({ name: "nature" });
  await client.archives.passages.createMany(archive.id, {
    passages: [{ text: "Herons eat fish." }, { text: "Oaks are slow." }],
  });
  const agent = await client.agents.create({});
  await client.agents.archives.attach(archive.id, { agent_id: agent.id });

  const found = await client.passages.search({ query: "what do herons eat", agent_id: agent.id });
  expect(found[0]?.passage.text).toBe("Herons eat fish.");
  const { results } = await client.agents.passages.search(agent.id, { query: "what do herons eat" });
  expect(results.map(({ content }) => content)).toEqual(["Herons eat fish."]);
  expect(
    (await client.passages.search({ query: "oaks", archive_id: archive.id })).map(({ passage }) => passage.text),
  ).toEqual(["Oaks are slow."]);
  expect((await all(client.agents.list())).map(({ id }) => id)).toEqual([agent.id]);

  await client.archives.delete(archive.id);
  await expect(client.archives.retrieve(archive.id)).rejects.toMatchObject({ status: 404 });
});

type Listing = { readonly limit: number; readonly order?: string };

/** What Letta's server lists where nothing is asked for. */
const DEFAULTS: readonly (readonly [path: string, listing: Listing])[] = [
  ["/v1/agents", { limit: 50, order: "desc" }],
  ["/v1/agents/{agent_id}/messages", { limit: 100, order: "desc" }],
  ["/v1/agents/{agent_id}/core-memory/blocks", { limit: 100 }],
  ["/v1/agents/{agent_id}/archival-memory", { limit: 100 }],
  ["/v1/agents/{agent_id}/tools", { limit: 10 }],
  ["/v1/blocks", { limit: 50, order: "asc" }],
  ["/v1/tools", { limit: 50 }],
  ["/v1/folders", { limit: 50 }],
  ["/v1/runs", { limit: 100 }],
];

test("lists have the same lengths and orders as Letta's", async () => {
  const { url } = await testServer();
  type Parameter = { readonly name: string; readonly schema: { readonly default?: unknown } };
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Readonly<Record<string, { readonly get: { readonly parameters: readonly Parameter[] } }>>;
  };

  for (const [path, listing] of DEFAULTS) {
    const found = (paths[path]?.get.parameters ?? []).map(({ name, schema }) => [name, schema.default] as const);
    expect(Object.fromEntries(found), path).toMatchObject(listing);
  }
});

test("a list of blocks has 50 per page, oldest first, and continues after the last", async () => {
  const client = await testLetta();
  const ids: string[] = [];
  for (let n = 0; n < 60; n += 1) ids.push((await client.blocks.create({ label: `b${n}`, value: "" })).id);

  const page = await client.blocks.list();

  expect(page.items.map(({ id }) => id)).toEqual(ids.slice(0, 50));
  expect((await page.getNextPage()).items.map(({ id }) => id)).toEqual(ids.slice(50));
});
