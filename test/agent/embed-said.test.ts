import type { Embedder, MemGPT } from "memgpt";
import { expect, test, vi } from "vitest";
import { testHome } from "../support/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";

const SAID = ["My car is red.", "It rained.", "We painted the house.", "Nothing new."];

async function homeWith(embedder: Embedder): Promise<MemGPT> {
  return testHome({ embedder: () => embedder });
}

const messages = (texts: readonly string[]) => texts.map((text) => ({ role: "user" as const, text }));

test("lines are found by meaning once embedded, and none is embedded twice", async () => {
  const embedder = new TestEmbedder("test");
  const memgpt = await homeWith(embedder);
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages(messages(SAID));

  await agent.embedSaid();
  const found = await agent.find({ query: "Which automobile is it?" });
  await agent.importMessages(messages(["I sold the boat."]));
  await agent.embedSaid();
  await agent.embedSaid();

  expect(found).toMatchObject({ total: 1, byMeaning: 1, model: "test", results: [{ text: "My car is red." }] });
  expect(found.results[0]?.signals["meaning"]).toBeGreaterThan(0);
  const asked = embedder.asked.flat().filter((text) => text !== "Which automobile is it?");
  expect(asked.toSorted()).toEqual([...SAID, "I sold the boat."].toSorted());
});

test("lines are embedded in the background, and inspect shows the progress", async () => {
  const embedder = new TestEmbedder("test");
  const memgpt = await homeWith(embedder);
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages(messages(SAID));

  await vi.waitFor(
    async () => {
      expect((await memgpt.inspect("sam")).recall).toEqual({ total: 4, embedding: "test", without_vector: 0 });
    },
    { timeout: 30_000 },
  );
});

test("an undone line is not found by meaning until it is redone; a rewritten line is re-embedded", async () => {
  const embedder = new TestEmbedder("test");
  const memgpt = await homeWith(embedder);
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages(messages(SAID));
  await agent.embedSaid();
  const totals = async (): Promise<number> => (await agent.find({ query: "Which automobile is it?" })).total;

  await agent.undo();
  const without = await totals();
  await agent.redo();

  expect([without, await totals()]).toEqual([0, 1]);
});

test("if the embedder fails, words still find lines, one notice says so, and the rest is embedded later", async () => {
  let isBroken = true;
  const embedder = new TestEmbedder("test", {
    before: () => {
      if (isBroken) throw new Error("connection refused");
    },
  });
  const memgpt = await homeWith(embedder);
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages(messages(SAID));

  await expect(agent.embedSaid()).rejects.toThrow("connection refused");
  expect(await agent.find({ query: "red car" })).toMatchObject({ total: 1 });
  isBroken = false;
  await agent.embedSaid();

  expect(await agent.find({ query: "Which automobile is it?" })).toMatchObject({ byMeaning: 1 });
});

test("the built-in embedder embeds no lines", async () => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages(messages(SAID));

  await agent.embedSaid();

  expect((await memgpt.inspect("sam")).recall).toEqual({ total: 4, embedding: null, without_vector: 0 });
});

test("reindex embeds both memories with the new model and drops the old vectors", async () => {
  const [first, second] = [new TestEmbedder("first"), new TestEmbedder("second")];
  const memgpt = await testHome({ embedder: ({ model }) => (model === "second" ? second : first) });
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages(messages(SAID));
  await agent.addPassages([{ text: "A dog barks." }]);
  await agent.embedSaid();
  await agent.close();

  const events = [];
  const embedding = { provider: "openai", model: "second", endpoint: "http://127.0.0.1:1/v1" } as const;
  for await (const event of memgpt.reindex("sam", { embedding })) events.push(event);

  expect(events.filter(({ type }) => type === "progress").at(-1)).toMatchObject({ done: 5, total: 5 });
  expect(second.asked.flat().toSorted()).toEqual(["A dog barks.", ...SAID].toSorted());
  expect(await memgpt.inspect("sam")).toMatchObject({
    recall: { embedding: "second", without_vector: 0 },
    archival: { embedding: "second", without_vector: 0 },
  });
  expect(await memgpt.find("sam", { query: "Which automobile is it?" })).toMatchObject({
    byMeaning: 1,
    model: "second",
  });
});

test("lines are embedded a few at a time, and other work runs in between", async () => {
  const embedder = new TestEmbedder("test");
  const memgpt = await homeWith(embedder);
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.importMessages(messages(Array.from({ length: 100 }, (_, n) => `Line ${n} of what was said.`)));
  const batches = (): number => embedder.asked.length;
  // How many batches there were whenever something else could run.
  const seen = new Set<number>();
  const look = (): void => {
    seen.add(batches());
  };
  let watching = setImmediate(function again() {
    look();
    watching = setImmediate(again);
  });

  await agent.embedSaid({});
  clearImmediate(watching);

  expect(Math.max(...embedder.asked.map((texts) => texts.length))).toBeLessThanOrEqual(32);
  expect(embedder.asked.flat()).toHaveLength(100);
  for (let n = 1; n < batches(); n += 1) expect(seen).toContain(n);
});
