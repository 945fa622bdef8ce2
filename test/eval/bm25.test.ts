import { expect, test } from "vitest";
import { Bm25 } from "../../src/eval/bm25.ts";

const TEXTS = ["the cat sat on the mat", "the dog sat", "a Dog  barked at the cat", "birds sing", "the fish"];

// What rank_bm25's BM25Okapi gives for these texts and queries, each cut with Python's split(" "). "the" is in more than
// half of the texts, so its weight is a quarter of the mean weight; two spaces make an empty word.
test.each([
  ["the dog sat", [0.530914, 1.851586, 0.155662, 0, 0.268642], [1, 0, 4, 2, 3]],
  ["cat  cat", [0.549342, 0, 1.324528, 0, 0], [2, 0, 4, 3, 1]],
  ["nothing here", [0, 0, 0, 0, 0], [4, 3, 2, 1, 0]],
])("%j gets the original's scores and order", (query, scores, order) => {
  const bm25 = new Bm25(TEXTS);

  expect(bm25.scores(query).map((score) => Number(score.toFixed(6)))).toEqual(scores);
  expect(bm25.rank(query)).toEqual(order);
});

test.each(["the dog sat", "cat  cat", "nothing here"])(
  "a limited ranking of %j is the start of the whole one",
  (query) => {
    const bm25 = new Bm25(TEXTS);
    const whole = bm25.rank(query);

    for (const most of [0, 1, 2, 3, 4, 5, 9]) expect(bm25.rank(query, most)).toEqual(whole.slice(0, most));
  },
);

test("adding a text later gives the same scores", () => {
  const bm25 = new Bm25(TEXTS.slice(0, 3));
  bm25.scores("the dog sat");
  for (const text of TEXTS.slice(3)) bm25.add(text);

  expect(bm25.scores("the dog sat")).toEqual(new Bm25(TEXTS).scores("the dog sat"));
});

test("an empty corpus has no ranking", () => {
  expect(new Bm25([]).rank("anything")).toEqual([]);
});
