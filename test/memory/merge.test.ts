import { expect, test } from "vitest";
import { mergedText } from "../../src/memory/merge.ts";

test.each([
  { what: "nobody changed it", base: "a", mine: "a", theirs: "a", merged: "a" },
  { what: "others changed it", base: "a", mine: "a", theirs: "b", merged: "b" },
  { what: "I changed it", base: "a", mine: "b", theirs: "a", merged: "b" },
  { what: "both added to it", base: "a", mine: "a\nb", theirs: "a\nc", merged: "a\nc\nb" },
  { what: "both added the same", base: "a", mine: "a\nb", theirs: "a\nb", merged: "a\nb" },
  { what: "both rewrote it", base: "a", mine: "b", theirs: "c", merged: "b" },
  { what: "I rewrote what others added to", base: "a", mine: "b", theirs: "a\nc", merged: "b" },
])("$what: $merged", ({ base, mine, theirs, merged }) => {
  expect(mergedText(base, mine, theirs)).toBe(merged);
});
