import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FunctionCall, MemGPT, type Message } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { problemsOf } from "../../src/storage/sqlite/check.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { MIGRATIONS } from "../../src/storage/sqlite/migrations.ts";
import { type SummedTable, changedRow } from "../../src/storage/sqlite/sums.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at as timeAt, newState, openStore, passage, someAction, toSchema } from "./support.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** A home with one agent, `old`, as the program wrote it whose database had `schema` migrations. */
async function homeOf(schema: string): Promise<MemGPT> {
  const dir = temporaryFolder();
  cpSync(join(FIXTURES, schema), join(dir, "agents", "old"), { recursive: true });
  const memgpt = await MemGPT.open({ dir, env: {} });
  onTestFinished(() => memgpt.close());
  return memgpt;
}

test("an agent of the first schema opens with everything it remembers, and can be talked to and undone", async () => {
  const memgpt = await homeOf("schema-1");

  const agent = await memgpt.openAgent("old");

  expect(agent.state.blocks[1]?.value).toContain("Name: Ada");
  expect(await agent.recall.size()).toBe(17);
  expect((await agent.find({ query: "boiler" })).total).toBeGreaterThan(0);
  const before = agent.state;
  await agent.ask("My sister is called Zoe.");
  expect((await agent.find({ query: "sister" })).total).toBeGreaterThan(0);
  await agent.undo();
  expect(agent.state).toEqual(before);
  expect((await agent.find({ query: "sister" })).total).toBe(0);
});

test("an agent of the first schema goes to each of its checkpoints and forward again, across undone turns", async () => {
  const memgpt = await homeOf("schema-1");
  const agent = await memgpt.openAgent("old");
  const newest = agent.state;
  const recalled = await agent.recall.size();
  const old = (await agent.checkpoints()).filter(({ file }) => file.startsWith("2026-11-20"));
  expect(old).toHaveLength(5);

  const sizes = [];
  for (const { file } of old) {
    await agent.loadCheckpoint(file);
    sizes.push(await agent.recall.size());
    expect((await agent.find({ query: "brother Tom" })).total > 0).toBe(file.includes("T09-00-34"));
  }
  // Turns of 7, 6 and 6 messages, of which the last was undone, and one of 4.
  expect(sizes).toEqual([7 + 6 + 4, 7 + 6 + 6, 7 + 6, 7, 0]);
  await agent.undo(old.length);

  expect(agent.state).toEqual(newest);
  expect(await agent.recall.size()).toBe(recalled);
});

test("an agent of the seventh schema opens with everything it remembers, and can be talked to and undone", async () => {
  const memgpt = await homeOf("schema-7");

  const agent = await memgpt.openAgent("old");

  expect(await agent.recall.size()).toBe(21);
  expect(await agent.archival.size()).toBe(2);
  const find = async (query: string, where: "recall" | "archival" = "recall"): Promise<number> =>
    (await agent.find({ query, in: where })).total;
  expect(await find("boilers")).toBeGreaterThan(0);
  expect(await find("北京")).toBe(1);
  expect(await find("Evora pastry", "archival")).toBe(1);
  expect(await find("ακροπολης", "archival")).toBe(1);
  expect(await find("bicycles")).toBeGreaterThan(0);
  const before = agent.state;
  await agent.ask("My brother is called Tom.");
  expect(await find("brother")).toBeGreaterThan(0);
  await agent.undo();
  expect(agent.state).toEqual(before);
  expect(await find("brother")).toBe(0);
});

test("rows of a schema without origins have none; old and new rows match their checksums", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const commit = async (id: string): Promise<void> => {
    const store = await openStore(file);
    const kept = { action: someAction(), cause: id, at: timeAt(1), origin: "import", state: newState(), messages: [] };
    await store.history.commit({ ...kept, passages: [passage(id, `apple ${id}`)] });
    await store.close();
  };
  await commit("birth");
  await commit("old");
  await toSchema(MIGRATIONS.length - 1, file);

  await commit("new");

  const store = await openStore(file);
  const origins = (await store.archival.latest(9)).map(({ id, origin }) => [id, origin]);
  expect(origins).toEqual([
    ["new", "import"],
    ["old", undefined],
    ["birth", undefined],
  ]);
  const entries = await store.history.journal.entries(0, 99);
  expect(entries.filter(({ kind }) => kind === "passage").map(({ ref, origin }) => [ref, origin])).toEqual([
    ["old", null],
    ["new", "import"],
  ]);
  await store.close();
  const db = await openDatabase(file);
  onTestFinished(() => void db.close());
  expect(problemsOf(db)).toBe("");
  expect(["passages", "journal"].map((table) => changedRow(db, table as SummedTable))).toEqual(["", ""]);
});

test("rows stored without a kind are understood: why lists the search, and a popped warning can come again", async () => {
  const dir = temporaryFolder();
  cpSync(join(FIXTURES, "schema-7"), join(dir, "agents", "old"), { recursive: true });
  const store = await SqliteAgentStore.open({ file: join(dir, "agents", "old", "agent.db") });
  const state = await store.history.load();
  if (state === undefined) throw new Error("the fixture has no state");
  const [at, found] = ["2026-11-24T18:06:00.000Z", (await store.recall.latest(9)).find(({ role }) => role === "user")];
  const search = { id: "s", name: "conversation_search", arguments: '{"query":"bicycle"}' };
  const reply = { id: "r", name: "send_message", arguments: '{"message":"You bought a red one."}' };
  const messages: Message[] = [
    user("question", "user_message", "What did I buy?", at),
    { id: "looks", createdAt: at, role: "assistant", content: "I look.", calls: [search] },
    { ...returnOf(search, at), hits: [{ id: found?.id ?? "", signals: {} }] },
    { id: "replies", createdAt: at, role: "assistant", content: null, calls: [reply] },
    returnOf(reply, at),
    user(
      "warning",
      "system_alert",
      "[This is an automated system message hidden from the user] Memory pressure: …",
      at,
    ),
  ];
  const pressure = { ...state.pressure, alerted: true };
  const next = { ...state, pressure, queue: [...state.queue, ...messages] };
  await store.history.commit({
    action: { id: "a", label: "a turn" },
    cause: "looks",
    at,
    state: next,
    messages,
    passages: [],
  });
  await store.close();
  const memgpt = await MemGPT.open({ dir, env: {} });
  onTestFinished(() => memgpt.close());

  const agent = await memgpt.openAgent("old");

  expect((await agent.why())?.searches).toMatchObject([
    { function: "conversation_search", results: [{ id: found?.id }] },
  ]);
  expect(agent.state.pressure.alerted).toBe(true);
  await agent.pop(1);
  expect(agent.state.pressure.alerted).toBe(false);
});

function user(id: string, event: "user_message" | "system_alert", message: string, createdAt: string): Message {
  return { id, createdAt, role: "user", event, content: JSON.stringify({ type: event, message, time: "now" }) };
}

function returnOf({ id, name }: FunctionCall, createdAt: string): Extract<Message, { role: "function" }> {
  const content = JSON.stringify({ status: "OK", message: "Showing 1 of 1 result", time: "now" });
  return { id: `${id}-return`, createdAt, role: "function", callId: id, name, status: "OK", content };
}

test("an agent of the first schema can be read without opening it", async () => {
  const memgpt = await homeOf("schema-1");

  expect(await memgpt.inspect("old")).toMatchObject({ recall: { total: 17 } });
});
