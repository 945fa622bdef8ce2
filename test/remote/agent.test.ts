import { type Agent, type AgentEvent, type Llm, MemGPT, MemGPTError } from "memgpt";
import { RemoteMemGPT } from "memgpt/remote";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  ASK_HOW_LISBON_IS,
  NOTED_AND_REPLIED,
  NOTE_LISBON,
  collect,
  committed,
  temporaryFolder,
} from "../support/agents.ts";
import { testServer } from "../server/support/server.ts";
import { waitingLlm } from "./support/waiting-llm.ts";

type Home = Pick<
  RemoteMemGPT,
  "listAgents" | "hasAgent" | "copyAgent" | "deleteAgent" | "renameAgent" | "find" | "checkpoints" | "exportAgent"
> & {
  createAgent(options?: { name?: string; persona?: string }): Promise<Agent>;
  openAgent(name: string): Promise<Agent>;
};

/** Opens a home with a model: here, or on a server of its own. */
const places: Record<string, (llm?: Llm) => Promise<Home>> = {
  "of this process": async (llm) => {
    const memgpt = await MemGPT.open({ dir: temporaryFolder(), env: {}, ...(llm && { llm: () => llm }) });
    onTestFinished(() => memgpt.close());
    return memgpt;
  },
  "of a server": async (llm) => {
    const server = await testServer(llm && { llm: () => llm });
    const memgpt = await RemoteMemGPT.open({ url: server.url });
    onTestFinished(() => memgpt.close());
    return memgpt;
  },
};

const say = (message: string): ScriptedAnswer => ({ think: "Now reply.", call: "send_message", args: { message } });

