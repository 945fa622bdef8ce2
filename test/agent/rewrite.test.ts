import { LlmError } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import { describe, expect, test } from "vitest";
import { scriptedAgent, testHome } from "../support/agents.ts";
import { say, note, LONG, QUIET, human, found, everything, reopened } from "./edits.ts";

describe("rethink and rewrite", () => {
  test("the model and searches see the rewritten reply, not the old one", async () => {
    const { agent, llm } = await scriptedAgent([say("Tulips bloom in autumn."), say("Yes.")]);
    await agent.ask("When?");

    const change = await agent.rewrite("Tulips bloom in spring.");

    expect(change).toEqual({ before: "Tulips bloom in autumn.", after: "Tulips bloom in spring." });
    expect([await found(agent, "autumn"), await found(agent, "spring")]).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(await agent.recall.size()).toBe(4);
    expect(await agent.recall.latest(4)).toEqual(agent.state.queue.slice(2));

    await agent.ask("Sure?");
    expect(llm.seen[1]?.queue.at(-3)).toMatchObject({ calls: [{ arguments: expect.stringContaining("in spring") }] });
    expect(JSON.stringify(llm.seen[1]?.queue.at(-3))).not.toContain('"message\\":\\"Tulips bloom in autumn');

    const undone = await agent.undo(2);
    expect(undone.change.messages).toEqual({ removed: 3, added: 0, rewritten: 1 });
    expect([await found(agent, "autumn"), await found(agent, "spring")]).toEqual([
      [1, 0],
      [0, 0],
    ]);
    await agent.redo();
    expect(await found(agent, "spring")).toEqual([1, 0]);
  });

  test("a reply that the model is shown cut is replaced whole, and an undo restores it whole", async () => {
    const reply: ScriptedAnswer = { call: "send_message", args: { message: LONG } };
    const { agent } = await scriptedAgent([reply, QUIET], { contextWindow: 4096 });
    await agent.ask("Tell me");
    const { state } = agent;

    expect(await agent.rewrite("Lilies.")).toEqual({ before: LONG, after: "Lilies." });
    expect([await found(agent, "roses"), await found(agent, "lilies")]).toEqual([
      [0, 0],
      [1, 0],
    ]);

    await agent.undo();
    expect(agent.state).toEqual(state);
    expect(await found(agent, "roses")).toEqual([1, 0]);
  });

  test("the newest reply is rewritten even if the agent has acted since", async () => {
    const { agent } = await scriptedAgent([say("Hi."), note("One."), { error: new LlmError("away") }]);
    await agent.ask("Hello");
    await expect(agent.ask("Note this")).rejects.toThrow();

    expect(await agent.rewrite("Hello there.")).toEqual({ before: "Hi.", after: "Hello there." });
    expect(await agent.rethink("Better thought.")).toEqual({ before: "Noting One.", after: "Better thought." });
  });

  test("a monologue is replaced in context and in recall", async () => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    await agent.ask("Hello");
    const before = agent.state;

    expect(await agent.rethink("They are in a hurry.")).toEqual({ before: "I say Hi.", after: "They are in a hurry." });

    const assistant = agent.state.queue.at(-2);
    expect(assistant).toMatchObject({ role: "assistant", content: "They are in a hurry." });
    expect(await agent.recall.get(assistant?.id ?? "")).toEqual(assistant);
    await agent.undo();
    expect(agent.state).toEqual(before);
    expect(await agent.recall.latest(4)).toEqual(before.queue.slice(2));
  });

  test("adds a thought where there was none", async () => {
    const { agent } = await scriptedAgent([{ call: "send_message", args: { message: "Hi." } }]);
    await agent.ask("Hello");

    expect(await agent.rethink("Friendly.")).toEqual({ before: null, after: "Friendly." });
  });

  test("is refused before the agent's first answer", async () => {
    const { agent } = await scriptedAgent([]);
    const born = await everything(agent);

    await expect(agent.rewrite("Hello")).rejects.toMatchObject({ code: "not_found" });
    await expect(agent.rethink("Hello")).rejects.toMatchObject({ code: "not_found" });

    expect(await everything(agent)).toEqual(born);
  });

  test("a blank text is refused", async () => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    await agent.ask("Hello");
    const before = await everything(agent);

    await expect(agent.rewrite(" \n")).rejects.toMatchObject({ code: "invalid_input" });
    await expect(agent.rethink("")).rejects.toMatchObject({ code: "invalid_input" });

    expect(await everything(agent)).toEqual(before);
  });
});

