import { expect, test } from "vitest";
import { Spellings } from "../../../src/search/recall/spellings.ts";
import { MOST_PACKED, alikeTo } from "../../../src/search/spelling.ts";

const TEXTS = new Map([
  [1, "We adopted a cat last spring"],
  [2, "Größe: 1,000 naïve cafés, 東京"],
  [3, "cat ".repeat(400)],
  [4, "—"],
  [5, ""],
]);
const QUESTION = "When did we adopt the cat?";

test("cached lines are as similar to a question as their texts", async () => {
  const spellings = new Spellings();
  const index = reading(TEXTS);
  const first = await spellings.alikeTo(QUESTION, [...TEXTS.keys()], { index, generation: "0" });

  const second = await spellings.alikeTo(QUESTION, [...TEXTS.keys()], { index, generation: "0" });

  const alike = alikeTo(QUESTION);
  expect([...second]).toEqual([...TEXTS.values()].map(alike));
  expect(second).toEqual(first);
  expect(index.read).toEqual([...TEXTS.keys()]);
});

test("a changed line is read again", async () => {
  const spellings = new Spellings();
  await spellings.alikeTo(QUESTION, [1], { index: reading(new Map([[1, "Nothing"]])), generation: "0" });

  const found = await spellings.alikeTo(QUESTION, [1], { index: reading(TEXTS), generation: "1" });

  expect(found[0]).toBe(alikeTo(QUESTION)(TEXTS.get(1) ?? ""));
});

test("what a superseded search has read is not cached", async () => {
  const spellings = new Spellings();
  const overtaken = spellings.alikeTo(QUESTION, [1], { index: reading(new Map([[1, "Nothing"]])), generation: "0" });
  await spellings.alikeTo(QUESTION, [2], { index: reading(TEXTS), generation: "1" });
  await overtaken;

  const found = await spellings.alikeTo(QUESTION, [1], { index: reading(TEXTS), generation: "1" });

  expect(found[0]).toBe(alikeTo(QUESTION)(TEXTS.get(1) ?? ""));
});

test("lines beyond the cache's capacity are compared too", async () => {
  const many = new Map(
    Array.from({ length: 2_000 }, (_, n) => [n, `We adopted cat number ${n} in the spring of ${n}`]),
  );
  const spellings = new Spellings(2 * MOST_PACKED);

  for (let time = 0; time < 3; time += 1) {
    const found = await spellings.alikeTo(QUESTION, [...many.keys()], { index: reading(many), generation: "0" });

    const alike = alikeTo(QUESTION);
    expect([...found]).toEqual([...many.values()].map(alike));
  }
});

test("a line missing from the index has no similarity", async () => {
  const found = await new Spellings().alikeTo(QUESTION, [1, 9], { index: reading(TEXTS), generation: "0" });

  expect([...found]).toEqual([alikeTo(QUESTION)(TEXTS.get(1) ?? ""), Number.NaN]);
});

/** An index of `texts` that lists what is read. */
function reading(texts: ReadonlyMap<number, string>): {
  readonly read: number[];
  readonly texts: (numbers: readonly number[]) => Promise<{ n: number; text: string }[]>;
} {
  const read: number[] = [];
  return {
    read,
    texts: async (numbers) => {
      read.push(...numbers);
      return numbers.flatMap((n) => {
        const text = texts.get(n);
        return text === undefined ? [] : [{ n, text }];
      });
    },
  };
}
