import { readFileSync } from "node:fs";
import type { Agent } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { describe, expect, test } from "vitest";
import { createAgent, openAgent } from "../../src/host/agents.ts";
import type { Household } from "../../src/host/household.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { databaseHouse } from "../support/database-house.ts";
import { TestEmbedder } from "../support/embedder.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { FIRST, SECRET, answers, blockOf, tablesSaying, tell } from "./support/told.ts";

describe.each(DATABASES)("what is forgotten in $name", ({ open }) => {
  const database = sharedDatabase(open);

  test("is in no column of any row, and everything else is found as before", async () => {
    const { agent, house } = await told(database());
    // Postings are packed a moment after what they are of.
    await expect
      .poll(async () => (await tablesSaying("Zanzibar", database())).sort())
      .toEqual(["actions", "checkpoints", "heads", "journal", "messages", "passages", "postings"].sort());
    const before = await agent.recall.size();
    const others = await agent.recall.search({ text: "number" }, FIRST);

    const found = await agent.forget({ match: SECRET });

    expect(found).toMatchObject({ passages: 2, typed: 1, copies: [] });
    expect(found.remains).toContain("replicas of the database are unchanged");
    expect(found.messages).toBeGreaterThan(3);
    expect(await tablesSaying("Zanzibar", database())).toEqual([]);
    expect(await agent.recall.size()).toBeLessThan(before);
    expect((await agent.recall.search({ text: "tea" }, FIRST)).total).toBeGreaterThan(0);
    expect((await agent.recall.search({ text: "number" }, FIRST)).total).toBe(others.total);
    expect((await agent.archival.search({ text: "lived" }, FIRST)).total).toBe(0);
    expect(blockOf(agent)).toContain("Likes tea.\nHas a dog.");
    const typed = readFileSync(house.home.historyFile, "utf8");
    expect(typed).not.toContain("Zanzibar");
    expect(typed).toContain("tea");
    await agent.close();
    const again = await openAgent(house, "sam", {}, {});
    expect(again.state.blocks).toEqual(agent.state.blocks);
    expect(await again.recall.size()).toBe(await agent.recall.size());
    await again.close();
  });

  test("is not restored by undo, redo or checkpoints, and can be said again", async () => {
    const { agent } = await told(database());
    const head = await agent.journal.head();
    await agent.forget({ match: SECRET }, { by: "Ada" });
    expect((await agent.journal.entries(head, head + 1))[0]).toMatchObject({ cause: "forget: Ada", kind: "state" });

    await agent.undo(2);
    await agent.redo();
    await agent.loadCheckpoint("told");
    await agent.save();

    expect(await tablesSaying("Zanzibar", database())).toEqual([]);
    await agent.addPassages([{ text: `Back in ${SECRET}.` }]);
    expect((await agent.archival.search({ text: "Zanzibar" }, FIRST)).total).toBe(1);
    await agent.forget({ match: SECRET });
    await agent.close();
  });

  test("can be all that was undone, and a preview changes nothing", async () => {
    const { agent } = await told(database());
    await agent.undo();
    const { state } = agent;
    const places = await tablesSaying("Zanzibar", database());

    const shown = await agent.forgettable({ allUndone: true });
    expect(await tablesSaying("Zanzibar", database())).toEqual(places);
    expect((await agent.redo()).actions.length).toBe(1);
    await agent.undo();
    const found = await agent.forget({ allUndone: true });

    expect(found.messages).toBe(shown.messages);
    expect(found.messages).toBeGreaterThan(0);
    expect(agent.state.queue).toEqual(state.queue);
    expect((await agent.redo()).actions).toEqual([]);
    await agent.forget({ match: SECRET });
    await agent.close();
  });

  test("removes its session and speaker too", async () => {
    const { agent } = await told(database());
    const counts = async (): Promise<object[]> => [
      ...(await database().query<object>("SELECT name FROM speakers WHERE name = 'Zoe'")),
      ...(await database().query<object>(
        "SELECT 1 FROM messages m WHERE n IS NOT NULL AND NOT EXISTS (SELECT FROM messages f WHERE f.agent = m.agent AND f.n = m.session)",
      )),
    ];
    const said = [`I am from ${SECRET}, too.`, "I like tea."].map((text, i) => ({
      ...{ role: "user" as const, text, name: i === 0 ? "Zoe" : "Max" },
      createdAt: `2026-12-20T12:00:0${i}.000Z`,
    }));
    await agent.importMessages(said);
    expect(await counts()).toEqual([{ name: "Zoe" }]);

    await agent.forget({ match: SECRET });

    expect(await counts()).toEqual([]);
    await agent.close();
  });
});

/** An agent that heard the secret and searched for it, with enough other messages for packed postings. */
async function told(database: Database): Promise<{ agent: Agent; house: Household }> {
  const house = databaseHouse(database, {
    llm: () => new ScriptedLlm(answers),
    embedder: () => new TestEmbedder("first"),
  });
  const agent = await createAgent(house, { name: "sam" }, {});
  const texts = Array.from({ length: 140 }, (_, i) => ({
    role: i % 2 === 0 ? ("user" as const) : ("assistant" as const),
    text: `Line number ${i} about tea.`,
    createdAt: `2026-11-20T12:00:${String(i % 60).padStart(2, "0")}.000Z`,
  }));
  await tell(agent, house.home.historyFile);
  await agent.importMessages(texts);
  await agent.save();
  return { agent, house };
}
