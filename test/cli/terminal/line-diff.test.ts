import fc from "fast-check";
import { expect, test } from "vitest";
import { changedLines, lineDiff, renderDiff } from "../../../src/cli/terminal/line-diff.ts";

const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((lines) => lines.join("\n"));

test("the lines without + form the first text, those without - the second", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before, after);

      const without = (sign: string): string =>
        diff
          .filter((line) => line.sign !== sign)
          .map((line) => line.text)
          .join("\n");
      expect(without("+")).toBe(before);
      expect(without("-")).toBe(after);
      if (before === after) expect(renderDiff(before, after)).toBe("");
    }),
  );
});

test("common lines in order are unchanged; a moved line is a change", () => {
  expect(renderDiff("one\ntwo\nthree", "zero\none\nthree\nfour")).toBe("+ zero\n- two\n+ four");
  expect(changedLines("a\nb", "b\na")).toEqual({ removed: ["a"], added: ["a"] });
});

test("texts too long to compare become all old and all new lines", () => {
  const [before, after] = ["a", "b"].map((letter) =>
    Array.from({ length: 2_000 }, (_, i) => `${letter}${i}`).join("\n"),
  );

  const diff = lineDiff(before ?? "", after ?? "");

  expect(diff).toHaveLength(4_000);
  expect(diff.slice(0, 2_000).every(({ sign }) => sign === "-")).toBe(true);
});
