import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluateNestedKv, nestedKvTable } from "../../src/eval/nested-kv.ts";
import { temporaryFolder } from "../support/agents.ts";
import { linesOf, scripted, watchTemporary } from "./support.ts";

/** A UUID that ends in `n`. */
function uuid(kind: "key" | "value", n: number): string {
  return `${kind === "key" ? "aaaaaaaa" : "bbbbbbbb"}-1c5c-4e55-9934-${String(n).padStart(12, "0")}`;
}

function dataOf(records: readonly unknown[], orderings: Readonly<Record<string, readonly unknown[]>>): string {
  const folder = join(temporaryFolder(), "nested-kv");
  mkdirSync(folder);
  writeFileSync(join(folder, "kv-140.jsonl"), linesOf(records));
  for (const [level, lists] of Object.entries(orderings)) {
    writeFileSync(join(folder, `orderings-${level}-levels.jsonl`), linesOf(lists));
  }
  return folder;
}

const RECORD = {
  ordered_kv_records: Array.from({ length: 30 }, (_, n) => [uuid("key", n), uuid("value", n)]),
  key: uuid("key", 3),
  value: uuid("value", 3),
};

test("the driver follows chains to their end with one search per key and a last empty one", async () => {
  const data = dataOf([RECORD], { "1": [[4], [7]], "3": [[5, 0, 29]] });
  const left = watchTemporary();

  const report = await evaluateNestedKv({ data, levels: [1, 3] });

  expect(report).toMatchObject({
    model: "nested-kv-driver",
    context_window: 4096,
    levels: { "1": { n: 2, correct: 2 }, "3": { n: 1, correct: 1 } },
    total: { n: 3, correct: 3 },
    searches_per_question: 2.67,
  });
  expect(Object.keys(report.dataset.files)).toEqual([
    "kv-140.jsonl",
    "orderings-1-levels.jsonl",
    "orderings-3-levels.jsonl",
  ]);
  expect(nestedKvTable(report)).toContain("all                3        3  100.0");
  expect(left()).toEqual([]);
});

test("an answer is correct only with the last value of the chain", async () => {
  const data = dataOf([RECORD, RECORD], {
    "2": [
      [1, 2],
      [3, 4],
    ],
  });
  const { llm, make } = scripted([
    { call: "send_message", args: { message: uuid("value", 1) } },
    { call: "send_message", args: { message: `It is ${uuid("value", 4)}.` } },
  ]);

  const report = await evaluateNestedKv({ data, levels: [2], subject: { config: {}, llm: make } });

  expect(report).toMatchObject({ levels: { "2": { n: 2, correct: 1 } }, searches_per_question: 0 });
  expect(llm.remaining).toBe(0);
  const asked = llm.seen.map(({ queue }) => queue.map(({ content }) => content ?? "").join());
  expect(asked[0]).toContain(uuid("key", 1));
  // Nobody is shown the pairs, nor what was asked before.
  expect(asked.join()).not.toContain(uuid("value", 1));
  expect(asked[1]).not.toContain(uuid("key", 1));
});

test("stopping in the middle of an answer reports the evaluation, not the answer", async () => {
  const data = dataOf([RECORD], { "1": [[1]] });
  const left = watchTemporary();
  const stop = new AbortController();
  const { make } = scripted([
    () => {
      stop.abort();
      return { call: "send_message", args: { message: uuid("value", 1) } };
    },
  ]);

  const evaluating = evaluateNestedKv({ data, levels: [1], signal: stop.signal, subject: { config: {}, llm: make } });

  await expect(evaluating).rejects.toMatchObject({
    code: "interrupted",
    message: "Stopped. The evaluation keeps no results.",
  });
  expect(left()).toEqual([]);
});

test("levels, records and a limit choose the questions", async () => {
  const data = dataOf([RECORD, RECORD], { "1": [[1], [2], [3]] });

  const report = await evaluateNestedKv({ data, levels: [1], records: 2, limit: 2 });

  expect(report.total).toEqual({ n: 4, correct: 4 });
});

test.each([
  ["a folder without the records", {}, [], "not_found", "No kv-140.jsonl or kv-retrieval"],
  ["a missing level", { "1": [[1]] }, [RECORD], "not_found", "No orderings-2-levels.jsonl"],
  ["an index beyond the pairs", { "1": [[1]], "2": [[1, 30]] }, [RECORD], "invalid_input", "no pair 30"],
] as const)("refuses %s", async (_, orderings, records, code, complaint) => {
  const data = records.length === 0 ? temporaryFolder() : dataOf(records, orderings);

  await expect(evaluateNestedKv({ data, levels: [1, 2] })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(complaint),
  });
});
