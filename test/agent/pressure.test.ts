import type { AgentEvent } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { collect, testClock, testHome } from "../support/agents.ts";

const reply = (message: string) => ({ call: "send_message", args: { message } });

type Llm = ConstructorParameters<typeof ScriptedLlm>[0][number];

/** An agent in a small window whose model replies, saves a note when alerted, and summarizes as `summary` says. */
async function smallAgent(summary: Llm, contextWindow = 4096) {
  const alerts: string[] = [];
  const summaries: string[] = [];
  const model = {
    model: "scripted",
    complete: (request: Parameters<ScriptedLlm["complete"]>[0]) => new ScriptedLlm([answer]).complete(request),
  };
  const answer: Llm = (context) => {
    const last = context.queue.at(-1);
    if (context.functions.length === 0) {
      summaries.push(last?.content ?? "");
      return typeof summary === "function" ? summary(context) : summary;
    }
    if (last?.role === "user" && last.event === "system_alert") {
      alerts.push(last.content);
      return { call: "archival_memory_insert", args: { content: `note ${alerts.length}`, request_heartbeat: false } };
    }
    return reply(`I read it: ${"la ".repeat(40)}`);
  };
  const memgpt = await testHome({ llm: () => model, now: testClock().now });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow }, { verify: false });
  return { agent, alerts, summaries };
}

const message = (n: number) => `Message number ${n} of ${"many words ".repeat(20)}`;

test("the model is alerted once before each flush, and the alert is not for the person", async () => {
  const { agent, alerts } = await smallAgent({ think: "They told me of many words." });
  const events: AgentEvent[] = [];
  for (let n = 0; n < 30; n += 1) events.push(...(await collect(agent.send(message(n)))));

  const order = events.flatMap(({ type }) => (type === "memory_pressure" || type === "queue_flush" ? [type] : []));
  expect(order.length).toBeGreaterThan(4);
  // An alert, then a flush, and so on: never two alerts without a flush between them.
  expect(order.join(" ")).toMatch(/^(memory_pressure queue_flush ?)+(memory_pressure)?$/);
  expect(alerts[0]).toContain("Memory pressure");
  expect(await agent.archival.size()).toBe(alerts.length);
  expect(events.filter((event) => event.type === "assistant_message")).toHaveLength(30);
});

test("a flush leaves a summary at the head of the queue, made of the messages and the summary before it", async () => {
  const { agent, summaries } = await smallAgent({ think: "SUMMARY so far." });
  for (let n = 0; n < 30; n += 1) await collect(agent.send(message(n)));

  expect(agent.state.queue[0]).toMatchObject({
    role: "user",
    event: "summary",
    content: expect.stringContaining("SUMMARY so far."),
  });
  expect(agent.state.queue[0]?.content).toMatch(/\d+ earlier messages of \d+ are no longer shown/);
  expect(summaries[0]).toContain("Message number 0");
  // What the agent said is summarized too, and so is the last summary.
  expect(summaries[0]).toContain("assistant (2026-11-21");
  expect(summaries[1]).toContain("SUMMARY so far.");
  expect(agent.state.queue.filter((item) => item.role === "user" && item.event === "summary")).toHaveLength(1);
});

test("after every turn the context fits, and every message is in recall", async () => {
  const { agent } = await smallAgent({ think: "Short." });
  for (let n = 0; n < 30; n += 1) {
    await collect(agent.send(message(n)));
    expect(agent.context().used).toBeLessThanOrEqual(4096);
  }

  const found = await agent.recall.search({ text: '"Message number"' }, { page: 0, size: 100 });
  expect(found.total).toBe(30);
});

test.each<[string, Llm]>([
  ["fails", { error: new Error("overloaded") }],
  ["says nothing", { think: "" }],
])("a digest that says how to find what was evicted replaces a summarizer that %s", async (_, summary) => {
  const { agent } = await smallAgent(summary);
  const events: AgentEvent[] = [];
  for (let n = 0; n < 20; n += 1) events.push(...(await collect(agent.send(message(n)))));

  expect(events.filter((event) => event.type === "notice" && event.code === "summary_fallback").length).toBeGreaterThan(
    0,
  );
  expect(agent.state.queue[0]?.content).toContain("conversation_search");
  expect(agent.context().used).toBeLessThanOrEqual(4096);
});

test("a summary longer than its room is cut", async () => {
  const { agent } = await smallAgent({ think: "endless ".repeat(5000) });
  for (let n = 0; n < 20; n += 1) await collect(agent.send(message(n)));

  expect(agent.context().used).toBeLessThanOrEqual(4096);
  expect(agent.context().sections.summary).toBeLessThan(420);
});

test("a message longer than the window is stored whole, and shown to the model cut with a pointer", async () => {
  const { agent } = await smallAgent({ think: "Long." });
  const long = `Start. ${"filler ".repeat(20_000)}End.`;

  const events = await collect(agent.send(long));

  expect(events).toContainEqual(expect.objectContaining({ type: "notice", code: "message_cut" }));
  const found = await agent.recall.search({ text: "filler" }, { page: 0, size: 1 });
  expect(found.items[0]?.text).toBe(long);
  const shown = agent.state.queue.find((item) => item.role === "user" && item.event === "user_message");
  expect(shown?.content).toMatch(/Start\. .*\[cut: the first \d+ of 140011 characters\./);
  expect(agent.context().used).toBeLessThanOrEqual(4096);
  expect(JSON.stringify(agent.state).length).toBeLessThan(30_000);
});

test("the provider's own count corrects the estimate", async () => {
  const llm = new ScriptedLlm([{ ...reply("Hi."), usage: { prompt: 3000, completion: 10, cached: 0 } }]);
  const memgpt = await testHome({ llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow: 8192 });
  const before = agent.context().used;

  await agent.ask("Hello");

  expect(before).toBeLessThan(2300);
  expect(agent.context().used).toBeGreaterThan(3000);
  expect(agent.context().used).toBeLessThan(3400);
});

test("the prompt's prefix stays the same from step to step until core memory changes", async () => {
  const llm = new ScriptedLlm([
    reply("One."),
    reply("Two."),
    { call: "core_memory_append", args: { name: "human", content: "Fact.", request_heartbeat: true } },
    reply("Three."),
  ]);
  const memgpt = await testHome({ llm: () => llm, now: testClock().now });
  const agent = await memgpt.createAgent({ name: "sam" });
  for (const text of ["a", "b", "c"]) await agent.ask(text);

  const [first, second, third, fourth] = llm.seen.map((context) => context.system);
  // The first counts of memory appear once there is some.
  expect(first).toContain("0 previous messages");
  expect(second).not.toBe(first);
  expect(third).toBe(second);
  expect(fourth).not.toBe(third);
  expect(llm.seen[2]?.queue.slice(0, llm.seen[1]?.queue.length)).toEqual(llm.seen[1]?.queue);
});