describe.each(Object.entries(places))("an agent %s", (_, open) => {
  test("yields the events of a turn, and then has its new state", async () => {
    const memgpt = await open(new ScriptedLlm([NOTE_LISBON, ASK_HOW_LISBON_IS]));
    const agent = await memgpt.createAgent({ name: "sam" });

    const events = await collect(agent.send("I moved to Lisbon."));

    expect(committed(events)).toEqual(NOTED_AND_REPLIED);
    expect(events.filter(({ type }) => type === "assistant_message_delta").length).toBeGreaterThan(1);
    expect(agent.state.blocks.find(({ label }) => label === "human")?.value).toContain("Lives in Lisbon.");
    expect(agent.context().used).toBeGreaterThan(agent.context().sections.queue);
    expect(await agent.recall.get(agent.state.queue.at(-1)?.id ?? "")).toEqual(agent.state.queue.at(-1));
  });

  test("undoes and redoes a turn, memory included, and shows the history of memory", async () => {
    const memgpt = await open(new ScriptedLlm([NOTE_LISBON, say("Noted.")]));
    const agent = await memgpt.createAgent({ name: "sam" });
    await agent.ask("I moved to Lisbon.");
    const human = (): string => agent.state.blocks.find(({ label }) => label === "human")?.value ?? "";

    expect((await agent.undo()).actions).toHaveLength(1);
    expect(human()).not.toContain("Lisbon");
    expect(await agent.why()).toBeUndefined();
    await agent.redo();
    expect(human()).toContain("Lisbon");
    expect((await agent.history("human")).at(-1)?.after).toContain("Lisbon");
    expect(await agent.why()).toMatchObject({ asked: "I moved to Lisbon." });
  });

  test("searches, lists and counts what it remembers", async () => {
    const memgpt = await open(new ScriptedLlm([say("A tortoise!")]));
    const agent = await memgpt.createAgent({ name: "sam" });
    await agent.ask("My tortoise is called Momo.");
    await agent.addPassages([{ text: "Tortoises live for eighty years." }]);

    expect((await agent.find({ query: "Momo" })).results.map(({ text }) => text)).toEqual([
      "My tortoise is called Momo.",
    ]);
    expect((await agent.archival.latest(1)).map(({ text }) => text)).toEqual(["Tortoises live for eighty years."]);
    const [first] = await agent.recall.list({ newestFirst: false, count: 1 });
    expect(await agent.recall.get(first?.id ?? "")).toEqual(first);
    expect(await agent.recall.get("none")).toBeUndefined();
    const all = [];
    for await (const message of agent.recall.all()) all.push(message);
    expect(all).toHaveLength(await agent.recall.size());
    const without = agent.recall.without(all.map(({ id }) => id));
    expect((await without.search({ text: "Momo" }, { page: 1, size: 10 })).total).toBe(0);
  });

  test("retries with other words, which replace the first", async () => {
    const memgpt = await open(new ScriptedLlm([say("Hello Ana."), say("Hello Eva.")]));
    const agent = await memgpt.createAgent({ name: "sam" });
    await agent.ask("I am Ana.");

    const events = await collect(agent.retry({ message: "I am Eva." }));

    expect(events.map(({ type }) => type)).toContain("popped");
    expect((await agent.find({ query: "Ana" })).total).toBe(0);
    expect(await agent.lastUserMessage()).toBe("I am Eva.");
  });

  test("saves checkpoints by name, and goes back to one", async () => {
    const memgpt = await open(new ScriptedLlm([say("Hello.")]));
    const agent = await memgpt.createAgent({ name: "sam" });
    const { queue } = agent.state;
    await agent.checkpoint("start");
    await agent.ask("hi");

    await agent.loadCheckpoint("start");

    expect(agent.state.queue).toEqual(queue);
    expect((await memgpt.checkpoints("sam")).map(({ name }) => name)).toContain("start");
  });

  test("is changed by hand, and refuses invalid changes with the library's own errors", async () => {
    const memgpt = await open(new ScriptedLlm([]));
    const agent = await memgpt.createAgent({ name: "sam" });

    await agent.addBlock({ label: "plans", value: "Lisbon", limit: 100 });
    expect(await agent.changeBlock("plans", { value: "Porto" })).toMatchObject({ label: "plans", value: "Porto" });
    expect(agent.state.blocks.find(({ label }) => label === "plans")?.value).toBe("Porto");
    await agent.removeFunction("archival_memory_insert");
    expect(agent.state.functions).not.toContain("archival_memory_insert");
    await expect(agent.editBlock("nothing", "x")).rejects.toMatchObject({ code: "not_found", name: "MemGPTError" });
    await expect(agent.undo(0)).rejects.toMatchObject({ code: "invalid_input" });
    await expect(collect(agent.send(" "))).rejects.toMatchObject({ code: "invalid_input", kept: "nothing" });
  });

  test("stops on request and keeps the finished steps", async () => {
    const { llm } = waitingLlm([NOTE_LISBON, say("never said")], 2);
    const memgpt = await open(llm);
    const agent = await memgpt.createAgent({ name: "sam" });
    const stop = new AbortController();
    const events: AgentEvent[] = [];

    const turn = (async () => {
      for await (const event of agent.send("I moved to Lisbon.", { signal: stop.signal })) {
        events.push(event);
        if (event.type === "step_end") stop.abort();
      }
    })();

    await expect(turn).rejects.toMatchObject({ code: "interrupted" });
    expect(events.filter(({ type }) => type === "step_end")).toHaveLength(1);
    expect(agent.state.blocks.find(({ label }) => label === "human")?.value).toContain("Lisbon");
    expect((await agent.find({ query: "never said" })).total).toBe(0);
  });

  test("ends its turn when the caller stops listening", async () => {
    const { llm } = waitingLlm([NOTE_LISBON, say("never said")], 2);
    const memgpt = await open(llm);
    const agent = await memgpt.createAgent({ name: "sam" });

    for await (const event of agent.send("I moved to Lisbon.")) if (event.type === "step_end") break;

    expect((await agent.undo()).actions).toHaveLength(1);
  });

  test("runs one thing at a time", async () => {
    const { llm, go } = waitingLlm([say("one")], 1);
    const memgpt = await open(llm);
    const agent = await memgpt.createAgent({ name: "sam" });
    const turn = agent.ask("hi");
    const refusal = (error: unknown): string => (error instanceof MemGPTError ? error.code : "unexpected");
    await expect.poll(() => agent.undo().then(() => "undone", refusal)).toBe("agent_busy");
    await expect(agent.ask("you?")).rejects.toMatchObject({ code: "agent_busy" });

    go();

    expect(await turn).toBe("one");
  });

  test("reports what its model cannot do", async () => {
    const failing = new ScriptedLlm([{ error: new MemGPTError("llm_unavailable", "The model is away.") }]);
    const memgpt = await open(failing);
    const agent = await memgpt.createAgent({ name: "sam" });

    await expect(agent.ask("hi")).rejects.toMatchObject({ code: "llm_unavailable", message: "The model is away." });
    expect(await agent.recall.size()).toBe(0);
  });

  test("is listed, copied, renamed, exported and deleted by its name", async () => {
    const memgpt = await open(new ScriptedLlm([say("Hello.")]));
    const agent = await memgpt.createAgent({ name: "sam" });
    await agent.ask("My tortoise is called Momo.");
    await agent.close();
    await expect(agent.ask("still there?")).rejects.toMatchObject({ code: "agent_busy" });

    await memgpt.copyAgent("sam", "eva");
    await memgpt.renameAgent("sam", "kim");
    expect((await memgpt.listAgents()).map(({ name }) => name).sort()).toEqual(["eva", "kim"]);
    expect((await memgpt.find("eva", { query: "tortoise" })).total).toBe(1);
    let text = "";
    for await (const chunk of memgpt.exportAgent("kim", { format: "markdown" })) text += chunk;
    expect(text).toContain("My tortoise is called Momo.");
    await memgpt.deleteAgent("eva");
    expect(await memgpt.hasAgent("eva")).toBe(false);
    await expect(memgpt.openAgent("eva")).rejects.toMatchObject({ code: "agent_not_found" });
    await expect(memgpt.createAgent({ name: "kim" })).rejects.toMatchObject({ code: "agent_exists" });
  });

  test("waits for calls that its program answers, and goes on with the answer", async () => {
    const weather = {
      name: "weather",
      description: "The weather now.",
      parameters: { type: "object", properties: {} },
    };
    const memgpt = await open(new ScriptedLlm([{ call: "weather", args: {} }, say("It rains.")]));
    const agent = await memgpt.createAgent({ name: "sam" });

    const asked = await collect(agent.send("How is the weather?", { deferred: [weather] }));
    const call = asked.find((event) => event.type === "function_call");
    const answers = [{ callId: call?.call.id ?? "", status: "OK" as const, output: "rain" }];
    const told = await collect(agent.answerCalls(answers, { deferred: [weather] }));

    expect(asked.at(-1)).toMatchObject({ type: "turn_end", outcome: "waiting" });
    expect(told.at(-1)).toMatchObject({ type: "turn_end", outcome: "done", reply: "It rains." });
  });

  test("gets a name if none is given", async () => {
    const memgpt = await open();
    const [one, two] = [await memgpt.createAgent(), await memgpt.createAgent()];

    expect(one.name).not.toBe(two.name);
    expect(await memgpt.hasAgent(two.name)).toBe(true);
  });
});
