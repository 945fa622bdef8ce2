import { expect, test } from "vitest";
import type { TextVectors } from "../../../src/ports/text-index.ts";
import { unionOf } from "../../../src/search/passages/union-vectors.ts";

test("sources are asked before the agent's own passages, whose comparison would delay the reading of their graphs", async () => {
  const begun: string[] = [];
  const set = (name: string, similarity: number): TextVectors => ({
    model: "minilm",
    nearest: async () => {
      begun.push(name);
      return [{ n: 1, similarity }];
    },
    similarities: async () => new Map(),
    sample: async () => [],
  });

  const union = unionOf([set("own", 0.5), set("docs", 0.9), set("notes", 0.7)]);

  expect(await union?.nearest(2)).toEqual([
    { n: 4, similarity: 0.9 },
    { n: 5, similarity: 0.7 },
  ]);
  expect(begun.at(-1)).toBe("own");
});
