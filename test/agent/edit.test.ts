import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Agent, LlmError, type MemGPT } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { collect, committed, only, scriptedAgent, testClock, testHome } from "../support/agents.ts";
import { Life } from "../time-travel/life.ts";

const FIRST = { page: 0, size: 10 };

const say = (message: string): ScriptedAnswer => ({
  think: `I say ${message}`,
  call: "send_message",
  args: { message },
});

/** Keeps `fact` in core and archival memory, and replies. */
const learn = (fact: string, message = `Noted: ${fact}`): ScriptedAnswer => ({
  think: `Worth keeping: ${fact}`,
  calls: [
    { call: "core_memory_append", args: { name: "human", content: fact } },
    { call: "archival_memory_insert", args: { content: fact } },
    { call: "send_message", args: { message } },
  ],
});

/** Appends `fact` without a word to the person, and goes on. */
const note = (fact: string): ScriptedAnswer => ({
  think: `Noting ${fact}`,
  call: "core_memory_append",
  args: { name: "human", content: fact, request_heartbeat: true },
});

/** Longer than a small window. It leads to a memory alert, which the model may answer without a word. */
const LONG = `Tulips ${"and so on ".repeat(3000)} and roses`;
const QUIET: ScriptedAnswer = { call: "core_memory_append", args: { name: "human", content: "Likes flowers." } };

function human(agent: Agent): string {
  return blockOf(agent, "human");
}

function blockOf(agent: Agent, label: string): string {
  const block = agent.state.blocks.find((block) => block.label === label);
  if (block === undefined) throw new Error(`There is no block ${label}`);
  return block.value;
}

/** How often recall storage finds `query`, and how often archival storage does. */
async function found(agent: Agent, query: string): Promise<[recall: number, archival: number]> {
  const recall = await agent.recall.search({ text: query }, FIRST);
  const archival = await agent.archival.search({ text: query }, FIRST);
  return [recall.total, archival.total];
}

/** All that can be seen of an agent, its checkpoints and what can be undone included. */
async function everything(agent: Agent): Promise<unknown> {
  return {
    state: agent.state,
    messages: await agent.recall.latest(1000),
    passages: await agent.archival.latest(1000),
    actions: await agent.actions(1000),
    checkpoints: await agent.checkpoints(),
  };
}

async function reopened(memgpt: MemGPT, agent: Agent): Promise<Agent> {
  await agent.close();
  return memgpt.openAgent(agent.name);
}

/** Writes to a database at once or not at all, as another program would. */
function writeMark(file: string): void {
  const db = new Database(file, { timeout: 0 });
  db.exec("INSERT INTO meta VALUES ('mark', '1')");
  db.close();
}

const NO_COUNTS = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];

