import type { FindRequest } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { collect, scriptedAgent, testHome } from "../support/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";

test.each([
  [{ page: 0 }, /page 0 .* above 0/],
  [{ page: 1.5 }, /page 1\.5/],
  [{ page: Number.NaN }, /page NaN/],
  [{ size: 0 }, /from 1 to 1000/],
  [{ size: 1001 }, /page of 1001/],
  [{ size: Number.POSITIVE_INFINITY }, /page of Infinity/],
  [{ around: -1 }, /around cannot be -1/],
  [{ around: Number.POSITIVE_INFINITY }, /around cannot be Infinity/],
  [{ session: 0.5 }, /session cannot be 0\.5/],
  [{ in: "archival", role: "user" }, /no role: leave it out, or search recall/],
  [{ in: "archival", speaker: "Ann" }, /no speaker/],
  [{ in: "archival", session: 1 }, /no session/],
  [{ in: "archival", around: 2 }, /no lines around/],
] as const)("a search that cannot be, with %o, is refused", async (request, says) => {
  const { agent } = await scriptedAgent([]);

  await expect(agent.find({ query: "tea", ...request })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(says),
  });
});

test("the largest page and no lines around are fine", async () => {
  const { agent } = await scriptedAgent([]);

  expect(await agent.find({ query: "tea", size: 1000, around: 0, session: 0 })).toMatchObject({ total: 0, page: 1 });
});

test.each([
  [{ query: undefined }, /query cannot be undefined: it must be text/],
  [{ query: 5 }, /query cannot be 5: it must be text/],
  [{ query: null }, /query cannot be null/],
  [{ query: {} }, /query cannot be an object/],
  [{ query: 5, in: "archival" }, /query cannot be 5/],
  [{ in: "foo" }, /in cannot be "foo": it must be recall or archival/],
  [{ in: null }, /in cannot be null/],
  [{ role: "system" }, /role cannot be "system": it must be user or assistant/],
  [{ role: 1 }, /role cannot be 1/],
  [{ speaker: 7 }, /speaker cannot be 7: it must be text/],
  [{ from: 2023 }, /from cannot be 2023: it must be text/],
  [{ to: new Date(0) }, /to cannot be an object: it must be text/],
  [{ page: "2" }, /page "2" cannot be/],
  [{ size: null }, /page of null results/],
  [{ session: "1" }, /session cannot be "1"/],
])("what only JavaScript can ask for, %o, is refused", async (request, says) => {
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

test.each([undefined, null, "tea", 7])("a request that is %o is refused", async (asked) => {
  const { agent, memgpt } = await scriptedAgent([]);
  const refusal = { code: "invalid_input", message: expect.stringContaining("{ query }") };

  await expect(agent.find(asked as unknown as FindRequest)).rejects.toMatchObject(refusal);
  await expect(memgpt.find("sam", asked as unknown as FindRequest)).rejects.toMatchObject(refusal);
});

test("of a query that is a whole book only its beginning is embedded, and no half of a character", async () => {
  const embedder = new TestEmbedder("test");
  const insert = { call: "archival_memory_insert", args: { content: "A red car." } };
  const llm = new ScriptedLlm([{ calls: [insert, { call: "send_message", args: { message: "kept" } }] }]);
  const memgpt = await testHome({ llm: () => llm, embedder: () => embedder });
  const agent = await memgpt.createAgent({ name: "sam" }, { verify: false });
  await collect(agent.send("keep it"));

  const query = `${"automobile ".repeat(909)}\u{1F697} and so on`;
  const found = await agent.find({ query: query.repeat(100), in: "archival" });

  expect(found.total).toBe(1);
  expect(embedder.asked.at(-1)).toEqual([query.slice(0, 9_999)]);
});

test("what a speaker did not say is told with the names of those who have spoken; one of several names is enough", async () => {
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
    notices: ["Nothing of that was said by Bob. Names of speakers here: José Pérez."],
  });
});
