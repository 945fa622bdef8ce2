import { expect, test } from "vitest";
import { beginning } from "../../src/schema/beginning.ts";

test.each([
  ["violin", 3, "vio"],
  ["a 🎻", 3, "a "],
  ["a 🎻", 4, "a 🎻"],
  ["🎻", 1, ""],
  ["", 5, ""],
  ["東京", 9, "東京"],
])("the beginning of %o within %i is %o", (text, length, expected) => {
  expect(beginning(text, length)).toBe(expected);
});
