import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Completion, type LlmDelta, MemGPTError } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { collect, committed, only, scriptedAgent, temporaryFolder, testHome } from "../support/agents.ts";

const reply = (message: string) => ({ call: "send_message", args: { message } });

test("several calls in one answer all run, in order, each seeing what the one before changed", async () => {
  const { agent } = await scriptedAgent([
    {
      calls: [
        { call: "core_memory_append", args: { name: "human", content: "Has a cat.", request_heartbeat: false } },
        {
          call: "core_memory_replace",
          args: { name: "human", old_content: "Has a cat.", new_content: "Has two cats.", request_heartbeat: false },
        },
        { call: "send_message", args: { message: "Two cats!" } },
      ],
    },
  ]);

  const events = await collect(agent.send("I have a cat. No, two."));

  expect(only(events, "turn_end")).toMatchObject({ steps: 1, outcome: "done", reply: "Two cats!" });
  expect(agent.state.blocks.find((block) => block.label === "human")?.value).toMatch(/Has two cats\.$/);
});

test("a failed call gives the model another step, and tells it what was wrong", async () => {
  const { agent, llm } = await scriptedAgent([
    {
      call: "core_memory_replace",
      args: { name: "human", old_content: "Bob", new_content: "Ana", request_heartbeat: false },
    },
    { call: "no_such_function", args: {} },
    { call: "core_memory_append", args: "{ not json" },
    reply("Sorry, I fumbled."),
  ]);

  const events = await collect(agent.send("My name is Ana"));

  const failures = events.filter((event) => event.type === "function_return" && event.status === "Failed");
  expect(failures).toHaveLength(3);
  expect(
    llm.seen[1]?.queue.some(
      (message) => message.role === "function" && message.content.includes("Content not found in human"),
    ),
  ).toBe(true);
  expect(
    llm.seen[2]?.queue.some(
      (message) => message.role === "function" && message.content.includes("No function named no_such_function"),
    ),
  ).toBe(true);
  expect(
    llm.seen[3]?.queue.some((message) => message.role === "function" && message.content.includes("not valid JSON")),
  ).toBe(true);
  expect(only(events, "turn_end").steps).toBe(4);
});

test.each([true, "true", "True"])("a heartbeat asked for with %j gives another step", async (heartbeat) => {
  const { agent, llm } = await scriptedAgent([
    { call: "archival_memory_insert", args: { content: "A fact.", request_heartbeat: heartbeat } },
    reply("Kept."),
  ]);

  await agent.ask("Keep a fact");

  expect(llm.remaining).toBe(0);
  expect(llm.seen[1]?.queue.at(-1)).toMatchObject({ role: "user", event: "heartbeat" });
});

test("a turn that would end without a reply gets one forced heartbeat, and then ends with a notice", async () => {
  const quiet = { call: "core_memory_append", args: { name: "human", content: "Shy.", request_heartbeat: "false" } };
  const other = { call: "core_memory_append", args: { name: "human", content: "Very shy.", request_heartbeat: false } };
  const { agent, llm } = await scriptedAgent([quiet, other]);

  const events = await collect(agent.send("I am shy"));

  const notices = events.flatMap((event) => (event.type === "notice" ? [event.code] : []));
  expect(notices).toEqual(["forced_heartbeat", "no_reply"]);
  expect(only(events, "turn_end")).toMatchObject({ steps: 2, outcome: "no_reply", reply: null });
  expect(llm.remaining).toBe(0);
});

test("text without a call is asked for once more, then delivered as the reply and found by search", async () => {
  const { agent, llm } = await scriptedAgent(
    [{ think: "Lovely weather in Oslo." }, { think: "Lovely weather in Oslo, I said." }],
    {},
    { verify: false },
  );

  const events = await collect(agent.send("How is the weather?"));

  expect(only(events, "turn_end").reply).toBe("Lovely weather in Oslo, I said.");
  expect(llm.seen[1]?.queue.at(-1)).toMatchObject({ event: "system_alert" });
  const found = await agent.recall.search({ text: "Oslo" }, { page: 0, size: 5 });
  expect(found.items.map((item) => [item.role, item.text])).toEqual([["assistant", "Lovely weather in Oslo, I said."]]);
});

