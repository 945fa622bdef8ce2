import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Match, PassageIndex } from "../../src/ports/text-index.ts";
import { hidingPassages } from "../../src/search/hiding.ts";
import { allOf, anyOf, phraseOf } from "../../src/search/match.ts";
import { MemoryPassages } from "../support/memory-index.ts";

const word = fc.constantFrom("apple", "tree", "river", "boat", "stone");
const texts = fc.array(fc.record({ words: fc.array(word, { maxLength: 4 }), isHidden: fc.boolean() }), {
  maxLength: 12,
});
const phrase: fc.Arbitrary<Match> = word.map(phraseOf);
const match = fc.oneof(
  phrase,
  fc.array(phrase, { maxLength: 3 }).map(anyOf),
  fc.array(phrase, { maxLength: 3 }).map(allOf),
);
const limits = fc.record({ limit: fc.nat(12), to: fc.option(fc.integer({ min: 0, max: 130 }), { nil: undefined }) });

test("an index that hides texts behaves as if it never had them", async () => {
  await fc.assert(
    fc.asyncProperty(texts, match, limits, fc.boolean(), async (all, wanted, { limit, to }, isNarrowed) => {
      const passages = all.map(({ words, isHidden }, i) => ({
        n: 10 * (i + 1),
        id: `${isHidden ? "hidden" : "shown"}-${i}`,
        text: words.join(" "),
        createdAt: `2026-11-0${1 + (i % 3)}`,
      }));
      const hidden = passages.filter(({ id }) => id.startsWith("hidden"));
      const range = isNarrowed ? { from: "2026-11-02" } : undefined;
      const view = await hidingPassages(
        new MemoryPassages(passages),
        hidden.map(({ id }) => id),
      ).view(range);
      const plain = await new MemoryPassages(passages.filter((it) => !hidden.includes(it))).view(range);

      const seen = async (index: PassageIndex): Promise<unknown> => ({
        size: index.size,
        frequencies: await index.frequencies([wanted, phraseOf("apple")]),
        count: await index.count(wanted),
        numbers: await index.numbers([{ match: wanted, limit, to }]),
        best: (await index.best(wanted, { limit: 50, from: 20 })).map(({ n }) => n).sort((a, b) => a - b),
        fewest: (await index.best(wanted, { limit, from: 0 })).length,
        texts: await index.texts(passages.map(({ n }) => n)),
        admitted: isNarrowed ? [...(await index.admitted(passages.map(({ n }) => n)))] : [],
        matching: [
          ...(await index.matching(
            wanted,
            passages.map(({ n }) => n),
          )),
        ],
      });

      expect(await seen(view)).toEqual(await seen(plain));
    }),
    { numRuns: 200 },
  );
});
