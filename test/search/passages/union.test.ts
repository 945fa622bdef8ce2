import fc from "fast-check";
import { expect, test } from "vitest";
import { anyOf, phraseOf } from "../../../src/search/match.ts";
import { PassageSearch } from "../../../src/search/passages/search.ts";
import { UnionPassages } from "../../../src/search/passages/union.ts";
import { MemoryPassages } from "../../support/memory-index.ts";

const TEXTS = [
  "The harbour light of Porto was painted red in 1902.",
  "Painters of Porto like the red roofs by the river.",
  "A light lunch by the harbour costs little.",
  "The lighthouse keeper wrote a diary for forty years.",
  "In 1902 the keeper painted the light red again.",
  "The river floods the lower town every spring.",
  "The town museum keeps the diary of the keeper.",
  "Red wine from the river valley goes to the harbour.",
  "The ferry leaves the harbour at noon.",
];

const at = (i: number): string => new Date(Date.UTC(2026, 0, 1, i)).toISOString();
const whole = (): MemoryPassages =>
  new MemoryPassages(TEXTS.map((text, i) => ({ n: i + 1, id: `p${i}`, text, createdAt: at(i) })));

/** The texts dealt out in turn, so that the order of numbers stays the same. */
function dealt(parts: number): UnionPassages {
  const piles = Array.from({ length: parts }, (_, part) =>
    TEXTS.flatMap((text, i) =>
      i % parts === part ? [{ n: Math.floor(i / parts) + 1, id: `p${i}`, text, createdAt: at(i) }] : [],
    ),
  );
  return new UnionPassages(piles.map((pile) => new MemoryPassages(pile)));
}

const words = fc.subarray(["light", "red", "harbour", "keeper", "diary", "river", "1902", "museum", "ferry"], {
  minLength: 1,
  maxLength: 4,
});

test("several sets of passages find, count and rank as if they were one", async () => {
  await fc.assert(
    fc.asyncProperty(words, fc.constantFrom(1, 2, 3), fc.nat(2), async (asked, parts, page) => {
      const question = `What is known of the ${asked.join(" and the ")} of the town?`;
      const request = { page, size: 3 };

      const one = await new PassageSearch(whole()).search({ text: question }, request);
      const several = await new PassageSearch(dealt(parts)).search({ text: question }, request);

      const shown = ({ items }: typeof one) => items.map(({ text, score, signals }) => ({ text, score, signals }));
      expect(several.total).toBe(one.total);
      expect(shown(several)).toEqual(shown(one));
    }),
    { numRuns: 60 },
  );
});

test("matches are the same, up to a limit and a highest number, and in a range of time", async () => {
  for (const parts of [1, 2, 3]) {
    const range = { from: at(2), to: at(8) };
    const [one, several] = [await whole().view(range), await dealt(parts).view(range)];
    const match = anyOf([phraseOf("harbour"), phraseOf("river")]);

    expect(several.size).toBe(one.size);
    expect(await several.count(match)).toBe(await one.count(match));
    expect(await several.frequencies([match, phraseOf("keeper")])).toEqual(
      await one.frequencies([match, phraseOf("keeper")]),
    );
    const textsOf = async (view: typeof one, numbers: readonly number[]): Promise<string[]> =>
      (await view.texts(numbers)).map(({ text }) => text).sort();
    const [[newest = []], [newestOfSeveral = []]] = await Promise.all([
      one.numbers([{ match, limit: 2 }]),
      several.numbers([{ match, limit: 2 }]),
    ]);
    expect(await textsOf(several, newestOfSeveral)).toEqual(await textsOf(one, newest));
    const to = (newestOfSeveral[1] ?? 0) - 1;
    const [before = []] = await several.numbers([{ match, limit: 1, to }]);
    expect(before).toEqual([newestOfSeveral[0]]);
  }
});

test("a word common in a small set but rare overall has its overall weight", async () => {
  const small = new MemoryPassages([
    { n: 1, id: "a", text: "The heron stands in the reeds.", createdAt: at(0) },
    { n: 2, id: "b", text: "The heron fishes at dawn.", createdAt: at(1) },
  ]);
  const large = new MemoryPassages(
    Array.from({ length: 60 }, (_, i) => ({
      n: i + 1,
      id: `l${i}`,
      text:
        i === 7
          ? "A heron crossed the long and winding road to the old mill by the quiet water at the end of summer."
          : `Note ${i} about the mill.`,
      createdAt: at(i),
    })),
  );
  const search = new PassageSearch(new UnionPassages([large, small]));

  const { items, total } = await search.search({ text: "heron" }, { page: 0, size: 5 });

  expect(total).toBe(3);
  expect(items.map(({ id }) => id).sort()).toEqual(["0:l7", "1:a", "1:b"]);
  const worst = Math.min(...items.map(({ score }) => score));
  expect(Math.max(...items.map(({ score }) => score))).toBeLessThan(worst * 3);
});