test("the same call with the same arguments three times ends the turn with a notice", async () => {
  const search = { call: "conversation_search", args: { query: "flags", request_heartbeat: true } };
  const { agent, llm } = await scriptedAgent([search, search, search, search]);

  const events = await collect(agent.send("Find the flags"));

  expect(only(events, "turn_end")).toMatchObject({ steps: 3, outcome: "repeated_call" });
  expect(llm.remaining).toBe(1);
});

test("a turn that never ends by itself is stopped at the most steps, with everything so far kept", async () => {
  const { agent } = await scriptedAgent(
    Array.from({ length: 60 }, (_, n) => ({
      call: "archival_memory_insert",
      args: { content: `Fact ${n}`, request_heartbeat: true },
    })),
    { contextWindow: 32_000 },
  );

  const events = await collect(agent.send("Keep going"));

  expect(only(events, "turn_end")).toMatchObject({ steps: 50, outcome: "max_steps" });
  expect(await agent.archival.size()).toBe(50);
});

test("an interrupt during an answer leaves no trace of the step", async () => {
  const interrupt = new AbortController();
  const { agent } = await scriptedAgent(
    [reply("A long answer that is never finished"), reply("Hello again.")],
    {},
    { verify: false },
  );
  const before = agent.state;
  const size = await agent.recall.size();

  const shown: string[] = [];
  const turn = async (): Promise<void> => {
    for await (const event of agent.send("Hello", { signal: interrupt.signal })) {
      shown.push(event.type);
      if (event.type === "assistant_message_delta") interrupt.abort();
    }
  };

  await expect(turn()).rejects.toMatchObject({ code: "interrupted" });
  expect(shown).not.toContain("step_end");
  expect(agent.state).toBe(before);
  expect(await agent.recall.size()).toBe(size);
  expect(await agent.ask("Hello?")).toBe("Hello again.");
});

test("a model that fails leaves no trace, and the next message goes through", async () => {
  const { agent } = await scriptedAgent([{ error: new MemGPTError("llm_unavailable", "away") }, reply("Back.")]);
  const before = agent.state;

  await expect(agent.ask("Hello")).rejects.toThrow("away");

  expect(agent.state).toBe(before);
  expect(await agent.ask("Hello?")).toBe("Back.");
});

test("a caller that stops listening after a step keeps that step, and frees the agent", async () => {
  const { agent } = await scriptedAgent([
    { call: "core_memory_append", args: { name: "human", content: "Kept.", request_heartbeat: true } },
    reply("Next turn."),
  ]);

  for await (const event of agent.send("Remember: kept")) if (event.type === "memory_edit") break;

  expect(agent.state.blocks[1]?.value).toContain("Kept.");
  expect(await agent.ask("And?")).toBe("Next turn.");
});

test("a caller that stops listening during an answer ends the request to the model", async () => {
  let ended = false;
  const model = {
    model: "slow",
    async *complete(): AsyncGenerator<LlmDelta, Completion, void> {
      try {
        for (;;) yield { type: "content", text: "and on " };
      } finally {
        ended = true;
      }
    },
  };
  const memgpt = await testHome({ llm: () => model });
  const agent = await memgpt.createAgent({}, { verify: false });

  for await (const event of agent.send("Go on")) if (event.type === "internal_monologue_delta") break;

  expect(ended).toBe(true);
});

test("closing an agent during a turn keeps the finished steps and interrupts the turn", async () => {
  const { agent, memgpt } = await scriptedAgent([
    { call: "core_memory_append", args: { name: "human", content: "Kept.", request_heartbeat: true } },
    reply("Never said."),
  ]);

  const turn = async (): Promise<void> => {
    for await (const event of agent.send("Remember: kept")) if (event.type === "step_end") await agent.close();
  };

  await expect(turn()).rejects.toMatchObject({ code: "interrupted" });
  const again = await memgpt.openAgent("sam");
  expect(again.state.blocks[1]?.value).toContain("Kept.");
  expect(again.state.queue.some((message) => message.content?.includes("Never said") === true)).toBe(false);
});

