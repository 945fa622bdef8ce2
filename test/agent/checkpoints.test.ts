import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { ScriptedLlm } from "memgpt/testing";
import { describe, expect, test } from "vitest";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { scriptedAgent, testClock, testHome } from "../support/agents.ts";
import { say, learn, human, found, everything, reopened } from "./edits.ts";

describe("checkpoints", () => {
  test("are loaded by name, number, file and time", async () => {
    const clock = testClock();
    const replies = ["One.", "Two.", "Three.", "Four."];
    const llm = new ScriptedLlm(replies.map((reply) => learn(reply)));
    const memgpt = await testHome({ llm: () => llm, now: clock.now });
    const agent = await memgpt.createAgent({ name: "sam" });
    const DAY = 86_400_000;
    const states = [];
    const files: string[] = [];
    const times: string[] = [];
    for (const reply of replies) {
      if (reply !== "One.") clock.advance(DAY);
      await agent.ask(reply);
      const entry = await agent.checkpoint(reply === "Two." ? "the second" : null);
      states.push(agent.state);
      files.push(entry.file);
      times.push(clock.now());
    }
    const [one, two, three, four] = states;

    const loaded = await agent.loadCheckpoint("the second");
    expect(loaded.checkpoint).toMatchObject({ name: "the second", kept: true, file: files[1] });
    expect(loaded.change).toMatchObject({
      messages: { removed: 10, added: 0 },
      passages: { removed: expect.arrayContaining(["Three.", "Four."]), added: [] },
    });
    expect(agent.state).toEqual(two);
    expect([await found(agent, "Two"), await found(agent, "Three")]).toEqual([
      [2, 1],
      [0, 0],
    ]);

    await agent.loadCheckpoint(files[3] ?? "");
    expect(agent.state).toEqual(four);
    // The newest at or before that time.
    await agent.loadCheckpoint(new Date(Date.parse(times[2] ?? "") + 5000).toISOString());
    expect(agent.state).toEqual(three);
    await agent.loadCheckpoint(new Date(Date.parse(times[0] ?? "") + DAY / 2).toISOString());
    expect(agent.state).toEqual(one);
    await agent.undo(4);
    expect(agent.state).toEqual(four);
    await agent.loadCheckpoint("yesterday 23:00");
    expect(agent.state).toEqual(three);

    const entries = await agent.checkpoints();
    const number = entries.find(({ file }) => file === files[0])?.number;
    await agent.loadCheckpoint(String(number));
    expect(agent.state).toEqual(one);
    expect(await agent.ask("on from here").catch((error: unknown) => error)).toBeInstanceOf(Error);
  });

  test("refuses an unknown checkpoint and a malformed name", async () => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    await agent.ask("Hello");
    await agent.checkpoint("garden");
    const before = await everything(agent);

    for (const which of ["99", "gardenia", "2020-01-01T00:00:00Z", "2026-01-01T00-00-00.000Z.json"]) {
      await expect(agent.loadCheckpoint(which), which).rejects.toMatchObject({ code: "not_found" });
    }
    for (const which of ["0", "", "  "]) {
      await expect(agent.loadCheckpoint(which), which).rejects.toMatchObject({
        code: expect.stringMatching(/^(not_found|invalid_input)$/),
      });
    }
    expect(await everything(agent)).toEqual(before);
  });

  test("a name must be visible, not too long, and not a number", async () => {
    const { agent } = await scriptedAgent([]);
    const before = await everything(agent);

    for (const name of ["12", "x".repeat(65), "a\u0007b", "a\nb"]) {
      await expect(agent.checkpoint(name), name).rejects.toMatchObject({ code: "invalid_input" });
    }

    expect(await everything(agent)).toEqual(before);
    expect(await agent.checkpoint("x".repeat(64))).toMatchObject({ number: 1, kept: true, name: "x".repeat(64) });
  });

  test("are listed newest first, kept ones marked, and one is written for every change", async () => {
    const { agent, memgpt } = await scriptedAgent([say("Hi."), say("Fine.")]);
    const count = async (): Promise<number> => (await agent.checkpoints()).length;
    const born = await count();
    await agent.ask("Hello");
    await agent.ask("How are you?");
    await agent.pop();
    await agent.undo();
    await agent.redo();
    expect(await count()).toBe(born + 5);
    await agent.save();
    expect(await count()).toBe(born + 5);

    const kept = await agent.checkpoint("garden");

    const entries = await agent.checkpoints();
    expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1));
    expect(entries[0]).toEqual(kept);
    expect(entries.filter((entry) => entry.kept)).toEqual([kept]);
    expect(entries.map(({ file }) => file)).toEqual(
      entries
        .map(({ file }) => file)
        .sort()
        .reverse(),
    );
    expect((await (await reopened(memgpt, agent)).checkpoints()).map(({ name }) => name)).toContain("garden");
  });

  test("keeps fewer on request, but always named ones and the newest", async () => {
    const { agent } = await scriptedAgent(Array.from({ length: 12 }, (_, n) => say(`Reply ${n}.`)));
    await agent.ask("Message 0");
    const state = agent.state;
    await agent.checkpoint("garden");
    for (let n = 1; n < 10; n += 1) await agent.ask(`Message ${n}`);
    const before = await agent.checkpoints();

    const removed = await agent.keepCheckpoints(2);

    const after = await agent.checkpoints();
    const left = new Set(after.map(({ file }) => file));
    expect(left).toContain(before[0]?.file);
    expect(before.filter(({ file }) => !left.has(file))).toHaveLength(removed);
    expect(removed).toBeGreaterThan(5);
    await expect(agent.keepCheckpoints(0)).rejects.toMatchObject({ code: "invalid_input" });
    await agent.ask("Message 10");
    await agent.ask("Message 11");
    expect(await agent.checkpoints()).toHaveLength(after.length);
    await agent.loadCheckpoint("garden");
    expect(agent.state).toEqual(state);
  });
});

