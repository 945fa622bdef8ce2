import { expect, test } from "vitest";
import { BoundedLlm } from "../../src/llm/bounded-llm.ts";
import type { Llm, LlmDelta } from "../../src/ports/llm.ts";
import { DEFAULT_ANSWER_BOUNDS } from "../../src/schema/answer-bounds.ts";
import type { Completion } from "../../src/schema/context.ts";
import { CONTEXT } from "./json-functions/support.ts";

test("an answer that comes faster than it is read leaves room for what stops it", async () => {
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
