import type { FindRequest } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { collect, scriptedAgent, testHome } from "../support/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";

test.each([
  [{ page: 0 }, /page must be .*1 or more \(got 0\)/],
  [{ page: 1.5 }, /page must be .*\(got 1\.5\)/],
  [{ page: Number.NaN }, /page must be .*\(got NaN\)/],
  [{ size: 0 }, /from 1 to 1000/],
  [{ size: 1001 }, /size must be .*\(got 1001\)/],
  [{ size: Number.POSITIVE_INFINITY }, /size must be .*\(got Infinity\)/],
  [{ around: -1 }, /around must be .*\(got -1\)/],
  [{ around: Number.POSITIVE_INFINITY }, /around must be .*\(got Infinity\)/],
  [{ session: 0.5 }, /session must be .*\(got 0\.5\)/],
  [{ in: "archival", role: "user" }, /no role: leave role out, or search recall/],
  [{ in: "archival", speaker: "Ann" }, /no speaker/],
  [{ in: "archival", session: 1 }, /no session/],
  [{ in: "archival", around: 2 }, /no surrounding lines: leave around out/],
] as const)("refuses a search with %o", async (request, says) => {
  const { agent } = await scriptedAgent([]);

  await expect(agent.find({ query: "tea", ...request })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(says),
  });
});

test("accepts the largest page and no surrounding lines", async () => {
  const { agent } = await scriptedAgent([]);

  expect(await agent.find({ query: "tea", size: 1000, around: 0, session: 0 })).toMatchObject({ total: 0, page: 1 });
});

test.each([
  [{ query: undefined }, /query must be text \(got undefined\)/],
  [{ query: 5 }, /query must be text \(got 5\)/],
  [{ query: null }, /query must be text \(got null\)/],
  [{ query: {} }, /query must be text \(got an object\)/],
  [{ query: 5, in: "archival" }, /query must be text \(got 5\)/],
  [{ in: "foo" }, /in must be recall or archival \(got "foo"\)/],
  [{ in: null }, /in must be .*\(got null\)/],
  [{ role: "system" }, /role must be user or assistant \(got "system"\)/],
  [{ role: 1 }, /role must be .*\(got 1\)/],
  [{ speaker: 7 }, /speaker must be text \(got 7\)/],
  [{ from: 2023 }, /from must be text \(got 2023\)/],
  [{ to: new Date(0) }, /to must be text \(got an object\)/],
  [{ page: "2" }, /page must be .*\(got "2"\)/],
  [{ size: null }, /size must be .*\(got null\)/],
  [{ session: "1" }, /session must be .*\(got "1"\)/],
])("refuses %o, which only JavaScript can pass", async (request, says) => {
  const { agent, memgpt } = await scriptedAgent([]);
  const asked = { query: "tea", ...request } as unknown as FindRequest;

  const refusal = { code: "invalid_input", message: expect.stringMatching(says) };
  await expect(agent.find(asked)).rejects.toMatchObject(refusal);
  await expect(memgpt.find("sam", asked)).rejects.toMatchObject(refusal);
  await expect(agent.find(asked)).rejects.toHaveProperty(
    "message.length",
    expect.toSatisfy((it) => Number(it) < 300),
  );
});

test.each([undefined, null, "tea", 7])("refuses the request %o", async (asked) => {
  const { agent, memgpt } = await scriptedAgent([]);
  const refusal = { code: "invalid_input", message: expect.stringContaining("{ query }") };

  await expect(agent.find(asked as unknown as FindRequest)).rejects.toMatchObject(refusal);
  await expect(memgpt.find("sam", asked as unknown as FindRequest)).rejects.toMatchObject(refusal);
});

test("embeds only the beginning of a very long query, without splitting a character", async () => {
  const embedder = new TestEmbedder("test");
  const insert = { call: "archival_memory_insert", args: { content: "A red car." } };
  const llm = new ScriptedLlm([{ calls: [insert, { call: "send_message", args: { message: "kept" } }] }]);
  const memgpt = await testHome({ llm: () => llm, embedder: () => embedder });
  const agent = await memgpt.createAgent({ name: "sam" }, { verify: false });
  await collect(agent.send("keep it"));

  const query = `${"automobile ".repeat(909)}\u{1F697} and so on`;
  const found = await agent.find({ query: query.repeat(100), in: "archival" });

  expect(found.total).toBe(1);
  // What was said is embedded meanwhile.
  expect(embedder.asked).toContainEqual([query.slice(0, 9_999)]);
});

test("a speaker who did not say it is reported with the names of those who spoke; one of several names is enough", async () => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages([
    { role: "user", text: "I like tea", name: "José Pérez", createdAt: "2026-01-01T10:00:00Z" },
  ]);
  await agent.close();

  const found = await memgpt.find("sam", { query: "tea", speaker: "jose" });
  const nothing = await memgpt.find("sam", { query: "tea", speaker: "Bob" });

  expect(found).toMatchObject({ total: 1, results: [{ speaker: "José Pérez" }] });
  expect(found.notices).toBeUndefined();
  expect(nothing).toMatchObject({
    total: 0,
    notices: ["Bob said nothing like that. Speakers here: José Pérez."],
  });
});