describe("between sessions", () => {
  /** Two turns, the checkpoint of the second taken away by hand. */
  async function reverted() {
    const { agent, memgpt } = await scriptedAgent([learn("Likes tulips."), learn("Likes roses.")]);
    await agent.ask("I like tulips");
    await agent.ask("I like roses");
    const after = agent.state;
    await agent.close();
    const folder = agentFolder(memgpt.home, "sam");
    const newest = readdirSync(folder.checkpoints).sort().at(-1) ?? "";
    const aside = { from: join(folder.root, newest), to: join(folder.checkpoints, newest) };
    renameSync(aside.to, aside.from);
    return { memgpt, after, aside, agent: await memgpt.openAgent("sam") };
  }

  test("deleting newer checkpoints goes back, and an undo brings the newer state", async () => {
    const { agent, after } = await reverted();
    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [2, 1],
      [0, 0],
    ]);

    const undone = await agent.undo();

    expect(undone.actions).toHaveLength(1);
    expect(undone.change.messages).toEqual({ removed: 0, added: 5, rewritten: 0 });
    expect(human(agent)).toContain("Likes roses.");
    expect(agent.state.queue).toEqual(after.queue);
    expect(await found(agent, "roses")).toEqual([2, 1]);
  });

  test("putting them back goes forward again; both can be undone", async () => {
    const { agent, memgpt, aside } = await reverted();
    await agent.close();
    renameSync(aside.from, aside.to);

    const again = await memgpt.openAgent("sam");
    expect(await found(again, "roses")).toEqual([2, 1]);

    await again.undo();
    expect(await found(again, "roses")).toEqual([0, 0]);
    await again.undo();
    expect(await found(again, "roses")).toEqual([2, 1]);
    await again.undo(2);
    expect(await again.recall.size()).toBe(0);
  });
});