describe("pop", () => {
  test("takes one exchange back by default, with the memory it had written", async () => {
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

  test("takes three messages by default", async () => {
    const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
    await agent.ask("Hello");
    await agent.ask("How are you?");

    const popped = await agent.pop();

    expect(popped.asked).toBe(3);
    expect(popped.messages.map(({ role }) => role)).toEqual(["user", "assistant", "function"]);
  });

  test("takes more than it was asked for rather than part a call from its return", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips.")]);
    await agent.ask("I like tulips");

    const popped = await agent.pop(2);

    expect(popped.asked).toBe(2);
    expect(popped.messages.map(({ role }) => role)).toEqual(["assistant", "function", "function", "function"]);
    expect(agent.state.queue.at(-1)).toMatchObject({ role: "user", event: "user_message" });
    expect(await found(agent, "tulips")).toEqual([1, 0]);
  });

  test("takes fewer if fewer are left, and never the boot sequence", async () => {
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

  test.each(NO_COUNTS)("refuses to take %d messages", async (count) => {
    const { agent } = await scriptedAgent([say("Hi.")]);
    await agent.ask("Hello");
    const before = await everything(agent);

    await expect(agent.pop(count)).rejects.toMatchObject({ code: "invalid_input" });

    expect(await everything(agent)).toEqual(before);
  });

  test("leaves what earlier turns wrote", async () => {
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

  test("leaves a block that a person has edited since, and says which", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips.")]);
    await agent.ask("I like tulips");
    await agent.editBlock("human", "Likes no flowers.");

    const popped = await agent.pop(5);

    expect(popped.kept).toEqual(["human"]);
    expect(popped.change.blocks).toEqual([]);
    expect(human(agent)).toBe("Likes no flowers.");
    expect(await found(agent, "tulips")).toEqual([0, 0]);
  });

  test("puts a pause of heartbeats back to what it was before", async () => {
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

  test("is undone as one, and redone", async () => {
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

describe("undo and redo", () => {
  test("a turn of several steps is one, named by what was said", async () => {
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

  test("an undo gives the state there was, a redo the one that came after", async () => {
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

  test("a new turn ends what could be redone, but its checkpoint still loads", async () => {
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

  test("a turn that failed before its first step is no turn, and redo still works", async () => {
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

  test("keeps what a person has set since", async () => {
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

  test("puts everything back if the model is away", async () => {
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

  test("keeps the steps that were done before the model went away", async () => {
    const { agent } = await scriptedAgent([say("Tulips!"), note("Likes tulips."), { error: new LlmError("away") }]);
    await agent.ask("I like tulips");
    const before = agent.state;

    await expect(collect(agent.retry())).rejects.toMatchObject({ code: "llm_unavailable" });

    expect(human(agent)).toContain("Likes tulips.");
    expect(await agent.actions(10)).toHaveLength(2);
    await agent.undo();
    expect(agent.state).toEqual(before);
  });

  test("sends a message whole that the model was shown cut", async () => {
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

  test("puts everything back if the agent is closed before its first step is done", async () => {
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

describe("rethink and rewrite", () => {
  test("a rewritten reply is what the model sees and what is found; the old one is not", async () => {
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

  test("a reply that the model is shown cut is replaced whole, and comes back whole", async () => {
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

  test("the newest reply is rewritten, though the agent has done something since", async () => {
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

  test("a thought is put where there was none", async () => {
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

  test("the model that is set answers the next turn, and the old one after an undo", async () => {
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

  test("a function is taken from the model and given back, and both can be undone", async () => {
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

  test("a function that does not exist, or is not there, is refused", async () => {
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
});

test("an agent whose database was lost is wiped as any other", async () => {
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

describe("why and history", () => {
  test("why explains what led to the last reply", async () => {
    const { agent } = await scriptedAgent([
      learn("The key lies under the flowerpot."),
      {
        think: "I must look for the key.",
        call: "archival_memory_search",
        args: { query: "key", request_heartbeat: true },
      },
      learn("Asked for the key.", "Under the flowerpot."),
    ]);
    expect(await agent.why()).toBeUndefined();
    await agent.ask("The key lies under the flowerpot");
    await agent.ask("Where is the key?");

    const why = await agent.why();

    expect(why).toMatchObject({
      asked: "Where is the key?",
      reply: "Under the flowerpot.",
      thoughts: ["I must look for the key.", "Worth keeping: Asked for the key."],
      searches: [
        {
          function: "archival_memory_search",
          thought: "I must look for the key.",
          output: expect.stringContaining("flowerpot"),
          results: [{ text: "The key lies under the flowerpot.", role: null }],
        },
      ],
    });
    expect(JSON.parse(why?.searches[0]?.arguments ?? "")).toMatchObject({ query: "key" });
    expect(Object.values(why?.searches[0]?.results[0]?.signals ?? {}).length).toBeGreaterThan(0);
    expect(why?.edits.map(({ target, after }) => [target, after.split("\n").at(-1)]).sort()).toEqual([
      ["archival", "Asked for the key."],
      ["human", "Asked for the key."],
    ]);
  });

  test("why finds the results of each search even if a model reuses call ids in every step", async () => {
    const look = (name: string): ScriptedAnswer => ({
      think: `I look in ${name}.`,
      call: name,
      args: { query: "key", request_heartbeat: true },
    });
    const { agent } = await scriptedAgent([
      learn("The key lies under the flowerpot."),
      look("conversation_search"),
      look("archival_memory_search"),
      say("Under the flowerpot."),
    ]);
    await agent.ask("The key lies under the flowerpot");
    await agent.ask("Where is the key?");

    const why = await agent.why();

    expect(why?.searches.map((search) => [search.function, search.results.map(({ role }) => role)])).toEqual([
      ["conversation_search", ["user", "assistant"]],
      ["archival_memory_search", [null]],
    ]);
    expect(why?.searches[1]?.output).toContain("1 of 1");
  });

  test("why explains the reply that is left after an undo", async () => {
    const { agent } = await scriptedAgent([say("One."), say("Two.")]);
    await agent.ask("first");
    await agent.ask("second");
    expect(await agent.why()).toMatchObject({ asked: "second", reply: "Two." });

    await agent.undo();

    expect(await agent.why()).toMatchObject({ asked: "first", reply: "One.", searches: [], edits: [] });
  });

  test("history lists the edits of a block with what the agent thought", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips."), learn("Likes roses."), learn("Likes lilies.")]);
    const first = human(agent);
    await agent.ask("I like tulips");
    await agent.ask("I like roses");
    await agent.undo();
    await agent.ask("I like lilies");
    await agent.editBlock("human", "Likes flowers.");
    await agent.editBlock("persona", "I am a florist.");

    const edits = await agent.history("human");

    expect(edits.map(({ before, after, thought }) => ({ before, after, thought }))).toEqual([
      { before: first, after: `${first}\nLikes tulips.`, thought: "Worth keeping: Likes tulips." },
      {
        before: `${first}\nLikes tulips.`,
        after: `${first}\nLikes tulips.\nLikes lilies.`,
        thought: "Worth keeping: Likes lilies.",
      },
      { before: `${first}\nLikes tulips.\nLikes lilies.`, after: "Likes flowers.", thought: null },
    ]);
    expect(edits[1]?.action).toContain("I like lilies");
    expect((await agent.history()).map(({ label }) => label)).toEqual(["human", "human", "human", "persona"]);
    await expect(agent.history("humna")).rejects.toMatchObject({ code: "not_found", message: /human/ });
  });
});

describe("during a turn", () => {
  test("everything that changes the agent is refused, and reading is not", async () => {
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

  test("a retry and a summary keep others out as a turn does", async () => {
    const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
    await agent.ask("Hello");

    for await (const event of agent.retry()) {
      if (event.type === "popped") await expect(agent.undo()).rejects.toMatchObject({ code: "agent_busy" });
    }

    expect((await agent.undo()).actions).toHaveLength(1);
  });
});

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

  test("a name is no number, not too long and visible", async () => {
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

test("a session has one login even if the caller abandons its first turn", async () => {
  const { agent } = await scriptedAgent([say("Hi."), say("Fine.")]);
  for await (const event of agent.send("Hello")) if (event.type === "step_end") break;

  await agent.ask("How are you?");

  expect(agent.state.queue.filter((message) => message.role === "user" && message.event === "login")).toHaveLength(1);
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

  test("putting them back goes forward again, and both can be undone", async () => {
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
