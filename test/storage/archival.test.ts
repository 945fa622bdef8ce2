import { expect, test } from "vitest";
import type { ArchivalQuery } from "../../src/ports/archival.ts";
import { at, newState, passage, revert, someAction, storeWith } from "./support.ts";

type Store = Awaited<ReturnType<typeof storeWith>>;

async function idsOf(store: Store, query: ArchivalQuery, size = 20): Promise<string[]> {
  const { items } = await store.archival.search(query, { page: 0, size });
  return items.map(({ id }) => id);
}

async function add(store: Store, ...passages: ReturnType<typeof passage>[]): Promise<number> {
  return store.history.commit({
    action: someAction(),
    cause: "a",
    at: at(2),
    state: newState(),
    messages: [],
    passages,
  });
}

/** Passages about nothing that is asked for here, so that some words are rare. */
const OTHERS = Array.from({ length: 30 }, (_, n) =>
  passage(`o${n}`, `Notes\nWhat was sold in shop ${n} in the first week.`),
);

test.each([
  ["what is the gall bladder for", "gall", "Gallbladder\nThe gallbladder stores bile."],
  ["when was the superbowl invented", "bowl", "Super Bowl\nIt is an American game."],
  ["when did world war 2 begin", "war", "World War II\nIt lasted from 1939 to 1945."],
  ["where is protien made in us", "protein", "Protein\nIt is made in the cell."],
  ["which states of the uk vote", "kingdom", "Elections\nHow the United Kingdom votes."],
  ["who was the last french king", "france", "Bourbons\nThe king of France, the last, lost his head."],
  ["wer wohnt in Zürich", "zurich", "Adressen\nAnna lebt in Zurich."],
  ["今天在哪里看电影？", "film", "日记\n我们昨天看了一部电影。"],
  ["เมื่อวานดูหนังเรื่องอะไร?", "thai", "วันนี้ดูหนัง"],
])("%s finds %s, which spells it differently", async (text, id, stored) => {
  const store = await storeWith([], [...OTHERS, passage(id, stored)]);

  expect((await idsOf(store, { text }))[0]).toBe(id);
});

test("a question ranks first a passage with a matching heading and its words close together", async () => {
  const far = "The river is long. ".repeat(12);
  const store = await storeWith(
    [],
    [
      ...OTHERS,
      passage("headed", `Bridge of Porto\nIt was designed by a pupil of Eiffel. ${far}${far}`),
      passage("close", `Travels\n${far}The bridge in Porto was designed by a pupil of Eiffel. ${far}`),
      passage("scattered", `Travels\nPorto is old. ${far}Nobody knows who designed it. ${far}A bridge was there.`),
    ],
  );

  expect((await idsOf(store, { text: "who designed the bridge in porto" })).slice(0, 3)).toEqual([
    "headed",
    "close",
    "scattered",
  ]);
});

test("pages of a question come from one list while passages are added, and the total is exact", async () => {
  const stored = Array.from({ length: 430 }, (_, n) => passage(`p${n}`, `Apple trees of garden ${n % 7}, row ${n}`));
  const store = await storeWith([], [...OTHERS, ...stored]);
  const query = { text: "which apple trees grow in which garden of ours" };
  const first = await store.archival.search(query, { page: 0, size: 50 });
  const ids = first.items.map(({ id }) => id);

  for (let page = 1; page < 9; page += 1) {
    await add(store, passage(`new${page}`, `Apple trees grow in the garden of ours, row ${page}`));
    const found = await store.archival.search(query, { page, size: 50 });
    expect(found.total).toBe(first.total);
    ids.push(...found.items.map(({ id }) => id));
  }

  expect(first.total).toBe(430);
  expect(ids.toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
  expect((await store.archival.search(query, { page: 0, size: 5 })).total).toBe(438);
});

test("every passage of a word too common to examine all is listed once", async () => {
  const stored = Array.from({ length: 6_400 }, (_, n) => passage(`p${n}`, `apple ${n}`));
  const store = await storeWith([], [...OTHERS, ...stored]);

  for (const text of ["apple", "where is the apple?"]) {
    const ids: string[] = [];
    for (let page = 0; page < 7; page += 1) {
      const found = await store.archival.search({ text }, { page, size: 1_000 });
      expect(found.total).toBe(6_400);
      ids.push(...found.items.map(({ id }) => id));
    }
    expect(new Set(ids).size).toBe(6_400);
    expect(ids).toHaveLength(6_400);
  }
});

test("what was undone after the first page is on no later page", async () => {
  const store = await storeWith([], OTHERS);
  const op = await store.history.journal.head();
  await add(store, ...Array.from({ length: 8 }, (_, n) => passage(`a${n}`, `apple number ${n}`)));
  await store.archival.search({ text: "apple" }, { page: 0, size: 5 });
  await revert(store, op, "undo", at(3));

  expect(await store.archival.search({ text: "apple" }, { page: 1, size: 5 })).toEqual({ total: 0, items: [] });
});

test("equal texts are one answer to a question, but separate results of a lookup", async () => {
  const twice = ["one", "two"].map((id) => passage(id, "The apple pie is in the oven"));
  const store = await storeWith([], [...OTHERS, ...twice, passage("three", "An apple fell")]);

  expect(await idsOf(store, { text: "where is the apple pie?" })).toEqual(["two", "three"]);
  expect((await store.archival.search({ text: "where is the apple pie?" }, { page: 0, size: 5 })).total).toBe(2);
  expect(await idsOf(store, { text: "apple pie" })).toEqual(["two", "one"]);
});

const KEY = "0d7ba717-e034-410e-88ab-c13d37cc6499";

test("an identifier must match, and no similar results follow", async () => {
  const pair = passage(
    "pair",
    `Key-value pair: key = ${KEY}, value = 5b1cf2a0-29a2-43a7-a7a4-2f6e8d9ff3b1`,
    [1, 0, 0, 0],
  );
  const other = passage("other", "Key-value pair: key = 0d7ba717-e034-410e-88ab-000000000000, value = 1", [1, 0, 0, 0]);
  const store = await storeWith([], [...OTHERS, other, pair]);
  const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };

  for (const text of [KEY, `what is the value of key ${KEY}?`]) {
    const { total, items } = await store.archival.search({ text, embedding }, { page: 0, size: 5 });
    expect(items.map(({ id, signals }) => [id, signals["exact"]])).toEqual([["pair", 1]]);
    expect(total).toBe(1);
  }
  const nowhere = { text: "what is the value of key 11111111-e034-410e-88ab-c13d37cc6499?", embedding };
  expect(await idsOf(store, nowhere)).toEqual([]);
});

