import fc from "fast-check";
import { expect, test } from "vitest";
import { clusters, widestWidth } from "../../../src/cli/terminal/width.ts";
import { wrap } from "../../../src/cli/terminal/wrap.ts";

function lines(text: string, width: number): string[] {
  return wrap(text, width).map(({ start, end }) => text.slice(start, end));
}

test.each([
  ["words stay whole where they fit", "the quick brown fox", 10, ["the quick", "brown fox"]],
  ["line breaks are kept", "a\n\n b ", 10, ["a", "", "b"]],
  ["a word wider than the line is broken", "see 0123456789abc ok", 10, ["see", "0123456789", "abc ok"]],
  ["Chinese is broken between characters, not before punctuation", "漢字漢字漢、字", 10, ["漢字漢字", "漢、字"]],
  ["nor after the marks of one", "か\u3099か\u3099か\u3099、", 6, ["か\u3099か\u3099", "か\u3099、"]],
  ["emoji are never cut", "👨‍👩‍👧👨‍👩‍👧", 8, ["👨‍👩‍👧", "👨‍👩‍👧"]],
  ["nothing is one empty line", "", 10, [""]],
])("%s", (_, text, width, expected) => {
  expect(lines(text, width)).toEqual(expected);
});

test("lines hold the whole text except blanks, and fit unless a single character does not", () => {
  const texts = fc.array(
    fc.constantFrom("word", "a", " ", "  ", "\n", "漢字", "、", "「", "👨‍👩‍👧", "é", "ゔ", "か\u3099"),
  );
  fc.assert(
    fc.property(texts, fc.integer({ min: 6, max: 20 }), (parts, width) => {
      const text = parts.join("");
      const broken = lines(text, width);

      expect(broken.join("").replaceAll(" ", "")).toBe(text.replace(/[ \n]/g, ""));
      for (const line of broken) {
        expect(clusters(line).reduce((sum, cluster) => sum + widestWidth(cluster), 0)).toBeLessThanOrEqual(width);
      }
    }),
  );
});
