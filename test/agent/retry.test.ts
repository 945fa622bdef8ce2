import { LlmError } from "memgpt";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { collect, committed, only, scriptedAgent } from "../support/agents.ts";
import { Life } from "../time-travel/life.ts";
import { say, learn, note, LONG, QUIET, human, blockOf, found, everything } from "./edits.ts";

describe("retry", () => {
  test("sends the last message again, and one undo brings the old reply back", async () => {
    const { agent, llm } = await scriptedAgent([learn("Likes tulips.", "Lovely."), say("Tulips, really?")]);
    await agent.ask("I like tulips");
    const before = agent.state;

    const events = await collect(agent.retry());

    expect(committed(events).slice(0, 3)).toEqual(["popped", "turn_start", "step_start"]);
    expect(only(events, "popped").popped).toMatchObject({
      change: { messages: { removed: 5, added: 0 }, passages: { removed: ["Likes tulips."] } },
    });
    expect(only(events, "turn_end").reply).toBe("Tulips, really?");
    expect(llm.seen[1]?.system).not.toContain("Likes tulips.");
    expect(human(agent)).not.toContain("tulips");
    expect(await found(agent, "lovely")).toEqual([0, 0]);
    expect(await found(agent, "tulips")).toEqual([2, 0]);

    const undone = await agent.undo();
    expect(undone.actions).toHaveLength(1);
    expect(agent.state).toEqual(before);
    expect(await found(agent, "lovely")).toEqual([1, 0]);
    expect(await found(agent, "tulips")).toEqual([1, 1]);
  });

  test("sends another message instead", async () => {
    const { agent } = await scriptedAgent([say("Tulips!"), say("Roses!")]);
    await agent.ask("I like tulips");

    expect(await agent.lastUserMessage()).toBe("I like tulips");
    await collect(agent.retry({ message: "I like roses" }));

    expect((await agent.actions(1)).map(({ label }) => label)).toEqual(['/edit "I like roses"']);

    expect(await agent.lastUserMessage()).toBe("I like roses");
    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [0, 0],
      [2, 0],
    ]);
  });

  test("reverts everything from an earlier message on, memory included, and one undo restores it", async () => {
    const { agent } = await scriptedAgent([
      say("Hello!"),
      learn("Likes tulips.", "Lovely."),
      learn("Likes roses.", "Thorny."),
      say("Orchids!"),
    ]);
    await agent.ask("Hi");
    await agent.ask("I like tulips");
    const [, from = ""] = agent.state.queue.flatMap(({ role, id }) => (role === "user" ? [id] : []));
    await agent.ask("I like roses");
    const before = agent.state;

    await collect(agent.retry({ message: "I like orchids", from }));

    expect(human(agent)).not.toMatch(/tulips|roses/);
    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(await agent.lastUserMessage()).toBe("I like orchids");
    expect((await agent.undo()).actions).toHaveLength(1);
    expect(agent.state).toEqual(before);
    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test("of a message that is not in context changes nothing", async () => {
    const { agent } = await scriptedAgent([say("Hello!")]);
    await agent.ask("Hi");
    const before = agent.state;

    await expect(collect(agent.retry({ message: "Ho", from: "elsewhere" }))).rejects.toMatchObject({
      code: "not_found",
    });

    expect(agent.state).toEqual(before);
  });

  test("goes back to what a person said, past heartbeats and commands", async () => {
    const { agent } = await scriptedAgent([note("One."), say("Done."), say("Timer."), say("Again.")]);
    await agent.ask("Note this");
    await collect(agent.send({ type: "heartbeat", reason: "Automated timer" }));

    expect(await agent.lastUserMessage()).toBe("Note this");
    await collect(agent.retry());

    expect(human(agent)).not.toContain("One.");
    expect(await found(agent, "again")).toEqual([1, 0]);
    expect(await found(agent, "timer")).toEqual([0, 0]);
  });

  test("keeps what a person has changed since", async () => {
    const { agent, llm } = await scriptedAgent([learn("Likes tulips."), say("Again.")]);
    await agent.ask("I like tulips");
    await agent.configure({ contextWindow: 20_000 });
    await agent.editBlock("persona", "I am a florist.");

    await collect(agent.retry());

    expect(agent.state.settings.contextWindow).toBe(20_000);
    expect(blockOf(agent, "persona")).toBe("I am a florist.");
    expect(human(agent)).not.toContain("tulips");
    expect(llm.seen[1]?.system).toContain("I am a florist.");
  });

  test("restores everything if the model is unavailable", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips."), say("Fine."), { error: new LlmError("away") }]);
    await agent.ask("I like tulips");
    await agent.ask("How are you?");
    await agent.undo();
    const { state } = agent;
    const messages = await agent.recall.latest(100);
    const actions = await agent.actions(10);

    await expect(collect(agent.retry())).rejects.toMatchObject({ code: "llm_unavailable" });

    expect(agent.state).toEqual(state);
    expect(await agent.recall.latest(100)).toEqual(messages);
    expect(await agent.actions(10)).toEqual(actions);
    expect(await found(agent, "tulips")).toEqual([2, 1]);
    // As if it had never begun: also what was undone before can be redone.
    expect((await agent.redo()).actions).toHaveLength(1);
    expect(await found(agent, "fine")).toEqual([1, 0]);
  });

  test("restores everything if it is interrupted or abandoned before its first step is finished", async () => {
    const abort = new AbortController();
    const { agent } = await scriptedAgent([
      learn("Likes tulips."),
      () => {
        abort.abort();
        return say("Too late.");
      },
    ]);
    await agent.ask("I like tulips");
    const { state } = agent;

    await expect(collect(agent.retry({ signal: abort.signal }))).rejects.toMatchObject({ code: "interrupted" });
    expect(agent.state).toEqual(state);

    for await (const event of agent.retry()) if (event.type === "popped") break;
    expect(agent.state).toEqual(state);
    expect(await agent.actions(10)).toHaveLength(1);
    expect(await found(agent, "tulips")).toEqual([2, 1]);
  });

  test("keeps the steps finished before the model became unavailable", async () => {
    const { agent } = await scriptedAgent([say("Tulips!"), note("Likes tulips."), { error: new LlmError("away") }]);
    await agent.ask("I like tulips");
    const before = agent.state;

    await expect(collect(agent.retry())).rejects.toMatchObject({ code: "llm_unavailable" });

    expect(human(agent)).toContain("Likes tulips.");
    expect(await agent.actions(10)).toHaveLength(2);
    await agent.undo();
    expect(agent.state).toEqual(before);
  });

  test("sends a message whole even if the model was shown it cut", async () => {
    const { agent } = await scriptedAgent([say("Yes."), QUIET, say("No."), QUIET], { contextWindow: 4096 });
    await agent.ask(LONG);
    expect(await agent.lastUserMessage()).toBe(LONG);

    await collect(agent.retry());

    expect(await agent.lastUserMessage()).toBe(LONG);
    expect(await found(agent, "roses")).toEqual([1, 0]);
    expect([await found(agent, "yes"), await found(agent, "no")]).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  test("restores everything if the agent is closed before its first step is done", async () => {
    const { agent, memgpt } = await scriptedAgent([learn("Likes tulips."), say("Too late.")]);
    await agent.ask("I like tulips");
    const { shown: _, ...before } = agent.state;

    const events = agent.retry();
    for (let event = await events.next(); event.value?.type !== "step_start";) event = await events.next();
    await agent.close();
    await expect(events.next()).rejects.toMatchObject({ code: "interrupted" });

    const again = await memgpt.openAgent("sam");
    expect(again.state).toMatchObject(before);
    expect(await again.actions(10)).toHaveLength(1);
    expect(await found(again, "tulips")).toEqual([2, 1]);
  });

  test("keeps a step whose events were emitted, even if the caller stops there", async () => {
    const { agent } = await scriptedAgent([say("Tulips!"), say("Roses!")]);
    await agent.ask("Flowers?");

    for await (const event of agent.retry()) if (event.type === "step_end") break;

    expect([await found(agent, "tulips"), await found(agent, "roses")]).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(await agent.actions(10)).toHaveLength(2);
  });

  test.each([
    ["a retry", undefined],
    ["an edit", "word2x archive human"],
  ])("%s killed while the model thinks leaves no trace", async (_, message) => {
    const life = await Life.begin({});
    onTestFinished(() => life.end());
    await collect(life.agent.send("word1x everything human"));
    const before = await everything(life.agent);

    await life.turn((signal) => life.agent.retry({ message, signal }), { how: "kill", after: 0 });

    expect(await everything(life.agent)).toEqual(before);
  });

  test("others see the old answer until the new one is stored, but the model's searches do not", async () => {
    const asides: unknown[] = [];
    const read = async (): Promise<unknown> =>
      memgpt.readAgent("sam", async ({ recall, archival }) => [await recall.size(), await archival.size()]);
    const { agent, memgpt } = await scriptedAgent([
      learn("Likes tulips."),
      { call: "archival_memory_search", args: { query: "tulips", request_heartbeat: true } },
      say("Roses!"),
    ]);
    await agent.ask("I like flowers");
    const [messages, passages] = [await agent.recall.size(), await agent.archival.size()];

    const returns: string[] = [];
    for await (const event of agent.retry()) {
      if (event.type === "step_start") asides.push(await read());
      if (event.type === "function_return") returns.push(event.output);
    }

    expect(asides).toEqual([
      [messages, passages],
      // The login stays, which the question came with.
      [4, 0],
    ]);
    expect(returns[0]).toContain("No results found");
    expect(await found(agent, "tulips")).toEqual([0, 0]);
  });

  test("does not block other writers while the model thinks", async () => {
    const { agent, memgpt } = await scriptedAgent([
      say("Tulips!"),
      () => {
        writeMark(agentFolder(memgpt.home, "sam").database);
        return say("Roses!");
      },
    ]);
    await agent.ask("Flowers?");

    await collect(agent.retry());

    expect(await found(agent, "roses")).toEqual([1, 0]);
  });

  test("is refused where somebody else has changed the agent since, and the old answer stays", async () => {
    const { agent, memgpt } = await scriptedAgent([say("Tulips!"), say("Roses!")]);
    await agent.ask("Flowers?");
    const messages = await agent.recall.latest(100);
    const { state } = agent;

    const retried = (async () => {
      for await (const event of agent.retry()) {
        if (event.type !== "step_start") continue;
        const other = await SqliteAgentStore.open({ file: agentFolder(memgpt.home, "sam").database });
        const change = { action: { id: "other", label: "other" }, cause: "other", at: "2026-11-21T12:00:00.000Z" };
        await other.history.commit({ ...change, state: { ...state, system: "Be brief." }, messages: [], passages: [] });
        await other.close();
      }
    })();

    await expect(retried).rejects.toMatchObject({ code: "agent_locked", kept: "nothing" });
    expect(await agent.recall.latest(100)).toEqual(messages);
    expect(await found(agent, "roses")).toEqual([0, 0]);
  });

  test("that fails leaves no summary behind, and similar passages are found as before", async () => {
    const life = await Life.begin({ contextWindow: 4096 });
    onTestFinished(() => life.end());
    const long = "and so on ".repeat(10);
    const ask = (words: string): Promise<unknown> =>
      collect(life.agent.send(`${life.llm.word("word")} ${words} ${long}`));
    const isNearlyFull = (): boolean => life.agent.context().used > life.agent.context().flushAt * 0.9;
    while (!isNearlyFull()) await ask("archive human");
    const similar = async (): Promise<unknown> => life.agent.find({ in: "archival", query: "Kept: kept1x." });
    const [before, found] = [await everything(life.agent), await similar()];

    const message = `word9x archive human ${long.repeat(50)}`;
    const { events } = await life.turn((signal) => life.agent.retry({ message, signal }), { how: "fail", after: 0 });

    expect(events.map(({ type }) => type)).toContain("queue_flush");
    expect(await everything(life.agent)).toEqual(before);
    expect(await similar()).toEqual(found);
  });

  test("is refused before the first message, and for a blank message", async () => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    const born = await everything(agent);

    expect(await agent.lastUserMessage()).toBeUndefined();
    await expect(collect(agent.retry())).rejects.toMatchObject({ code: "not_found" });
    expect(await everything(agent)).toEqual(born);

    await agent.ask("Hello");
    const before = await everything(agent);
    await expect(collect(agent.retry({ message: " " }))).rejects.toMatchObject({ code: "invalid_input" });
    expect(await everything(agent)).toEqual(before);
  });
});

/** Writes to a database at once or not at all, as another program would. */
function writeMark(file: string): void {
  const db = new Database(file, { timeout: 0 });
  db.exec("INSERT INTO meta VALUES ('mark', '1')");
  db.close();
}
