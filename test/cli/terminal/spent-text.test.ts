import type { Spent } from "memgpt";
import { expect, test } from "vitest";
import { spentMark, spentText } from "../../../src/cli/terminal/spent-text.ts";

const SPENT: Spent = { requests: 2, prompt: 12_345, completion: 67, cached: 9876, cost: 0.0123, unpriced: 0 };

test("shows spending in tokens and money", () => {
  expect(spentText(SPENT)).toBe("2 requests, 12,345 tokens in (80% cached), 67 out, $0.0123");
  expect(spentMark(SPENT)).toBe("12k in (9,876 cached), 67 out · $0.0123");
});

test("says that a price is unknown, and leaves it out under a reply", () => {
  expect(spentText({ ...SPENT, cost: 0, unpriced: 2 })).toContain("price unknown");
  expect(spentText({ ...SPENT, cost: 1.5, unpriced: 1 })).toContain("$1.50 and 1 request of unknown price");
  expect(spentMark({ ...SPENT, cached: 0, cost: 0, unpriced: 2 })).toBe("12k in, 67 out");
});

test("shows nothing without token counts", () => {
  const nothing = { requests: 0, prompt: 0, completion: 0, cached: 0, cost: 0, unpriced: 0 };

  expect(spentText(nothing)).toBe("no token counts reported");
  expect(spentMark(nothing)).toBeUndefined();
});
