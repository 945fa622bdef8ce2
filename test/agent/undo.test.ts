import { LlmError } from "memgpt";
import { describe, expect, test } from "vitest";
import { scriptedAgent } from "../support/agents.ts";
import { say, learn, note, human, found, everything, reopened, NO_COUNTS } from "./edits.ts";

describe("undo and redo", () => {
  test("a turn of several steps is undone as one, named by the message", async () => {
    const { agent } = await scriptedAgent([say("Hi."), note("Likes tulips."), learn("Likes roses.")]);
    await agent.ask("Hello");
    const before = agent.state;
    await agent.ask("I like flowers");

    const { actions, change } = await agent.undo();

    expect(actions.map(({ label }) => label)).toEqual([expect.stringContaining("I like flowers")]);
    expect(change.messages).toEqual({ removed: 8, added: 0, rewritten: 0 });
    expect(change.blocks.map(({ label }) => label)).toEqual(["human"]);
    expect(agent.state).toEqual(before);
    expect(await agent.recall.size()).toBe(4);
    expect(await found(agent, "flowers")).toEqual([0, 0]);
  });

  test("undo restores the state before, redo the state after", async () => {
    const { agent } = await scriptedAgent([say("Hi."), learn("Likes tulips.")]);
    await agent.ask("Hello");
    const states = [agent.state];
    await agent.ask("I like tulips");
    states.push(agent.state);

    await agent.undo();
    expect(agent.state).toEqual(states[0]);
    await agent.redo();
    expect(agent.state).toEqual(states[1]);
    expect(await found(agent, "tulips")).toEqual([2, 1]);
  });

  test("both work across sessions", async () => {
    const { agent, memgpt } = await scriptedAgent([say("Hi."), learn("Likes tulips.")]);
    await agent.ask("Hello");
    await agent.ask("I like tulips");
    const { shown: _, ...after } = agent.state;

    const second = await reopened(memgpt, agent);
    expect((await second.undo()).actions).toHaveLength(1);
    expect(await found(second, "tulips")).toEqual([0, 0]);

    const third = await reopened(memgpt, second);
    expect(human(third)).not.toContain("tulips");
    expect((await third.redo()).actions).toHaveLength(1);
    expect(third.state).toMatchObject(after);
    expect(await found(third, "tulips")).toEqual([2, 1]);
  });

  test("several are undone in one go, newest first, and redone in one go, oldest first", async () => {
    const { agent } = await scriptedAgent([learn("One."), learn("Two."), learn("Three.")]);
    for (const message of ["first", "second", "third"]) await agent.ask(message);
    const after = agent.state;

    const undone = await agent.undo(2);
    expect(undone.actions.map(({ label }) => label)).toEqual([
      expect.stringContaining("third"),
      expect.stringContaining("second"),
    ]);
    expect(human(agent)).toMatch(/One\.$/);

    const redone = await agent.redo();
    expect(redone.actions).toEqual([...undone.actions].reverse());
    expect(agent.state).toEqual(after);
    expect((await agent.redo()).actions).toEqual([]);
  });

  test("a redo reverts the last undo, the next redo the one before it", async () => {
    const { agent } = await scriptedAgent([learn("One."), learn("Two."), learn("Three.")]);
    for (const message of ["first", "second", "third"]) await agent.ask(message);
    await agent.undo(2);
    await agent.undo();

    expect((await agent.redo()).actions).toHaveLength(1);
    expect(human(agent)).toMatch(/One\.$/);
    expect((await agent.redo()).actions).toHaveLength(2);
    expect(human(agent)).toMatch(/Three\.$/);
    // Of what was undone together, each can be undone alone.
    await agent.undo();
    expect(human(agent)).toMatch(/Two\.$/);
  });

  test("changes nothing if nothing can be undone or redone", async () => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    const born = await everything(agent);

    expect((await agent.undo()).actions).toEqual([]);
    expect((await agent.redo()).actions).toEqual([]);
    expect(await everything(agent)).toEqual(born);

    await agent.ask("Hello");
    expect((await agent.undo(5)).actions).toHaveLength(1);
    expect(await agent.recall.size()).toBe(0);
    expect((await agent.undo()).actions).toEqual([]);
    expect((await agent.redo()).actions).toHaveLength(1);
  });

  test.each(NO_COUNTS)("refuses to undo %d turns", async (count) => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    await agent.ask("Hello");
    const before = await everything(agent);

    await expect(agent.undo(count)).rejects.toMatchObject({ code: "invalid_input" });

    expect(await everything(agent)).toEqual(before);
  });

  test("a new turn discards the redo, but its checkpoint still loads", async () => {
    const { agent } = await scriptedAgent([say("Hi."), learn("Likes tulips."), learn("Likes roses.")]);
    await agent.ask("Hello");
    await agent.ask("I like tulips");
    const { state } = agent;
    const [newest] = await agent.checkpoints();
    await agent.undo();
    await agent.ask("I like roses");

    expect((await agent.redo()).actions).toEqual([]);
    expect(human(agent)).toContain("roses");

    await agent.loadCheckpoint(newest?.file ?? "");
    expect(agent.state).toEqual(state);
    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [2, 1],
      [0, 0],
    ]);

    await agent.undo();
    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [0, 0],
      [2, 1],
    ]);
  });

  test("a turn that failed before its first step does not count, and redo still works", async () => {
    const { agent } = await scriptedAgent([say("Hi."), { error: new LlmError("away") }]);
    await agent.ask("Hello");
    await agent.undo();

    await expect(agent.ask("Are you there?")).rejects.toMatchObject({ code: "llm_unavailable" });

    expect((await agent.redo()).actions).toHaveLength(1);
    expect(await found(agent, "Hi")).toEqual([1, 0]);
  });

  test("lists what can be undone, newest first, without checkpoints", async () => {
    const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
    await agent.ask("Hello");
    await agent.ask("How are you?");
    await agent.checkpoint("here");
    await agent.editBlock("human", "Somebody.");

    const labels = (await agent.actions(10)).map(({ label }) => label);

    expect(labels).toEqual([
      expect.stringContaining("human"),
      expect.stringContaining("How are you?"),
      expect.stringContaining("Hello"),
    ]);
    expect(await agent.actions(2)).toHaveLength(2);
  });
});