describe("changes made by a person", () => {
  test("a block edited by a person is what the model sees, and can be undone", async () => {
    const { agent, llm } = await scriptedAgent([say("Hi.")]);
    const before = human(agent);

    expect(await agent.editBlock("human", "Is called Ana.")).toEqual({
      label: "human",
      before,
      after: "Is called Ana.",
    });
    await agent.ask("Hello");

    expect(llm.seen[0]?.system).toContain("Is called Ana.");
    await agent.undo(2);
    expect(human(agent)).toBe(before);
  });

  test("refuses a value over the limit and an unknown label", async () => {
    const { agent } = await scriptedAgent([], { coreMemoryLimit: 1000 });
    const before = await everything(agent);

    await expect(agent.editBlock("human", "x".repeat(1001))).rejects.toMatchObject({ code: "invalid_input" });
    await expect(agent.editBlock("humna", "Ana")).rejects.toMatchObject({ code: "not_found", message: /human/ });
    // As JavaScript may call it: a state with a number in it could not be read again.
    await expect(agent.editBlock("human", 3 as never)).rejects.toMatchObject({ code: "invalid_input" });
    await expect(agent.rewrite(3 as never)).rejects.toMatchObject({ code: "invalid_input" });

    expect(await everything(agent)).toEqual(before);
    expect((await agent.editBlock("human", "x".repeat(1000))).after).toHaveLength(1000);
  });

  test("settings are changed for good, reported, and undone", async () => {
    const { agent, memgpt } = await scriptedAgent([]);
    const { model, contextWindow } = agent.state.settings;

    expect(await agent.configure({ model: "gpt-4o" })).toEqual({ changes: [`model: ${model} → gpt-4o`] });
    expect((await agent.configure({ contextWindow: 20_000 })).changes).toHaveLength(1);

    const again = await reopened(memgpt, agent);
    expect(again.state.settings).toMatchObject({ model: "gpt-4o", contextWindow: 20_000 });
    expect((await again.undo()).change.settings).not.toEqual([]);
    expect(again.state.settings).toMatchObject({ model: "gpt-4o", contextWindow });
    await again.undo();
    expect(again.state.settings).toMatchObject({ model, contextWindow });
  });

  test("settings that change nothing leave nothing to undo, and invalid ones are refused", async () => {
    const { agent } = await scriptedAgent([]);
    const before = await everything(agent);

    expect(await agent.configure({ model: agent.state.settings.model })).toEqual({ changes: [] });
    await expect(agent.configure({ contextWindow: 100 })).rejects.toMatchObject({ code: "invalid_input" });

    expect(await everything(agent)).toEqual(before);
  });

  test("a newly set model answers the next turn, and the old one after an undo", async () => {
    const memgpt = await testHome({ llm: ({ model }) => new ScriptedLlm([say(`I am ${model}.`), say("Still.")]) });
    const agent = await memgpt.createAgent({ name: "sam", model: "one" });

    await agent.configure({ model: "two" });
    expect(await agent.ask("Who are you?")).toBe("I am two.");

    await agent.undo(2);
    expect(await agent.ask("Who are you?")).toBe("I am one.");
  });

  test("a system prompt is changed for the next turn, and undone", async () => {
    const { agent, llm } = await scriptedAgent([say("Arr.")]);
    const before = agent.state.system;

    expect(await agent.setSystem("You are a pirate.")).toEqual({ before, after: "You are a pirate." });
    await agent.ask("Hello");

    expect(llm.seen[0]?.system).toContain("You are a pirate.");
    expect(llm.seen[0]?.system).not.toContain(before);
    await agent.undo(2);
    expect(agent.state.system).toBe(before);
    await expect(agent.setSystem("  ")).rejects.toMatchObject({ code: "invalid_input" });
    expect(agent.state.system).toBe(before);
  });

  test("a function is removed and added again, and both can be undone", async () => {
    const { agent, llm, memgpt } = await scriptedAgent([say("One."), say("Two."), say("Three.")]);
    const offered = (): string[] | undefined => llm.seen.at(-1)?.functions.map(({ name }) => name);
    expect(agent.availableFunctions).toEqual(expect.arrayContaining(["send_message", "archival_memory_insert"]));

    await agent.removeFunction("archival_memory_insert");
    await agent.ask("one");
    expect(offered()).not.toContain("archival_memory_insert");

    const again = await reopened(memgpt, agent);
    await again.addFunction("archival_memory_insert");
    await again.ask("two");
    expect(offered()).toContain("archival_memory_insert");

    await again.undo(2);
    await again.ask("three");
    expect(offered()).not.toContain("archival_memory_insert");
    await again.undo(3);
    expect(again.state.functions).toContain("archival_memory_insert");
  });

  test("refuses an unknown function, and removing one that the agent lacks", async () => {
    const { agent } = await scriptedAgent([]);
    const before = await everything(agent);

    await expect(agent.addFunction("send_mesage")).rejects.toMatchObject({
      code: "not_found",
      message: /send_message/,
    });
    await expect(agent.removeFunction("no_such_function")).rejects.toMatchObject({ code: "not_found" });

    expect(await everything(agent)).toEqual(before);
  });
});
