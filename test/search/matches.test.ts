import { expect, test } from "vitest";
import { matchesIn } from "../../src/search/matches.ts";

test.each([
  ["daughter's recital", "My daughter and her RECITALS: it's fine.", ["daughter", "RECITALS"]],
  ["When is the recital?", "The recital is on Monday.", ["recital"]],
  ["evora", "Vive en Évora.", ["Évora"]],
  ['"red pot"', "The red, red pot", ["red", "red", "pot"]],
  ["QX7-99Z", "Code QX7-99Z.", ["QX7", "99Z"]],
  ["北京", "我在北京住了三年，北方很冷", ["北京"]],
  ["演奏会 女儿", "女儿的演奏会", ["女儿", "演奏会"]],
  ["?!", "What?!", []],
  ["zeppelin", "A balloon.", []],
])("the words of %j are found in %j", (query, text, expected) => {
  expect(matchesIn(text, query).map(([start, end]) => text.slice(start, end))).toEqual(expected);
});
