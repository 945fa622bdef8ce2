import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Agent, MemGPT } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { checkDatabase } from "../../src/storage/sqlite/check.ts";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { TestEmbedder } from "../support/embedder.ts";
import { collect, temporaryFolder, testClock, testHome } from "../support/agents.ts";
import { FIRST, SECRET, answers, blockOf, filesSaying, noting, tea, tell } from "./support/told.ts";

const FORGETTER = fileURLToPath(new URL("drivers/forgetter.ts", import.meta.url));
/** An agent that heard the secret and searched for it. */
async function told(): Promise<{ memgpt: MemGPT; agent: Agent }> {
  const memgpt = await testHome({
    llm: () => new ScriptedLlm(answers),
    now: testClock().now,
    embedder: () => new TestEmbedder("first"),
  });
  const agent = await memgpt.createAgent({ name: "sam" });
  await tell(agent, memgpt.home.historyFile);
  return { memgpt, agent };
}

describe("what is forgotten", () => {
  test("is in no file of the home, while the agent is open and after; everything else is unchanged", async () => {
    const { memgpt, agent } = await told();
    expect(filesSaying("Zanzibar", memgpt.home.root).length).toBeGreaterThan(3);
    const before = await agent.recall.size();

    const found = await agent.forget({ match: SECRET });

    expect(found).toMatchObject({ passages: 2, typed: 1 });
    expect(found.rewrites.map(({ label }) => label)).toEqual(["human"]);
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
    expect(await agent.recall.size()).toBeLessThan(before);
    expect((await agent.recall.search({ text: "tea" }, FIRST)).total).toBeGreaterThan(0);
    expect((await agent.archival.search({ text: "lived" }, FIRST)).total).toBe(0);
    expect(blockOf(agent)).toContain("Likes tea.\nHas a dog.");
    await agent.close();
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
    expect(await checkDatabase(agentFolder(memgpt.home, "sam").database)).toBe("");
    const reopened = await memgpt.openAgent("sam");
    expect(reopened.notices).toEqual([]);
    expect(readFileSync(memgpt.home.historyFile, "utf8")).toContain("tea");
  });

  test("is not restored by undo, redo or an old checkpoint, and can be said again", async () => {
    const { memgpt, agent } = await told();
    await agent.forget({ match: SECRET });

    await agent.undo(2);
    await agent.redo();
    await agent.loadCheckpoint("told");
    await agent.save();

    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
    expect(blockOf(agent)).toContain("Likes tea.");
    await agent.addPassages([{ text: `Back in ${SECRET}.` }]);
    expect((await agent.archival.search({ text: "Zanzibar" }, FIRST)).total).toBe(1);
  });

  test("leaves an entry in the journal: when and by whom, but not what", async () => {
    const { agent } = await told();
    const head = await agent.journal.head();

    await agent.forget({ match: SECRET }, { by: "Ada" });

    const [entry] = await agent.journal.entries(head, head + 1);
    expect(entry).toMatchObject({ cause: "forget: Ada", kind: "state", ref: "id" });
  });

  test("stays in a block that is kept, and nowhere else in memory", async () => {
    const { agent } = await told();

    await agent.forget({ match: SECRET }, { keep: ["human"] });

    expect(blockOf(agent)).toContain(SECRET);
    expect((await agent.recall.search({ text: "Zanzibar" }, FIRST)).total).toBe(0);
  });

  test("is one message by its id, with everything that quotes it", async () => {
    const { memgpt, agent } = await told();
    const [hit] = (await agent.recall.search({ text: '"used to live"' }, FIRST)).items;

    await agent.forget({ message: hit?.id ?? "" });

    expect((await agent.recall.get(hit?.id ?? "")) ?? null).toBeNull();
    expect((await agent.actions(9)).map(({ label }) => label).join()).not.toContain("used to live");
    expect(readFileSync(memgpt.home.historyFile, "utf8")).not.toContain("used to live");
  });

  test("is removed from a summary and a block made of it, once the person has seen and agreed to each change", async () => {
    const summary = `The person likes tea. They lived in ${SECRET}. They have a dog.`;
    const llm = new ScriptedLlm([tea, noting, tea, { think: summary }, tea]);
    const memgpt = await testHome({ llm: () => llm, now: testClock().now });
    const agent = await memgpt.createAgent({ name: "sam" });
    await collect(agent.send("I like tea."));
    await collect(agent.send(`I used to live in ${SECRET}.`));
    await collect(agent.send("More tea?"));
    await collect(agent.summarize());
    expect(JSON.stringify(agent.state.queue[0])).toContain("Zanzibar");

    const { rewrites } = await agent.forgettable({ match: SECRET });
    expect(rewrites.map(({ label }) => label)).toEqual(["human", "summary"]);
    expect(rewrites[1]?.before).toContain(SECRET);
    expect(rewrites[1]?.after).toContain("The person likes tea. They have a dog.");

    await agent.forget({ match: SECRET }, { keep: ["summary"] });
    expect(blockOf(agent)).not.toContain("Zanzibar");
    expect(JSON.stringify(agent.state.queue[0])).toContain("Zanzibar");
    await agent.forget({ match: SECRET });
    expect(JSON.stringify(agent.state.queue[0])).toContain("They have a dog.");
    await agent.close();
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
  });

  test("can be everything of some days, and nothing of other days", async () => {
    const memgpt = await testHome({ now: testClock().now });
    const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
    const on = (day: string, text: string) => ({ role: "user" as const, text, createdAt: `2025-03-${day}T12:00:00Z` });
    await agent.importMessages([
      on("01", "First."),
      on("02", `In ${SECRET}.`),
      on("03", "Zanzibar again."),
      on("04", "Last."),
    ]);
    await agent.addPassages([{ text: `${SECRET} is far.`, createdAt: "2025-03-03T09:00:00Z" }]);

    const found = await agent.forget({ from: "2025-03-02", to: "2025-03-03" });

    expect(found).toMatchObject({ messages: 2, passages: 1 });
    const left = (await agent.recall.searchDate({}, FIRST)).items.map(({ text }) => text);
    expect(left).toEqual(["First.", "Last."]);
    await agent.close();
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
  });

  test("can be what searches showed of a source; the source itself stays", async () => {
    const llm = new ScriptedLlm([
      { call: "archival_memory_search", args: { query: "harbour", request_heartbeat: true } },
      tea,
    ]);
    const memgpt = await testHome({ llm: () => llm, now: testClock().now });
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.txt"), `The harbour of ${SECRET} opens at six.`);
    for await (const event of memgpt.sources.load("harbours", [folder])) expect(event.type).not.toBe("failed");
    const agent = await memgpt.createAgent({ name: "sam" });
    await agent.attach("harbours");
    await collect(agent.send("When does the harbour open?"));
    expect(JSON.stringify(agent.state.queue)).toContain("Zanzibar");

    const found = await agent.forget({ source: "harbours" });

    expect(found.messages).toBeGreaterThan(0);
    expect(JSON.stringify(agent.state.queue)).not.toContain("Zanzibar");
    await agent.close();
    expect(filesSaying("Zanzibar", join(memgpt.home.root, "agents"))).toEqual([]);
  });

  test("can be all that was undone: redo finds nothing, and the present stays", async () => {
    const { memgpt, agent } = await told();
    await agent.undo();
    const { state } = agent;

    const found = await agent.forget({ allUndone: true });

    expect(found.messages).toBeGreaterThan(0);
    expect(agent.state.blocks).toEqual(state.blocks);
    expect(agent.state.queue).toEqual(state.queue);
    expect((await agent.redo()).actions).toEqual([]);
    await agent.close();
    expect((await memgpt.openAgent("sam")).state.queue).toEqual(state.queue);
  });

  test("keeps the checkpoint after an undo that led to the present", async () => {
    const { agent } = await told();
    const before = (await agent.checkpoints()).map(({ after }) => after);
    expect(before).toContain("undo");

    await agent.forget({ allUndone: true });

    expect((await agent.checkpoints()).map(({ after }) => after)).toContain("undo");
  });

  test("is gone from memory while another program reads the agent, and from its files once that ends", async () => {
    const { memgpt, agent } = await told();
    const reader = new Database(agentFolder(memgpt.home, "sam").database, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM messages").get();

    await expect(agent.forget({ match: SECRET })).rejects.toThrow("another program is reading the agent");

    expect(JSON.stringify(agent.state)).not.toContain("Zanzibar");
    expect(filesSaying("Zanzibar", memgpt.home.root)).not.toEqual([]);
    reader.close();
    await agent.close();
    await memgpt.openAgent("sam");
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
  });

  test("is in no record, new or old, of a block that the agent shares", async () => {
    const { memgpt, agent } = await told();
    const { id } = await memgpt.blocks.create({ label: "home", value: `Once in ${SECRET}. Near the sea.`, limit: 500 });
    await memgpt.blocks.attach(agent, id);
    await memgpt.blocks.change(id, { value: `Once in ${SECRET}, long ago. Near the sea.` });
    await agent.receiveBlocks();

    await agent.forget({ match: SECRET });

    expect((await memgpt.blocks.get(id)).value).toBe("Near the sea.");
    await agent.close();
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
  });

  test("is shown first: a preview changes nothing", async () => {
    const { memgpt, agent } = await told();
    const files = filesSaying("Zanzibar", memgpt.home.root);

    const found = await agent.forgettable({ match: SECRET });

    expect(found.messages).toBeGreaterThan(0);
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual(files);
    expect((await agent.recall.search({ text: "Zanzibar" }, FIRST)).total).toBeGreaterThan(0);
  });

  test.each([{}, { match: "a text", message: "and an id" }, { match: "x" }, { from: "no day" }])(
    "rejects %j",
    async (request) => {
      const { agent } = await told();

      await expect(agent.forget(request)).rejects.toMatchObject({ code: "invalid_input" });
    },
  );
});

test.each(["order", "checkpoints", "copies", "common", "rows", "pages", "done"])(
  "forgetting killed after the step %j is completed when the agent is opened",
  async (last) => {
    const { memgpt, agent } = await told();
    await agent.close();
    const task = JSON.stringify({ home: memgpt.home.root, name: "sam", match: SECRET, last });

    const child = spawn(process.execPath, ["--import", "tsx", FORGETTER, task], {
      stdio: ["ignore", "ignore", "inherit"],
    });

    expect(await once(child, "close")).toEqual([null, "SIGKILL"]);
    const opened = await memgpt.openAgent("sam");
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
    await opened.close();
    expect(filesSaying("Zanzibar", memgpt.home.root)).toEqual([]);
    expect(await checkDatabase(agentFolder(memgpt.home, "sam").database)).toBe("");
  },
);
