import { expect, test } from "vitest";
import { anyAt, latencyOf, means, recallAt, rougeLRecall } from "../../src/eval/scores.ts";
import { table } from "../../src/eval/table.ts";

test("recall is the share of wanted items among the first k, and 1 without wanted items", () => {
  const ranked = ["a", "b", "c", "d"];

  expect(recallAt(["b", "d"], ranked, 1)).toBe(0);
  expect(recallAt(["b", "d"], ranked, 2)).toBe(0.5);
  expect(recallAt(["b", "d"], ranked, 4)).toBe(1);
  expect(recallAt(["b", "x; b"], ranked, 4)).toBe(0.5);
  expect(recallAt([], ranked, 1)).toBe(1);
  expect(anyAt(["x", "b"], ranked, 1)).toBe(0);
  expect(anyAt(["x", "b"], ranked, 2)).toBe(1);
  expect(anyAt([], ranked, 2)).toBe(0);
});

test("percentiles use the nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);

  expect(latencyOf(hundred)).toEqual({ p50: 50, p95: 95 });
  expect(latencyOf([3])).toEqual({ p50: 3, p95: 3 });
  expect(latencyOf([])).toEqual({ p50: 0, p95: 0 });
});

test("means are rounded to four places", () => {
  expect(means([{ a: 1 }, { a: 0 }, { a: 0 }])).toEqual({ a: 0.3333 });
});

test("ROUGE-L recall is the longest common subsequence divided by the wanted words", () => {
  expect(rougeLRecall("A shell necklace", "Oh yeah, that shell, the necklace!")).toBeCloseTo(2 / 3);
  expect(rougeLRecall("Taco Bell!", "taco BELL")).toBe(1);
  expect(rougeLRecall("the cat sat", "sat the cat")).toBeCloseTo(2 / 3);
  expect(rougeLRecall("Taco Bell", "")).toBe(0);
  expect(rougeLRecall("!", "anything")).toBe(0);
});

test("tables align names left and numbers right", () => {
  expect(
    table(
      ["", "n"],
      [
        ["one", "100"],
        ["second", "5"],
      ],
    ),
  ).toBe(["          n", "------  ---", "one     100", "second    5"].join("\n"));
});
