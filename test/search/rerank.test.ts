import { expect, test } from "vitest";
import type { Rerank } from "../../src/ports/reranker.ts";
import { PassageSearch } from "../../src/search/passages/search.ts";
import { RecallSearch } from "../../src/search/recall/search.ts";
import { traitsOf } from "../../src/search/recall/traits.ts";
import { MemoryConversation, MemoryPassages } from "../support/memory-index.ts";

/** Long enough to be passages, and short enough to be lines. */
const FILLER = "It was written down that evening, as everything was in those years, by whoever had the lamp.";
const THINGS = ["boats", "nets", "ladders", "chisels", "pans", "lanterns", "ropes", "barrels"];
const TEXTS = Array.from({ length: 48 }, (_, i) => {
  const [one, other] = [THINGS[i % 8] ?? "", THINGS[(i * 3 + 1) % 8] ?? ""];
  return `We counted the ${one} beside the ${other} in room ${i}. ${FILLER}`;
});
const QUESTIONS = TEXTS.map((_, i) => `What did we count beside the ${THINGS[(i * 3 + 1) % 8] ?? ""} in room ${i}?`);

const PASSAGES = TEXTS.map((text, i) => ({ n: i + 1, id: `p${i}`, text, createdAt: "2026-05-01T09:00:00.000Z" }));
const LINES = PASSAGES.map((passage, i) => ({
  ...passage,
  role: "user" as const,
  speaker: null,
  session: 1,
  traits: traitsOf(passage.text),
  gist: i,
}));

const PAGE = { page: 0, size: 50 };

type Ask = (query: { readonly text: string; readonly rerank?: Rerank }) => Promise<string[]>;
const STORAGES: readonly (readonly [name: string, made: () => Ask])[] = [
  [
    "recall",
    () => {
      const search = new RecallSearch(new MemoryConversation(LINES));
      return async (query) => (await search.search(query, PAGE)).items.map(({ id }) => id);
    },
  ],
  [
    "archival",
    () => {
      const search = new PassageSearch(new MemoryPassages(PASSAGES));
      return async (query) => (await search.search(query, PAGE)).items.map(({ id }) => id);
    },
  ],
];

/** Share of words in common, as a reader who knows the language would see it, and a preference of its own. */
function knowing(question: string, preferred: string): Rerank {
  const words = new Set(question.toLowerCase().match(/\w+/g));
  const shared = (text: string): number =>
    (text.toLowerCase().match(/\w+/g) ?? []).filter((it) => words.has(it)).length;
  return {
    model: "knowing",
    scores: async (texts) => texts.map((text) => shared(text) + (text.includes(preferred) ? 12 : 0)),
  };
}

let state = 7;
function random(): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state / 2 ** 32;
}

test.each(STORAGES)("what a reranker prefers is first in %s, and the rest keep their order", async (_, made) => {
  const ask = made();
  const text = "What did we count beside the boats?";
  const before = await ask({ text });
  const ninth = before[8] ?? "";
  const wanted = PASSAGES.find(({ id }) => id === ninth)?.text.slice(0, 60) ?? "";

  const after = await ask({ text, rerank: knowing(text, wanted) });

  expect(after[0]).toBe(ninth);
  expect(after.toSorted()).toEqual(before.toSorted());
});

test.each(STORAGES)("a reranker that knows nothing is soon ignored in %s", async (_, made) => {
  const [ask, alone] = [made(), made()];
  const rerank: Rerank = { model: "random", scores: async (texts) => texts.map(random) };
  const ranks: number[] = [];
  for (const [i, text] of QUESTIONS.entries()) {
    const [bare, with_] = [await alone({ text }), await ask({ text, rerank })];
    ranks.push(with_.indexOf(`p${i}`) - bare.indexOf(`p${i}`));
  }

  expect(ranks.slice(8)).toEqual(ranks.slice(8).map(() => 0));
});

test.each(STORAGES)("one without an answer, or with the same for all, changes nothing in %s", async (_, made) => {
  const [ask, alone] = [made(), made()];
  const text = QUESTIONS[5] ?? "";

  expect(await ask({ text, rerank: { model: "late", scores: async () => undefined } })).toEqual(await alone({ text }));
  const same = { model: "same", scores: async (texts: readonly string[]) => texts.map(() => 1) };
  expect(await ask({ text, rerank: same })).toEqual(await alone({ text }));
});

test.each(STORAGES)("a lookup is not reranked in %s", async (_, made) => {
  const asked: string[] = [];
  const rerank: Rerank = {
    model: "curious",
    scores: async (texts) => {
      asked.push(...texts);
      return texts.map(() => 1);
    },
  };

  await made()({ text: "boats", rerank });
  expect(asked).toEqual([]);
  await made()({ text: "What did we count beside the boats?", rerank });
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.length).toBeLessThanOrEqual(50);
});
