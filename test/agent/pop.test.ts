import { describe, expect, test } from "vitest";
import { scriptedAgent } from "../support/agents.ts";
import { say, learn, human, found, everything, NO_COUNTS } from "./edits.ts";

describe("pop", () => {
  test("removes one exchange by default, with the memory it wrote", async () => {
    const { agent } = await scriptedAgent([say("Hi."), learn("Likes tulips.")]);
    await agent.ask("Hello");
    const before = human(agent);
    const queue = agent.state.queue;
    await agent.ask("I like tulips");

    // The message, the answer, and the returns of its three calls.
    const popped = await agent.pop(5);

    expect(popped.messages.map(({ role }) => role)).toEqual(["user", "assistant", "function", "function", "function"]);
    expect(popped).toMatchObject({
      asked: 5,
      kept: [],
      change: {
        messages: { removed: 5, added: 0 },
        blocks: [{ label: "human", before: `${before}\nLikes tulips.`, after: before }],
        passages: { removed: ["Likes tulips."], added: [] },
        settings: [],
      },
    });
    expect(human(agent)).toBe(before);
    expect(agent.state.queue).toEqual(queue);
    expect(await found(agent, "tulips")).toEqual([0, 0]);
    expect(await agent.recall.size()).toBe(queue.length - 2);
  });

  test("is named by the number popped, not the number asked for", async () => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    await agent.ask("Hello");

    const { messages } = await agent.pop(Number.MAX_SAFE_INTEGER);

    expect((await agent.actions(1)).map(({ label }) => label)).toEqual([`/pop ${messages.length}`]);
  });

  test("removes three messages by default", async () => {
    const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
    await agent.ask("Hello");
    await agent.ask("How are you?");

    const popped = await agent.pop();

    expect(popped.asked).toBe(3);
    expect(popped.messages.map(({ role }) => role)).toEqual(["user", "assistant", "function"]);
  });

  test("removes more than asked rather than separate a call from its return", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips.")]);
    await agent.ask("I like tulips");

    const popped = await agent.pop(2);

    expect(popped.asked).toBe(2);
    expect(popped.messages.map(({ role }) => role)).toEqual(["assistant", "function", "function", "function"]);
    expect(agent.state.queue.at(-1)).toMatchObject({ role: "user", event: "user_message" });
    expect(await found(agent, "tulips")).toEqual([1, 0]);
  });

  test("removes fewer if fewer are left, and never the boot sequence", async () => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    const born = agent.state.queue;
    await agent.ask("Hello");

    const popped = await agent.pop(100);

    expect(popped.asked).toBe(100);
    expect(popped.messages).toHaveLength(4);
    expect(agent.state.queue).toEqual(born);
    expect(await agent.recall.size()).toBe(0);

    const before = await everything(agent);
    expect(await agent.pop(1)).toMatchObject({ messages: [], asked: 1 });
    expect(await everything(agent)).toEqual(before);
  });

  test.each(NO_COUNTS)("refuses to remove %d messages", async (count) => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    await agent.ask("Hello");
    const before = await everything(agent);

    await expect(agent.pop(count)).rejects.toMatchObject({ code: "invalid_input" });

    expect(await everything(agent)).toEqual(before);
  });

  test("keeps what earlier turns wrote", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips."), learn("Likes roses.")]);
    await agent.ask("I like tulips");
    await agent.ask("I like roses");

    await agent.pop(5);

    expect(human(agent)).toContain("Likes tulips.");
    expect(human(agent)).not.toContain("Likes roses.");
    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [2, 1],
      [0, 0],
    ]);
  });

  test("keeps a block that a person has edited since, and names it", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips.")]);
    await agent.ask("I like tulips");
    await agent.editBlock("human", "Likes no flowers.");

    const popped = await agent.pop(5);

    expect(popped.kept).toEqual(["human"]);
    expect(popped.change.blocks).toEqual([]);
    expect(human(agent)).toBe("Likes no flowers.");
    expect(await found(agent, "tulips")).toEqual([0, 0]);
  });

  test("restores an earlier pause of heartbeats", async () => {
    const pause = (minutes: number) => ({
      calls: [
        { call: "pause_heartbeats", args: { minutes } },
        { call: "send_message", args: { message: "Quiet." } },
      ],
    });
    const { agent } = await scriptedAgent([pause(10), pause(60)]);
    await agent.ask("Be quiet for ten minutes");
    const before = agent.state.heartbeatsPausedUntil;
    await agent.ask("Be quiet for an hour");
    expect(agent.state.heartbeatsPausedUntil).not.toBe(before);

    await agent.pop(4);
    expect(agent.state.heartbeatsPausedUntil).toBe(before);
    await agent.pop(4);
    expect(agent.state.heartbeatsPausedUntil).toBeNull();
  });

  test("is undone and redone as a unit", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips.")]);
    await agent.ask("I like tulips");
    const before = agent.state;
    await agent.pop(5);
    const after = agent.state;

    const undone = await agent.undo();

    expect(undone.actions).toHaveLength(1);
    expect(undone.change).toMatchObject({
      messages: { removed: 0, added: 5 },
      passages: { removed: [], added: ["Likes tulips."] },
    });
    expect(agent.state).toEqual(before);
    expect(await found(agent, "tulips")).toEqual([2, 1]);

    await agent.redo();
    expect(agent.state).toEqual(after);
    expect(await found(agent, "tulips")).toEqual([0, 0]);
  });
});
