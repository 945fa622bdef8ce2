import type { Agent, Embedder, MemGPT } from "memgpt";
import { MemGPTError } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { collect, testClock, testHome } from "../support/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";

type Call = { readonly call: string; readonly args: Record<string, unknown> };

type Caller = {
  readonly memgpt: MemGPT;
  readonly agent: Agent;
  readonly make: (...calls: readonly Call[]) => Promise<{ outputs: string[]; notices: string[] }>;
};

/** An agent that makes the calls it is told to, in a home of its own or in that of another. */
async function caller(embedder: Embedder, { dir }: { dir?: string } = {}, interrupt?: AbortSignal): Promise<Caller> {
  // Of the first turn only.
  let signal = interrupt;
  let calls: readonly Call[] = [];
  const llm = {
    model: "scripted",
    complete: (request: Parameters<ScriptedLlm["complete"]>[0]) =>
      new ScriptedLlm([{ calls: [...calls, { call: "send_message", args: { message: "done" } }] }]).complete(request),
  };
  const home = dir === undefined ? {} : { dir };
  const memgpt = await testHome({ llm: () => llm, embedder: () => embedder, now: testClock().now, ...home });
  const session = { verify: false };
  const agent =
    dir === undefined ? await memgpt.createAgent({ name: "sam" }, session) : await memgpt.openAgent("sam", {}, session);
  return {
    memgpt,
    agent,
    make: async (...given) => {
      calls = given;
      const turn = agent.send("go", { signal });
      signal = undefined;
      const events = await collect(turn);
      return {
        outputs: events.flatMap((event) =>
          event.type === "function_return" && event.name !== "send_message" ? [`${event.status}: ${event.output}`] : [],
        ),
        notices: events.flatMap((event) => (event.type === "notice" ? [event.text] : [])),
      };
    },
  };
}

const insert = (content: string): Call => ({ call: "archival_memory_insert", args: { content } });
const search = (query: string): Call => ({ call: "archival_memory_search", args: { query } });

function unreachable(): TestEmbedder {
  return new TestEmbedder("test", {
    before: () => {
      throw new MemGPTError("llm_unavailable", "Nothing answers at 127.0.0.1:1.");
    },
  });
}

test("finds an inserted passage by its meaning", async () => {
  const { make } = await caller(new TestEmbedder("test"));

  await make(insert("A red car."));
  const { outputs, notices } = await make(search("automobile"));

  expect(outputs).toEqual([expect.stringMatching(/^OK: Showing 1 of 1 .*A red car/)]);
  expect(notices).toEqual([]);
});

test("an embedder that cannot be reached loses nothing: the passage is kept, and one notice says so", async () => {
  const { make, agent } = await caller(unreachable());

  const first = await make(insert("A red car."), insert("A blue boat."));
  const second = await make(insert("A dog."), search("red"));

  expect(first).toEqual({
    outputs: ["OK: None", "OK: None"],
    notices: [
      expect.stringMatching(/stored without vectors, .*\(Nothing answers at 127.0.0.1:1\): only their words find them/),
    ],
  });
  expect(second.outputs).toEqual(["OK: None", expect.stringMatching(/^OK: Showing 1 of 1 .*A red car/)]);
  expect(second.notices).toEqual([]);
  expect(await agent.archival.collection()).toEqual({ model: null, dimensions: null, withoutVector: 3 });
});

test("a query that cannot be embedded is searched by its words, and one notice says so", async () => {
  const there = await caller(new TestEmbedder("test"));
  await there.make(insert("A red car."));
  await there.agent.close();
  const { memgpt, make } = await caller(unreachable(), { dir: there.memgpt.home.root });

  const found = await memgpt.find("sam", { query: "car", in: "archival" });

  expect(found).toMatchObject({
    total: 1,
    notices: [
      expect.stringMatching(/searched by words only, because the query could not be embedded .*`memgpt reindex NAME`/),
    ],
  });
  expect(await memgpt.find("sam", { query: "automobile", in: "archival" })).toMatchObject({ total: 0 });
  const { outputs, notices } = await make(search("car"), search("red"));
  expect(outputs).toEqual([expect.stringMatching(/^OK: Showing 1/), expect.stringMatching(/^OK: Showing 1/)]);
  // What was said is embedded between turns, which may have been said meanwhile, too.
  expect(notices.filter((text) => !text.startsWith("Messages without a vector"))).toEqual([
    expect.stringMatching(/searched by words only/),
  ]);
  // Conversations are not searched by vectors.
  expect(await memgpt.find("sam", { query: "go" })).not.toHaveProperty("notices");
});

