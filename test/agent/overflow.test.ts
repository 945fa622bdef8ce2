import { type Completion, ContextOverflowError, type Llm, type LlmDelta, type LlmRequest } from "memgpt";
import { expect, test } from "vitest";
import { contextTokens } from "../../src/memory/main-context.ts";
import { collect, committed, only, testHome } from "../support/agents.ts";

/** A model that says so whenever a request is larger than `window` tokens, whatever the agent was told of its size. */
class SmallLlm implements Llm {
  readonly model = "small";
  refused = 0;
  readonly #window: number;

  constructor(window: number) {
    this.#window = window;
  }

  async *complete({ context }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    if (contextTokens(context) > this.#window) {
      this.refused += 1;
      throw new ContextOverflowError("small says that the request is too large. Nothing was lost.");
    }
    if (context.functions.length === 0)
      return { content: "They talked.", calls: [], usage: null, finishReason: "stop" };
    const call = { id: "c", name: "send_message", arguments: JSON.stringify({ message: "Go on." }) };
    return { content: "Listening.", calls: [call], usage: null, finishReason: "function_calls" };
  }
}

const words = (n: number): string => Array.from({ length: 60 }, (_, i) => `word${n}-${i}`).join(" ");

test("discovers a window smaller than configured: older messages leave it, every turn is answered, nothing is lost or duplicated", async () => {
  const llm = new SmallLlm(3000);
  const memgpt = await testHome({ llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow: 16_000 }, { verify: false });

  for (let n = 0; n < 25; n += 1) expect(await agent.ask(words(n))).toBe("Go on.");

  expect(llm.refused).toBeGreaterThan(0);
  expect(llm.refused).toBeLessThan(25);
  for (let n = 0; n < 25; n += 1) expect((await agent.find({ query: `"word${n}-7"` })).total).toBe(1);
  expect(agent.state.queue[0]).toMatchObject({ event: "summary" });
});

test("an overflow gives one notice and stays one step", async () => {
  const llm = new SmallLlm(3000);
  const memgpt = await testHome({ llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow: 16_000 }, { verify: false });
  let events = await collect(agent.send(words(0)));
  for (let n = 1; llm.refused === 0; n += 1) events = await collect(agent.send(words(n)));

  expect(only(events, "notice")).toMatchObject({ code: "overflow" });
  expect(committed(events).filter((type) => type === "step_end")).toHaveLength(1);
  expect(only(events, "turn_end")).toMatchObject({ outcome: "done", reply: "Go on." });
});

test("one message too large for the model is cut and answered", async () => {
  const llm = new SmallLlm(2600);
  const memgpt = await testHome({ llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow: 16_000 }, { verify: false });

  expect(await agent.ask(Array.from({ length: 40 }, (_, n) => words(n)).join(" "))).toContain("Go on.");

  expect((await agent.find({ query: '"word39-59"' })).total).toBe(1);
});

test("if no context is small enough, the turn fails with the model's message and changes nothing", async () => {
  const llm = new SmallLlm(10);
  const memgpt = await testHome({ llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow: 16_000 }, { verify: false });
  const before = agent.state;

  await expect(agent.ask("hello")).rejects.toThrow("small says that the request is too large");

  expect(agent.state).toEqual(before);
  expect(await agent.recall.size()).toBe(0);
  expect(llm.refused).toBeLessThan(8);
});
