import { MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { all, lettaAt, testLetta, testServer } from "../support/server.ts";

test.each(["asc", "desc"] as const)(
  "agents are gone through in %s order while others are made and removed",
  async (order) => {
    const client = await testLetta();
    const ids: string[] = [];
    for (let n = 0; n < 30; n += 1) ids.push((await client.agents.create({ name: `a${n}`, memory_blocks: [] })).id);

    const seen: string[] = [];
    for await (const { id } of client.agents.list({ limit: 4, order })) {
      seen.push(id);
      if (seen.length === 6) await client.agents.create({ name: "new", memory_blocks: [] });
      if (seen.length === 8) await client.agents.delete(id);
    }

    const expected = order === "asc" ? ids : ids.toReversed();
    expect(seen.filter((id) => ids.includes(id))).toEqual(expected);
    expect(new Set(seen).size).toBe(seen.length);
  },
  120_000,
);

test.each(["asc", "desc"] as const)(
  "1,000 messages are gone through in %s order while more are said",
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

test("a page before a message holds what is nearest to it, and an unknown id ends a list", async () => {
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

test("archives are made, filled, searched, given to an agent and removed", async () => {
  const client = await testLetta();
  const archive = await client.archives.create({ name: "nature" });
  await client.archives.passages.createMany(archive.id, {
    passages: [{ text: "Herons eat fish." }, { text: "Oaks are slow." }],
  });
  const agent = await client.agents.create({});
  await client.agents.archives.attach(archive.id, { agent_id: agent.id });

  const found = await client.passages.search({ query: "what do herons eat", agent_id: agent.id });
  expect(found[0]?.passage.text).toBe("Herons eat fish.");
  expect(
    (await client.passages.search({ query: "oaks", archive_id: archive.id })).map(({ passage }) => passage.text),
  ).toEqual(["Oaks are slow."]);
  expect((await all(client.agents.list())).map(({ id }) => id)).toEqual([agent.id]);

  await client.archives.delete(archive.id);
  await expect(client.archives.retrieve(archive.id)).rejects.toMatchObject({ status: 404 });
});
