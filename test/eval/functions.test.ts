import { LlmError } from "memgpt";
import { expect, test } from "vitest";
import { evaluateFunctions, functionsTable } from "../../src/eval/functions.ts";
import { scripted, watchTemporary } from "./support.ts";

test("the practice model calls the right function and answers, each time with a new agent", async () => {
  const left = watchTemporary();

  const report = await evaluateFunctions({ subject: { config: {} }, tries: 2 });

  expect(report).toMatchObject({
    model: "practice",
    context_window: 8192,
    tries: 2,
    functions: {
      core_memory_replace: { n: 2, correct: 2 },
      core_memory_append: { n: 2, correct: 2 },
      conversation_search: { n: 2, correct: 2 },
      archival_memory_insert: { n: 2, correct: 2 },
      archival_memory_search: { n: 2, correct: 2 },
    },
    total: { n: 10, correct: 10 },
    errors: 0,
  });
  expect(functionsTable(report)).toMatch(/all +10\/10 +100\.0/);
  expect(left()).toEqual([]);
});

const append = { name: "human", content: "Likes football." };
const replace = { name: "human", old_content: "Chad", new_content: "John" };

test("a call without an answer, a failed call and an answer without a call do not count", async () => {
  const { llm, make } = scripted([
    // First function: right; a call that fails; another call.
    {
      calls: [
        { call: "core_memory_replace", args: replace },
        { call: "send_message", args: { message: "Hi John" } },
      ],
    },
    {
      calls: [
        { call: "core_memory_replace", args: { ...replace, old_content: "Nobody" } },
        { call: "send_message", args: { message: "Hi John" } },
      ],
    },
    { call: "send_message", args: { message: "Noted." } },
    {
      calls: [
        { call: "core_memory_append", args: append },
        { call: "send_message", args: { message: "Hi John" } },
      ],
    },
  ]);

  const report = await evaluateFunctions({ subject: { config: {}, llm: make }, tries: 3, limit: 1 });

  expect(report.functions).toEqual({ core_memory_replace: { n: 3, correct: 1 } });
  expect(llm.remaining).toBe(0);
});

test("an unreachable model ends the evaluation; a later failure fails only that try", async () => {
  const down = { error: new LlmError("nobody there") };
  const right = {
    calls: [
      { call: "core_memory_replace", args: replace },
      { call: "send_message", args: { message: "Hi John" } },
    ],
  };
  const run = (script: Parameters<typeof scripted>[0]) =>
    evaluateFunctions({ subject: { config: {}, llm: scripted(script).make }, tries: 2, limit: 1 });

  await expect(run([down])).rejects.toMatchObject({ code: "llm_unavailable" });
  const report = await run([right, down]);

  expect(report).toMatchObject({ total: { n: 2, correct: 1 }, errors: 1 });
  expect(functionsTable(report)).toContain("; 1 failed with an error.");
});