test("an embedder that cannot even be created does not stop the conversation", async () => {
  const { memgpt, agent } = await caller(new TestEmbedder("test"));
  await agent.close();
  const other = await testHome({
    dir: memgpt.home.root,
    llm: () => new ScriptedLlm([{ calls: [insert("A car."), { call: "send_message", args: { message: "kept" } }] }]),
    embedder: () => {
      throw new MemGPTError("llm_unavailable", "There is no key for the embedding.");
    },
  });

  const again = await other.openAgent("sam", {}, { verify: false });
  const events = await collect(again.send("go"));

  expect(events.filter(({ type }) => type === "assistant_message")).toHaveLength(1);
  expect(events).toContainEqual({
    type: "notice",
    code: "storage",
    text: expect.stringContaining("There is no key for the embedding"),
  });
  expect(await again.archival.size()).toBe(1);
});

test("an interrupted embedding is not a failure: none of the step is stored", async () => {
  const ending = new AbortController();
  const embedder: TestEmbedder = new TestEmbedder("test", {
    before: (_, signal) => {
      if (embedder.asked.length > 1) return;
      ending.abort();
      signal?.throwIfAborted();
    },
  });
  const { agent, make } = await caller(embedder, {}, ending.signal);

  await expect(make(insert("A car."))).rejects.toMatchObject({ code: "interrupted" });

  expect(await agent.archival.size()).toBe(0);
  expect(await agent.recall.size()).toBe(0);
  expect(await make(insert("A car."))).toEqual({ outputs: ["OK: None"], notices: [] });
});

test("embeds nothing for a collection of another model", async () => {
  const there = await caller(new TestEmbedder("test"));
  await there.make(insert("A red car."));
  await there.agent.close();
  const other = new TestEmbedder("other");
  const { agent, make } = await caller(other, { dir: there.memgpt.home.root });

  const { outputs, notices } = await make(insert("A car, blue."), search("red"));

  expect(other.asked).toEqual([]);
  expect(outputs).toEqual(["OK: None", expect.stringMatching(/^OK: Showing 1/)]);
  expect(notices).toEqual([expect.stringMatching(/embedded with test and not with other/)]);
  expect(await agent.archival.collection()).toEqual({ model: "test", dimensions: 8, withoutVector: 1 });
  expect((await agent.find({ query: "automobile", in: "archival" })).total).toBe(0);
});

test("embeds only the beginning of a very long query, without splitting a character", async () => {
  const embedder = new TestEmbedder("test");
  const { make } = await caller(embedder);
  await make(insert("A red car."));

  await make(search(`automobile ${"x".repeat(500_000)}`), search(`${"y".repeat(9_999)}🚗`), search("z".repeat(10_000)));

  const queries = embedder.asked.slice(1);
  expect(queries.map((texts) => texts.map((text) => [text.slice(0, 3), text.length]))).toEqual([
    [["aut", 10_000]],
    [["yyy", 9_999]],
    [["zzz", 10_000]],
  ]);
});

test("does not embed a query that must match exactly or has no vector to compare with", async () => {
  const embedder = new TestEmbedder("test");
  const { make } = await caller(embedder);
  await make(search("anything"));
  expect(embedder.asked).toEqual([]);
  await make(insert("A red car."));
  expect(embedder.asked).toHaveLength(1);

  await make(search('"red car"'), search("order 4711-b"));

  expect(embedder.asked).toHaveLength(1);
});
