import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { collect, committed, only, scriptedAgent, testHome } from "../support/agents.ts";
import { say, learn, human, blockOf, found, everything } from "./edits.ts";

describe("summarize", () => {
  const TALK = Array.from({ length: 4 }, (_, n) => say(`Reply ${n}: ${"so it is ".repeat(40)}`));

  test("reports what left the context, and an undo brings it back", async () => {
    const { agent, llm } = await scriptedAgent([...TALK, { think: "We spoke of tulips." }]);
    for (let n = 0; n < TALK.length; n += 1) await agent.ask(`Message ${n} ${"and so on ".repeat(40)}`);
    const before = agent.state;
    const size = await agent.recall.size();

    const events = await collect(agent.summarize({ hint: "Mind the tulips" }));

    const flush = only(events, "queue_flush");
    expect(flush.evicted).toBeGreaterThan(0);
    expect(flush.summary).toContain("We spoke of tulips.");
    expect(JSON.stringify(llm.seen.at(-1))).toContain("Mind the tulips");
    expect(agent.state.queue.length).toBeLessThan(before.queue.length);
    expect(await found(agent, '"Message 0"')).toEqual([1, 0]);

    const undone = await agent.undo();
    expect(undone.actions).toHaveLength(1);
    expect(undone.change.evicted).toBe(-flush.evicted);
    expect(agent.state).toEqual(before);
    expect(await agent.recall.size()).toBe(size);
    await agent.redo();
    expect(agent.state.queue.length).toBeLessThan(before.queue.length);
  });

  test("messages that had left the context and are then removed do not count as back in context", async () => {
    const { agent } = await scriptedAgent([...TALK, { think: "We spoke of tulips." }]);
    for (let n = 0; n < TALK.length; n += 1) await agent.ask(`Message ${n} ${"and so on ".repeat(40)}`);
    await collect(agent.summarize());

    expect((await agent.wipe()).evicted).toBe(0);
    expect((await agent.undo()).change.evicted).toBe(0);
    expect((await agent.undo(TALK.length + 1)).change.evicted).toBe(0);
    expect((await agent.redo()).change.evicted).toBe(0);
  });

  test("says so if there is nothing to summarize", async () => {
    const { agent } = await scriptedAgent([]);
    const before = await everything(agent);

    expect(committed(await collect(agent.summarize()))).toEqual(["notice"]);

    expect(await everything(agent)).toEqual(before);
  });
});

describe("wipe", () => {
  test("starts over, and an undo brings everything back", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips."), say("Hi.")]);
    const born = { human: human(agent), persona: blockOf(agent, "persona"), length: agent.state.queue.length };
    await agent.ask("I like tulips");
    await agent.editBlock("persona", "I am a florist.");
    const before = agent.state;
    const messages = await agent.recall.latest(100);

    const change = await agent.wipe();

    expect(change).toMatchObject({
      messages: { removed: messages.length, added: 0 },
      passages: { removed: ["Likes tulips."], added: [] },
    });
    expect(change.blocks.map(({ label }) => label).sort()).toEqual(["human", "persona"]);
    expect([human(agent), blockOf(agent, "persona")]).toEqual([born.human, born.persona]);
    expect(agent.state.queue).toHaveLength(born.length);
    expect([await agent.recall.size(), await agent.archival.size()]).toEqual([0, 0]);
    expect(await found(agent, "tulips")).toEqual([0, 0]);
    expect(await agent.ask("Hello")).toBe("Hi.");

    await agent.undo(2);
    expect(agent.state).toEqual(before);
    expect(await agent.recall.latest(100)).toEqual(messages);
    expect(await found(agent, "tulips")).toEqual([2, 1]);
  });

  test("restores the blocks that the agent was made with, and leaves shared ones to the others", async () => {
    const memgpt = await testHome();
    const { id } = await memgpt.blocks.create({ label: "team", value: "Blue.", limit: 100 });
    const blocks = [
      { label: "human", value: "Ann.", limit: 100 },
      { label: "garden", value: "Tulips.", limit: 300, description: "What grows" },
    ];
    const agent = await memgpt.createAgent({ name: "sam", blocks }, { verify: false });
    await memgpt.blocks.attach(agent, id);
    const made = agent.state.blocks;
    await agent.editBlock("garden", "Roses.");
    await agent.removeBlock("human");
    await agent.editBlock("team", "Red.");

    await agent.wipe();

    expect(agent.state.blocks).toEqual(made.map((block) => (block.id === id ? { ...block, value: "Red." } : block)));
    expect((await memgpt.blocks.get(id)).value).toBe("Red.");
  });
});

test("wipe works on an agent whose database was lost, and one undo reverts it", async () => {
  const { agent, memgpt } = await scriptedAgent([learn("Likes tulips."), say("Hi.")]);
  await agent.ask("I like tulips");
  await agent.close();
  const { root } = agentFolder(memgpt.home, "sam");
  for (const file of readdirSync(root)) if (file.startsWith("agent.db")) rmSync(join(root, file));
  const again = await memgpt.openAgent("sam");
  const { shown: _, ...before } = again.state;
  expect(await again.recall.size()).toBe(6);

  await again.wipe();

  expect([await again.recall.size(), await again.archival.size()]).toEqual([0, 0]);
  expect(await found(again, "tulips")).toEqual([0, 0]);
  await again.undo();
  expect(again.state).toMatchObject(before);
  expect(await again.recall.size()).toBe(6);
});
