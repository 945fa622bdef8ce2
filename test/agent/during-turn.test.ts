import { describe, expect, test } from "vitest";
import { collect, scriptedAgent } from "../support/agents.ts";
import { found, say } from "./edits.ts";

describe("during a turn", () => {
  test("everything that changes the agent is refused, but reading is allowed", async () => {
    const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
    await agent.ask("Hello");
    const changes: Record<string, () => Promise<unknown>> = {
      pop: () => agent.pop(),
      undo: () => agent.undo(),
      redo: () => agent.redo(),
      retry: () => collect(agent.retry()),
      rethink: () => agent.rethink("Hm."),
      rewrite: () => agent.rewrite("Hm."),
      checkpoint: () => agent.checkpoint(),
      loadCheckpoint: () => agent.loadCheckpoint("1"),
      editBlock: () => agent.editBlock("human", "Hm."),
      configure: () => agent.configure({ contextWindow: 20_000 }),
      setSystem: () => agent.setSystem("Hm."),
      addFunction: () => agent.addFunction("send_message"),
      removeFunction: () => agent.removeFunction("send_message"),
      keepCheckpoints: () => agent.keepCheckpoints(5),
      summarize: () => collect(agent.summarize()),
      wipe: () => agent.wipe(),
    };
    const codes: Record<string, unknown> = {};

    for await (const event of agent.send("How are you?")) {
      if (event.type !== "step_start") continue;
      for (const [name, change] of Object.entries(changes)) {
        codes[name] = await change().then(
          () => "done",
          (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
        );
      }
      expect(await agent.lastUserMessage()).toBe("Hello");
      expect(await agent.actions(5)).toHaveLength(1);
      expect(await agent.history("human")).toEqual([]);
      expect(await agent.checkpoints()).not.toEqual([]);
    }

    expect(codes).toEqual(Object.fromEntries(Object.keys(changes).map((name) => [name, "agent_busy"])));
    expect(await found(agent, "fine")).toEqual([1, 0]);
  });

  test("a retry and a summary exclude others as a turn does", async () => {
    const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
    await agent.ask("Hello");

    for await (const event of agent.retry()) {
      if (event.type === "popped") await expect(agent.undo()).rejects.toMatchObject({ code: "agent_busy" });
    }

    expect((await agent.undo()).actions).toHaveLength(1);
  });
});

test("a session has one login even if the caller abandons its first turn", async () => {
  const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
  for await (const event of agent.send("Hello")) if (event.type === "step_end") break;

  await agent.ask("How are you?");

  expect(agent.state.queue.filter((message) => message.role === "user" && message.event === "login")).toHaveLength(1);
});
