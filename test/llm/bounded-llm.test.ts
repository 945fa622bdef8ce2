import { expect, test } from "vitest";
import { BoundedLlm } from "../../src/llm/bounded-llm.ts";
import type { Llm, LlmDelta } from "../../src/ports/llm.ts";
import { DEFAULT_ANSWER_BOUNDS } from "../../src/schema/answer-bounds.ts";
import type { Completion } from "../../src/schema/context.ts";
import { CONTEXT } from "./json-functions/support.ts";

test("an answer that arrives faster than it is read can still be stopped", async () => {
  const flood: Llm = {
    model: "flood",
    async *complete(): AsyncGenerator<LlmDelta, Completion, void> {
      for (let n = 0; n < 500_000; n += 1) yield { type: "content", text: "x" };
      return { content: "all of it", calls: [], usage: null, finishReason: "stop" };
    },
  };
  const llm = new BoundedLlm(flood, { ...DEFAULT_ANSWER_BOUNDS, bytes: 16_000_000 });
  const stop = new AbortController();
  setImmediate(() => {
    stop.abort(new Error("stopped"));
  });

  const answer = llm.complete({ context: CONTEXT, maxTokens: 500, signal: stop.signal });
  const read = async (): Promise<void> => {
    while ((await answer.next()).done !== true);
  };

  await expect(read()).rejects.toThrow("stopped");
});

test("abandoning an answer aborts its request, but not after it has ended", async () => {
  const signals: AbortSignal[] = [];
  const model: Llm = {
    model: "short",
    async *complete({ signal }): AsyncGenerator<LlmDelta, Completion, void> {
      if (signal !== undefined) signals.push(signal);
      yield { type: "content", text: "Hello." };
      return { content: "Hello.", calls: [], usage: null, finishReason: "stop" };
    },
  };
  const llm = new BoundedLlm(model, DEFAULT_ANSWER_BOUNDS);

  const whole = llm.complete({ context: CONTEXT, maxTokens: 500 });
  while ((await whole.next()).done !== true);
  const left = llm.complete({ context: CONTEXT, maxTokens: 500 });
  await left.next();
  await left.return({ content: null, calls: [], usage: null, finishReason: "stop" });

  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
});
