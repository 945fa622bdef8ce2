import { describe, expect, test } from "vitest";
import type { Match, Passages, TextIndex } from "../../src/ports/text-index.ts";
import { allOf, anyOf, phraseOf } from "../../src/search/match.ts";

export type Entered = { readonly id: string; readonly text: string; readonly createdAt: string };

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 1) + minute * 60_000).toISOString();

const TEXTS = [
  "The cat sat on the mat.",
  "Cats like fish; the fish does not like cats.",
  "A dog sat on the log.",
  "Fishing for compliments",
  "我在北京住了三年",
  "Él vive en Évora, cerca del río",
  "",
  "The dog, the cat and the fish: a long story about a dog and a cat who went fishing with a fish in a boat on the sea",
].map((text, i) => ({ id: `t${i}`, text, createdAt: at(i) }));

const [cat, dog, fish] = ["cat", "dog", "fish"].map(phraseOf) as [Match, Match, Match];

/** What every index of texts must do. `open` enters the texts in order; their numbers are `numberOf(i)`, ascending. */
export function textIndexContract(
  name: string,
  open: (
    texts: readonly Entered[],
  ) => Promise<{ readonly passages: Passages; readonly numberOf: (i: number) => number }>,
): void {
  const opened = async (
    range?: Parameters<Passages["view"]>[0],
  ): Promise<{ index: TextIndex; of: (numbers: Iterable<number>) => number[] }> => {
    const { passages, numberOf } = await open(TEXTS);
    const places = new Map(TEXTS.map((_, i) => [numberOf(i), i]));
    return { index: await passages.view(range), of: (numbers) => [...numbers].map((n) => places.get(n) ?? -1) };
  };

  describe(`text index: ${name}`, () => {
    test("knows the number of texts and the newest one", async () => {
      const { index, of } = await opened();

      expect(index.size).toBe(TEXTS.length);
      expect(of([index.last])).toEqual([TEXTS.length - 1]);
      expect(index.isNarrowed).toBe(false);
    });

    test.each<[string, Match, number[]]>([
      ["a word in any of its forms", cat, [0, 1, 7]],
      ["words one after another", phraseOf("sat on the"), [0, 2]],
      ["not the same words in another order", phraseOf("on sat"), []],
      ["a part of a sentence without spaces", phraseOf("北京"), [4]],
      ["letters without their accents", phraseOf("evora"), [5]],
      ["all of several", allOf([cat, fish]), [1, 7]],
      ["any of several", anyOf([cat, dog]), [0, 1, 2, 7]],
      ["any beside all", allOf([fish, anyOf([cat, dog])]), [1, 7]],
      ["all, some of which have no words", allOf([dog, phraseOf("!?")]), [2, 7]],
      ["nothing for a phrase without words", phraseOf("…"), []],
      ["nothing for any of nothing", anyOf([]), []],
      ["nothing for operators that are only text", phraseOf('cat" OR "dog'), []],
    ])("finds %s", async (_, match, expected) => {
      const { index, of } = await opened();

      const [numbers = []] = await index.numbers([{ match, limit: 100 }]);
      expect(of(numbers)).toEqual(expected);
      expect(await index.count(match)).toBe(expected.length);
      expect(await index.frequencies([match, cat])).toEqual([expected.length, 3]);
      const best = await index.best(match, { limit: 100, from: 0 });
      expect(of(best.map(({ n }) => n)).sort((a, b) => a - b)).toEqual(expected);
    });

    test("names the newest, up to a limit and a highest number, for each of several requests", async () => {
      const { index, of } = await opened();
      const [all = []] = await index.numbers([{ match: cat, limit: 100 }]);

      const found = await index.numbers([
        { match: cat, limit: 2 },
        { match: cat, limit: 1, to: (all[2] ?? 0) - 1 },
        { match: dog, limit: 0 },
      ]);

      expect(found.map(of)).toEqual([[1, 7], [1], []]);
    });

    test("scores are BM25 over the phrases, as 32-bit numbers, best first", async () => {
      const { index, of } = await opened();

      const best = await index.best(anyOf([fish, dog]), { limit: 100, from: 0 });
      const scores = best.map(({ score }) => score);

      expect(of(best.map(({ n }) => n))).toHaveLength(4);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(scores).toEqual(scores.map(Math.fround));
      // "dog" is in two of eight texts, and once among the terms of the third.
      const worth = Math.log((8 - 2 + 0.5) / (2 + 0.5));
      const length = TERMS[2] ?? 0;
      const mean = TERMS.reduce((sum, terms) => sum + terms, 0) / TERMS.length;
      const expected = (worth * 2.2) / (1 + 1.2 * (0.25 + (0.75 * length) / mean));
      expect(best.find(({ n }) => of([n])[0] === 2)?.score).toBeCloseTo(expected, 6);
    });

    test("a filter narrows what is numbered, counted and read, but does not change word weights", async () => {
      const { index, of } = await opened({ from: at(1), to: at(7) });

      expect(index.isNarrowed).toBe(true);
      expect(await index.frequencies([cat])).toEqual([3]);
      expect(await index.count(cat)).toBe(1);
      const [numbers = []] = await index.numbers([{ match: cat, limit: 100 }]);
      expect(of(numbers)).toEqual([1]);
      const all = (await opened()).index;
      const [everywhere = []] = await all.numbers([{ match: anyOf([cat, dog]), limit: 100 }]);
      expect(of(await index.admitted(everywhere))).toEqual([1, 2]);
      expect((await index.texts(everywhere)).map(({ text }) => text).sort()).toEqual([TEXTS[2]?.text, TEXTS[1]?.text]);
      const scored = await all.best(cat, { limit: 100, from: 0 });
      const [one] = await index.best(cat, { limit: 100, from: 0 });
      expect(one).toEqual(scored.find(({ n }) => n === one?.n));
    });

    test("numbers without a text are left out", async () => {
      const { index } = await opened();

      expect(await index.texts([index.last + 1, 1_000_000])).toEqual([]);
    });
  });
}

/** Terms of each text. */
const TERMS = [6, 9, 6, 3, 8, 7, 0, 28];