test("max_steps bounds a turn, memory alerts included", async () => {
  const llm = new ScriptedLlm(Array.from({ length: 12 }, () => reply("word ".repeat(200))));
  const dir = temporaryFolder();
  writeFileSync(join(dir, "config.json"), '{"max_steps":1}');
  const memgpt = await testHome({ dir, llm: () => llm });
  const agent = await memgpt.createAgent({ contextWindow: 4096 }, { verify: false });

  for (let n = 0; n < 4; n += 1) {
    const events = await collect(agent.send("word ".repeat(100)));
    expect(only(events, "turn_end").steps).toBe(1);
  }
});

test("a second turn while one is running is refused without disturbing it", async () => {
  const { agent } = await scriptedAgent([reply("One.")]);
  const first = agent.send("One");
  await first.next();

  await expect(agent.ask("Two")).rejects.toMatchObject({ code: "agent_busy" });
  expect((await collect(first)).at(-1)).toMatchObject({ type: "turn_end", reply: "One." });
});

test("empty messages are refused", async () => {
  const { agent } = await scriptedAgent([]);

  await expect(agent.ask("  \n ")).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("empty"),
  });
});

test("an invalid time is refused before anything happens", async () => {
  const { agent } = await scriptedAgent([]);

  await expect(collect(agent.send({ type: "user_message", message: "hi", time: "soon" }))).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("a brand-new agent's first answer in a wrong form is asked for again, with the reason, and not shown", async () => {
  const { agent, llm } = await scriptedAgent([
    { think: "I just talk." },
    { think: 'I will call send_message("hi")', call: "send_message", args: { message: "hi" } },
    reply("Hello."),
    { think: "No call." },
    reply("Later."),
  ]);

  const events = await collect(agent.send("Hello"));
  const later = await collect(agent.send("And now?"));

  expect(events.filter((event) => event.type === "notice")).toMatchObject([
    { code: "first_message_retry", text: expect.stringContaining("2 of 3") },
    { code: "first_message_retry", text: expect.stringContaining("3 of 3") },
  ]);
  expect(llm.seen[1]?.queue.at(-1)?.content).toContain("without calling a function");
  expect(llm.seen[2]?.queue.at(-1)?.content).toContain("Make the call instead of writing it");
  expect(events.some((event) => event.type === "internal_monologue_delta")).toBe(false);
  // What was refused is not part of the conversation, and only the first answer is checked.
  expect(agent.state.queue.some((message) => message.content?.includes("I just talk") === true)).toBe(false);
  expect(committed(later)).toContain("internal_monologue");
});

test("a session begins with one login event, which says how long it has been", async () => {
  const { agent, memgpt, llm } = await scriptedAgent([reply("Hi."), reply("Hi again.")]);
  await agent.ask("Hello");
  await agent.close();

  const reopened = await memgpt.openAgent("sam");
  await reopened.ask("Hello again");

  const logins = llm.seen[1]?.queue.filter((message) => message.role === "user" && message.event === "login");
  expect(logins?.map((login) => login.content)).toEqual([
    expect.stringContaining("Never (first login)"),
    expect.stringMatching(/2026-11-21 .*\(just now\)/),
  ]);
});

test("a turn limited to one step reports that it stopped after one", async () => {
  const note = { name: "human", content: "Likes tea.", request_heartbeat: true };
  const llm = new ScriptedLlm([{ call: "core_memory_append", args: note }]);
  const memgpt = await testHome({ llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam" }, { verify: false, maxSteps: 1 });

  expect(only(await collect(agent.send("I like tea")), "notice").text).toMatch(/^Stopped after 1 step\. /);
});
