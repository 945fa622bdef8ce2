import { type AgentEvent, LlmError } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { priceOf } from "../../src/settings/prices.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { collect, committed, only, scriptedAgent, testHome } from "../support/agents.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/agents.ts";

const usage = { prompt: 1000, completion: 100, cached: 800 };
const say = { call: "send_message", args: { message: "Hi." }, usage };
const note = {
  call: "core_memory_append",
  args: { name: "human", content: "Likes tea.", request_heartbeat: true },
  usage,
};
/** At 10, 1 and 20 dollars for a million tokens: 200 fresh, 800 cached, 100 written. */
const COST = (200 * 10 + 800 * 1 + 100 * 20) / 1_000_000;

/** An agent with a model `dear`, whose price is configured, or another one. */
async function dearAgent(script: ConstructorParameters<typeof ScriptedLlm>[0], maxCost?: number, model = "dear") {
  const dir = temporaryFolder();
  const prices = { dear: { input: 10, cached: 1, output: 20 } };
  writeFileSync(join(dir, "config.json"), JSON.stringify({ prices }));
  const llm = new ScriptedLlm(script);
  const memgpt = await testHome({ dir, llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam", model }, { verify: false, maxCost });
  return { agent, llm, memgpt };
}

test("a turn, a session and an agent know their costs over all steps, and an undo does not refund them", async () => {
  const { agent, memgpt } = await dearAgent([note, say, say, say]);

  const first = only(await collect(agent.send("I like tea")), "turn_end").spent;
  const second = only(await collect(agent.send("hello")), "turn_end").spent;

  expect(first).toMatchObject({ requests: 2, prompt: 2000, completion: 200, cached: 1600, unpriced: 0 });
  expect(first.cost).toBeCloseTo(2 * COST, 12);
  expect(second.cost).toBeCloseTo(COST, 12);
  await agent.undo(2);
  await agent.close();
  const again = await memgpt.openAgent("sam");
  await again.ask("hello");
  const spent = await again.spent();
  expect(spent.session.cost).toBeCloseTo(COST, 12);
  expect(spent.agent).toMatchObject({ requests: 4, prompt: 4000 });
  expect(spent.agent.cost).toBeCloseTo(4 * COST, 12);
});

test("counts requests of unknown price as unpriced, and those without usage not at all", async () => {
  const { agent } = await scriptedAgent([say], {}, { verify: false });

  expect(only(await collect(agent.send("hello")), "turn_end").spent).toEqual({
    requests: 1,
    prompt: 1000,
    completion: 100,
    cached: 800,
    cost: 0,
    unpriced: 1,
  });
});

test("warns once, before anything is spent, that a limit has no effect without a price", async () => {
  const { agent } = await dearAgent([say, say], 0.01, "unknown");
  const told = (events: readonly AgentEvent[]): string[] =>
    events.flatMap((event) => (event.type === "notice" && event.code === "price_unknown" ? [event.text] : []));

  const first = await collect(agent.send("hello"));
  const second = await collect(agent.send("hello again"));

  expect(told(first)).toEqual([expect.stringContaining("no price is known for unknown")]);
  expect(told(second)).toEqual([]);
  const types = first.map(({ type }) => type);
  expect(types.indexOf("notice")).toBe(1);
  expect(told(await collect((await dearAgent([say], 0.01)).agent.send("hello")))).toEqual([]);
  expect(told(await collect((await dearAgent([say], 0.01, "practice")).agent.send("hello")))).toEqual([]);
});

test("what a failed turn cost is counted with the next one that is stored", async () => {
  const { agent } = await dearAgent([note, { error: new LlmError("away") }, say]);

  await expect(agent.ask("I like tea")).rejects.toThrow("away");
  await agent.ask("hello");

  expect((await agent.spent()).agent.requests).toBe(2);
});

test("a session at its cost limit ends its turn cleanly and refuses the next", async () => {
  const { agent, llm } = await dearAgent([note, note, say], 1.5 * COST);

  const events = await collect(agent.send("I like tea"));

  expect(only(events, "turn_end")).toMatchObject({ outcome: "max_cost", steps: 2 });
  expect(committed(events)).toContain("notice");
  await expect(agent.ask("hello")).rejects.toMatchObject({ code: "cost_limit" });
  expect(llm.remaining).toBe(1);
  expect(agent.state.blocks[1]?.value).toContain("Likes tea.");
});

test("OpenAI's models and dated versions have its list prices, all others the configured ones", () => {
  const own = { "llama3.1": { input: 0, cached: 0, output: 0 }, "gpt-4o": { input: 1, cached: 1, output: 1 } };

  expect(priceOf({ model: "gpt-4o-mini-2024-07-18", endpoint: null }, own)).toEqual({
    input: 0.15,
    cached: 0.075,
    output: 0.6,
  });
  expect(priceOf({ model: "gpt-4o-mini", endpoint: "http://localhost:11434/v1" }, own)).toBeUndefined();
  expect(priceOf({ model: "llama3.1", endpoint: "http://localhost:11434/v1" }, own)).toEqual({
    input: 0,
    cached: 0,
    output: 0,
  });
  expect(priceOf({ model: "gpt-4o", endpoint: null }, own)?.input).toBe(1);
  expect(priceOf({ model: "toString", endpoint: null }, {})).toBeUndefined();
});

test("a damaged total on disk restarts at zero, and the turn is stored", async () => {
  const { agent, memgpt } = await dearAgent([say, say]);
  await agent.ask("hello");
  await agent.close();
  const Sqlite = await loadSqlite();
  const db = new Sqlite(agentFolder(memgpt.home, "sam").database);
  db.exec("UPDATE meta SET value = '{half' WHERE key = 'spent'");
  db.close();

  const again = await memgpt.openAgent("sam");
  await again.ask("hello");

  expect((await again.spent()).agent.requests).toBe(1);
});
