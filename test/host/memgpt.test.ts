import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { collect, temporaryFolder, testHome } from "../support/agents.ts";

test("an agent remembers after being closed and opened in another process", async () => {
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir });
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.ask("my boyfriend James baked me a birthday cake");
  const before = agent.state;
  await agent.close();

  const again = await (await testHome({ dir })).openAgent("sam");

  expect(again.state).toEqual(before);
  expect(await again.ask("What is my boyfriend's name?")).toContain("James");
});

test("several agents of one home talk at once and do not mix", async () => {
  const memgpt = await testHome();
  const [ana, ben] = [await memgpt.createAgent({ name: "ana" }), await memgpt.createAgent({ name: "ben" })];

  await Promise.all([ana.ask("My cat is called Miezi"), ben.ask("My dog is called Rex")]);

  expect((await ana.recall.search({ text: "Rex" }, { page: 0, size: 5 })).total).toBe(0);
  expect((await ben.recall.search({ text: "Rex" }, { page: 0, size: 5 })).total).toBeGreaterThan(0);
});

test("an agent that is open cannot be opened again, and the holder is named", async () => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" });

  await expect(memgpt.openAgent("sam")).rejects.toMatchObject({
    code: "agent_locked",
    message: expect.stringContaining(`process ${process.pid}`),
  });
  await expect(memgpt.deleteAgent("sam")).rejects.toMatchObject({ code: "agent_locked" });
  await agent.close();
  await (await memgpt.openAgent("sam")).close();
});

test("the error for an unknown name lists the existing ones and suggests the nearest", async () => {
  const memgpt = await testHome();
  await (await memgpt.createAgent({ name: "sam" })).close();

  await expect(memgpt.openAgent("sma")).rejects.toMatchObject({
    code: "agent_not_found",
    message: "There is no agent named sma. Did you mean sam? There are: sam.",
  });
  await expect(memgpt.createAgent({ persona: "sam_pof" })).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringMatching(/No persona named sam_pof\. Did you mean sam_pov\? There are: anna_pa, /),
  });
  expect((await memgpt.listAgents()).map((agent) => agent.name)).toEqual(["sam"]);
});

test("a failed creation leaves nothing behind", async () => {
  const memgpt = await testHome();

  await expect(memgpt.createAgent({ name: "a", contextWindow: 100 })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(memgpt.createAgent({ name: "b", coreMemoryLimit: 50 })).rejects.toThrow(
    /The persona has \d+ characters, 50 fit/,
  );
  await expect(memgpt.createAgent({ name: "../c" })).rejects.toMatchObject({ code: "invalid_name" });

  expect(await memgpt.listAgents()).toEqual([]);
});

test("a person's own persona wins over the shipped one of that name", async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, "personas"));
  writeFileSync(join(dir, "personas", "sam_pov.txt"), "\uFEFFI am somebody else.\r\nReally.");
  const memgpt = await testHome({ dir });

  const agent = await memgpt.createAgent({ name: "sam", persona: "sam_pov" });

  expect(agent.state.blocks[0]?.value).toBe("I am somebody else.\nReally.");
});

test("a model, endpoint or window given for an existing agent is stored with it; its persona is unchanged", async () => {
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir });
  const agent = await memgpt.createAgent({ name: "sam", persona: "sam" });
  const { blocks } = agent.state;
  await agent.close();

  await (
    await memgpt.openAgent("sam", { model: "m", endpoint: "http://127.0.0.1:9/v1", contextWindow: 16_384 })
  ).close();

  const { state } = await memgpt.openAgent("sam");
  expect(state.settings).toMatchObject({
    model: "m",
    endpoint: "http://127.0.0.1:9/v1",
    contextWindow: 16_384,
    persona: "sam",
  });
  expect(state.blocks).toEqual(blocks);
});

test("a copied folder is a backup; under another name it is another agent", async () => {
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir });
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.ask("My name is Ana");
  await agent.close();

  cpSync(join(dir, "agents", "sam"), join(dir, "agents", "copy of sam"), { recursive: true });

  const copy = await memgpt.openAgent("copy of sam");
  expect(copy.name).toBe("copy of sam");
  expect(await copy.ask("What is my name?")).toContain("Ana");
});

test("a deleted agent is gone from the disk", async () => {
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir });
  await (await memgpt.createAgent({ name: "sam" })).close();

  await memgpt.deleteAgent("sam");

  expect(existsSync(join(dir, "agents", "sam"))).toBe(false);
  await expect(memgpt.deleteAgent("sam")).rejects.toMatchObject({ code: "agent_not_found" });
});

test("the window, the blocks, the totals and the checkpoints can be inspected while the agent is open", async () => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam", contextWindow: 4096 });
  await agent.ask("my boyfriend James baked me a birthday cake");

  const inspected = await memgpt.inspect("sam");

  expect(inspected).toMatchObject({
    name: "sam",
    model: "practice",
    preset: "memgpt_chat",
    context_window: 4096,
    recall: { total: await agent.recall.size(), embedding: null, without_vector: 0 },
    archival: { total: 0 },
    sources: [],
    queue: { messages: agent.state.queue.length },
    journal: { operations: await agent.journal.head() },
  });
  expect(inspected.blocks).toEqual(agent.state.blocks);
  expect(inspected.checkpoints.at(-1)).toMatchObject({ op: inspected.journal.operations });
});

test("opening a home that does not exist creates nothing", async () => {
  const dir = join(temporaryFolder(), "not", "there");

  const memgpt = await MemGPT.open({ dir, env: {} });

  expect(await memgpt.listAgents()).toEqual([]);
  expect(existsSync(dir)).toBe(false);
  await memgpt.createAgent({ name: "sam" });
  expect(readdirSync(join(dir, "agents"))).toEqual(["sam"]);
  await memgpt.close();
});

test("repairs of the storage are reported once, with the next turn", async () => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.ask("My cat is called Miezi");
  await agent.close();
  const Sqlite = await loadSqlite();
  const db = new Sqlite(join(memgpt.home.agents, "sam", "agent.db"));
  // Lets a table be written that SQLite keeps for itself, as a bad disk does.
  db.unsafeMode(true);
  db.exec("UPDATE messages_fts_data SET block = x'ffffffffffff' WHERE id > 10");
  db.close();

  const reopened = await memgpt.openAgent("sam");
  const told = [];
  for (const message of ["Hello", "And again"]) {
    const events = await collect(reopened.send(message));
    told.push(events.flatMap((event) => (event.type === "notice" && event.code === "storage" ? [event.text] : [])));
  }

  expect(told).toEqual([[expect.stringContaining("full-text index was damaged")], []]);
  expect((await reopened.recall.search({ text: "Miezi" }, { page: 0, size: 5 })).total).toBeGreaterThan(0);
});
