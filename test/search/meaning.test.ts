import { expect, test } from "vitest";
import type { TextVectors } from "../../src/ports/text-index.ts";
import { PassageSearch } from "../../src/search/passages/search.ts";
import { RecallSearch } from "../../src/search/recall/search.ts";
import { Trust, meaningOf } from "../../src/search/meaning.ts";
import { traitsOf } from "../../src/search/recall/traits.ts";
import { MemoryConversation, MemoryPassages } from "../support/memory-index.ts";

const TOPICS = [
  ["the harbour", "boats", "a lighthouse", "fog", "nets"],
  ["the orchard", "apples", "ladders", "a scarecrow", "bees"],
  ["the workshop", "chisels", "sawdust", "a vice", "varnish"],
  ["the kitchen", "pans", "thyme", "a whisk", "butter"],
];

/** Forty texts, of which ten each share words with one another. */
const TEXTS = Array.from({ length: 40 }, (_, i) => {
  const [place = "", ...things] = TOPICS[i % 4] ?? [];
  const [one, other] = [things[i % 4], things[(i >> 2) % 4]];
  return `In ${place} we looked at ${one ?? ""} and at ${other ?? ""}, number ${i}.`;
});
const QUESTIONS = TEXTS.map((_, i) => `What did we look at in ${TOPICS[i % 4]?.[0] ?? ""}, number ${i}?`);

const PASSAGES = TEXTS.map((text, i) => ({ n: i + 1, id: `p${i}`, text, createdAt: "2026-05-01T09:00:00.000Z" }));
const LINES = PASSAGES.map((passage, i) => ({
  ...passage,
  role: i % 2 === 0 ? ("user" as const) : ("assistant" as const),
  speaker: null,
  session: 1,
  traits: traitsOf(passage.text),
  gist: i,
}));

type Embed = (text: string) => Float32Array;

/** Numbers that look random and depend on nothing but the text, letter by letter. */
function noise(text: string): Float32Array {
  let state = 2_166_136_261;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 16_777_619);
  return Float32Array.from({ length: 64 }, () => {
    state = Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

/** Counts of letter pairs: what texts that share words share. */
function spelled(text: string): Float32Array {
  const vector = new Float32Array(512);
  for (let i = 1; i < text.length; i += 1) {
    const at = (text.charCodeAt(i - 1) * 31 + text.charCodeAt(i)) % vector.length;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  return vector;
}

const HOSTILE: readonly (readonly [name: string, embed: Embed])[] = [
  ["random", noise],
  ["the same for every text", () => Float32Array.from([1, 0, 0])],
  ["turned round for every other text", (text) => spelled(text).map((it) => ((noise(text)[0] ?? 0) > 0 ? it : -it))],
];

function vectorsFrom(embed: Embed): (query: { readonly text: string }) => Promise<TextVectors> {
  const vectors = TEXTS.map(embed);
  return async ({ text }) => {
    const asked = embed(text);
    const near = vectors
      .map((vector, i) => ({ n: i + 1, similarity: cosine(asked, vector) }))
      .sort((a, b) => b.similarity - a.similarity);
    return {
      model: "a-model",
      nearest: async (count) => near.slice(0, count),
      similarities: async (numbers) =>
        new Map(near.filter(({ n }) => numbers.includes(n)).map(({ n, similarity }) => [n, similarity])),
      sample: async () => TEXTS.map((it, i) => ({ text: it, vector: vectors[i] ?? new Float32Array() })),
    };
  };
}

function cosine(one: Float32Array, other: Float32Array): number {
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}

const PAGE = { page: 0, size: 50 };

test.each(HOSTILE)("vectors that are %s change no result of either storage", async (_, embed) => {
  const [recall, archival] = [
    new RecallSearch(new MemoryConversation(LINES)),
    new PassageSearch(new MemoryPassages(PASSAGES)),
  ];
  const vectorsFor = vectorsFrom(embed);

  for (const text of QUESTIONS) {
    expect(await recall.search({ text }, PAGE, vectorsFor)).toEqual(await recall.search({ text }, PAGE));
    expect(await archival.search({ text }, PAGE, vectorsFor)).toEqual(await archival.search({ text }, PAGE));
  }
});

test("vectors that place similar texts near each other are trusted", async () => {
  const index = await new MemoryPassages(PASSAGES).view(undefined);

  const meaning = await meaningOf(await vectorsFrom(spelled)({ text: "boats" }), index, new Trust());

  expect(meaning?.trust).toBe(1);
  expect(meaning?.nearest).toHaveLength(40);
});

test("results near in meaning are found without a shared word, counted separately and marked", async () => {
  const texts = ["My cat sleeps on the sofa.", "The bill came by post.", "It rains all day."];
  const passages = texts.map((text, i) => ({ n: i + 1, id: `p${i}`, text, createdAt: "2026-05-01T09:00:00.000Z" }));
  const similarities = new Map([
    [1, 0.8],
    [2, 0.1],
    [3, 0.05],
  ]);
  const vectors: TextVectors = {
    model: "a-model",
    nearest: async () => [...similarities].map(([n, similarity]) => ({ n, similarity })).slice(0, 1),
    similarities: async () => similarities,
    sample: async () => [],
  };
  const search = new PassageSearch(new MemoryPassages(passages));

  const asked = await search.search({ text: "Which animal does she keep?" }, PAGE, async () => vectors);
  const looked = await search.search({ text: "bill" }, PAGE, async () => vectors);

  expect(asked).toMatchObject({ total: 1, byMeaning: 1, items: [{ id: "p0" }] });
  expect(Object.keys(asked.items[0]?.signals ?? {})).toContain("meaning");
  expect(looked).toMatchObject({ total: 2, byMeaning: 1, items: [{ id: "p1" }, { id: "p0" }] });
  expect(looked.items[0]?.signals).not.toHaveProperty("meaning");
});

test("a model is judged while its nearest texts are searched, which may have to wait for a file", async () => {
  let judged = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    judged = resolve;
  });
  const vectors: TextVectors = {
    model: "minilm",
    nearest: async () => {
      await waiting;
      return [{ n: 1, similarity: 0.9 }];
    },
    similarities: async () => new Map(),
    sample: async () => {
      judged();
      return [];
    },
  };

  const meaning = await meaningOf(vectors, { size: 1, admitted: async (numbers) => new Set(numbers) }, new Trust());

  expect(meaning).toMatchObject({ nearest: [{ n: 1 }], trust: 1 });
});