test("a short word with digits favours answers of a question without being required; quoted, it is", async () => {
  const stored = [passage("gas", "Carbon dioxide is fixed by plants"), passage("co2", "Plants and CO2")];
  const store = await storeWith([], [...OTHERS, ...stored]);

  expect(await idsOf(store, { text: "how is co2 fixed by plants" })).toEqual(expect.arrayContaining(["co2", "gas"]));
  expect(await idsOf(store, { text: 'how is "co2" fixed by plants' })).toEqual(["co2"]);
  expect(await idsOf(store, { text: "co2" })).toEqual(["co2"]);
  expect(await idsOf(store, { text: "co3" })).toEqual([]);
});

test("results near in meaning are found beside those with the words, and those with both come first", async () => {
  const stored = [
    passage("words", "Ada keeps a list of her favourite pets and toys", [0, 1, 0, 0]),
    passage("both", "Ada walks her dog, one of two pets", [0.9, 0.1, 0, 0]),
    passage("meaning", "A puppy waits at the door", [1, 0, 0, 0]),
  ];
  const store = await storeWith([], [...OTHERS, ...stored]);
  const vector = Float32Array.from([1, 0, 0, 0]);
  const query = { text: "which pets does ada have at home", minSimilarity: 0.2 };

  const ofMeaning = await idsOf(store, { ...query, embedding: { model: "test-4", vector } });

  expect(ofMeaning.slice(0, 3)).toEqual(["both", "words", "meaning"]);
  expect(await idsOf(store, query)).not.toContain("meaning");
});

test("a question is answered only from its range of dates", async () => {
  const store = await storeWith([], [...OTHERS, passage("early", "The apple pie is in the oven")]);
  const late = { ...passage("late", "The apple pie is eaten"), createdAt: at(50) };
  await add(store, late);

  expect(await idsOf(store, { text: "where is the apple pie?", range: { from: at(10) } })).toEqual(["late"]);
  expect(await idsOf(store, { text: "where is the apple pie?", range: { to: at(10) } })).toEqual(["early"]);
});

test("similar passages in a range of dates are found, however many better ones are outside it", async () => {
  const near = Array.from({ length: 150 }, (_, n) => passage(`n${n}`, `Notes of day ${n}`, [1, n / 1000, 0, 0]));
  const store = await storeWith([], near);
  await add(store, { ...passage("late", "Something else", [0.6, 0.8, 0, 0]), createdAt: at(50) });
  const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };
  const query = { text: "xylophone", embedding, range: { from: at(10) } };

  expect(await idsOf(store, query)).toEqual(["late"]);
  expect(await idsOf(store, { ...query, range: { from: at(10), to: at(50) } })).toEqual([]);
  expect(await idsOf(store, { ...query, range: { to: at(10) } }, 2)).toEqual(["n0", "n1"]);
  expect(await idsOf(store, { ...query, range: {} }, 2)).toEqual(["n0", "n1"]);
  expect(await idsOf(store, { ...query, minSimilarity: 0.7 })).toEqual([]);
});

test.each(["", "?!", "…", "who AND", '"', "a3 b4 NEAR(x y)?", `what ${"about this and that thing ".repeat(400)}?`])(
  "the query %s does not fail",
  async (text) => {
    const store = await storeWith([], OTHERS);
    const { total, items } = await store.archival.search({ text }, { page: 0, size: 100 });

    expect(total).toBe(items.length);
    if (!/\p{L}/u.test(text)) expect(total).toBe(0);
  },
);
