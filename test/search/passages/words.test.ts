import fc from "fast-check";
import { expect, test } from "vitest";
import { occurrences, patternOf, plain } from "../../../src/search/passages/words.ts";

test.each([
  ["elections", "The election of 1932", ["election"]],
  ["wrote", "He wrote; she unwrote. Wrote!", ["wrote", "wrote"]],
  ["city", "Cities of a citizen", ["cities"]],
  ["naive", "A naïve plan", ["naive"]],
  ["Ada's", "Ada and Adam", ["ada"]],
  ["super bowl", "The Super Bowl game", ["super bowl"]],
  ["電影", "我們看電影", ["電影"]],
  ["co2", "CO2, not CO23", ["co2"]],
  ["'", "it's", []],
])("%s is found in %j as %j", (word, text, expected) => {
  const low = plain(text);

  expect(occurrences(low, [[patternOf(word)]]).map(({ from, to }) => low.slice(from, to))).toEqual(expected);
});

test("any word is found, whatever is around it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (word, around) => {
      const low = plain(`${around} ${word} ${around}`);
      const found = occurrences(low, [[patternOf(word)]]);

      for (const { from, to } of found) expect(to).toBeGreaterThan(from);
      if (/^[a-z]+$/.test(word)) expect(found.length).toBeGreaterThan(0);
    }),
  );
});
