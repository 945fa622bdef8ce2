import { describe, expect, test } from "vitest";
import type { ArchivalStorage } from "../../src/ports/archival.ts";
import type { PageRequest } from "../../src/schema/page.ts";
import type { EmbeddedPassage } from "../../src/schema/passage.ts";
import { at, newState, passage, someAction, userMessage } from "../storage/support.ts";
import { type OpenStore, storeOf } from "./stores.ts";

const FIRST: PageRequest = { page: 0, size: 10 };

/** What every ArchivalStorage must do. `noticesOf` gives what was said to whoever opened the store. */
export function archivalContract(
  name: string,
  open: OpenStore,
  noticesOf: (store: Awaited<ReturnType<OpenStore>>) => readonly string[],
): void {
  const add = async (store: Awaited<ReturnType<OpenStore>>, ...passages: EmbeddedPassage[]): Promise<void> => {
    const change = { action: someAction(), cause: "t", at: at(2), state: newState(), messages: [], passages };
    await store.history.commit(change);
  };

  describe(`archival storage: ${name}`, () => {
    test("totals are exact on every page, and the pages together are every result once, in the same order each time", async () => {
      const said = Array.from({ length: 57 }, (_, n) => userMessage(`u${n}`, `apple ${"tree ".repeat(n % 4)}`, at(n)));
      const kept = Array.from({ length: 57 }, (_, n) => passage(`p${n}`, `apple ${"tree ".repeat(n % 4)}`));
      const store = await storeOf(open, said, kept);
      const searches = {
        recall: (page: PageRequest) => store.recall.search({ text: "apple tree" }, page),
        date: (page: PageRequest) => store.recall.searchDate({ from: at(0) }, page),
        archival: (page: PageRequest) => store.archival.search({ text: "apple" }, page),
      };

      for (const [name, search] of Object.entries(searches)) {
        const total = name === "recall" ? 42 : 57;
        const pages = await Promise.all(Array.from({ length: 7 }, (_, page) => search({ page, size: 10 })));
        const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
        expect(
          pages.map((page) => page.total),
          name,
        ).toEqual(pages.map(() => total));
        expect(new Set(ids).size, name).toBe(total);
        expect(ids.length, name).toBe(total);
        expect(
          (await search({ page: 0, size: 100 })).items.map(({ id }) => id),
          name,
        ).toEqual(ids);
      }
    });

    test("a search can be narrowed to an origin, by kind or by name", async () => {
      const from = (id: string, origin?: string): EmbeddedPassage => ({
        ...passage(id, `apple ${id}`, [1, 0, 0, 0]),
        ...(origin === undefined ? {} : { origin }),
      });
      const kept = [from("a", "client:cursor"), from("b", "client:zed"), from("c", "import"), from("d")];
      const store = await storeOf(open, [], [...kept, from("e", "clientele")]);
      const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };
      const ids = async (origin: string | undefined): Promise<string[]> => {
        const { items, total } = await store.archival.search({ text: "apple", embedding, origin }, FIRST);
        expect(total).toBe(items.length);
        return items.map(({ id }) => id).sort();
      };

      expect(await ids("client")).toEqual(["a", "b"]);
      expect(await ids("client:zed")).toEqual(["b"]);
      expect(await ids("client:z")).toEqual([]);
      expect(await ids("import")).toEqual(["c"]);
      expect(await ids(undefined)).toHaveLength(5);
      expect((await store.archival.get("a"))?.origin).toBe("client:cursor");
      expect((await store.archival.get("d"))?.origin).toBeUndefined();
      expect((await store.archival.search({ text: "apple", origin: "import" }, FIRST)).items[0]?.origin).toBe("import");
    });

    test("passages that are only similar follow those that share words, each once across pages", async () => {
      const words = Array.from({ length: 7 }, (_, n) => passage(`w${n}`, `apple number ${n}`, [1, n / 10, 0, 0]));
      const similar = Array.from({ length: 8 }, (_, n) => passage(`s${n}`, `fruit number ${n}`, [1, 0, n / 10, 0]));
      const far = [passage("far", "a spanner", [0, 0, 0, 1])];
      const store = await storeOf(open, [], [...words, ...similar, ...far]);
      const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };
      const query = { text: "apple", embedding, minSimilarity: 0.5 };

      const pages = await Promise.all([0, 1, 2].map((page) => store.archival.search(query, { page, size: 6 })));

      expect(pages.map(({ total }) => total)).toEqual([15, 15, 15]);
      const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
      expect(ids.slice(0, 7).sort()).toEqual(words.map(({ id }) => id));
      expect(ids.slice(7)).toEqual(similar.map(({ id }) => id));
    });

    test("pages of one search keep their order and their total while passages are added", async () => {
      const store = await storeOf(
        open,
        [],
        Array.from({ length: 40 }, (_, n) => passage(`p${n}`, `apple ${n}`)),
      );
      const whole = await store.archival.search({ text: "apple" }, { page: 0, size: 100 });

      const ids: string[] = [];
      for (let page = 0; page < 5; page += 1) {
        const found = await store.archival.search({ text: "apple" }, { page, size: 9 });
        expect(found.total).toBe(40);
        ids.push(...found.items.map(({ id }) => id));
        if (page > 0) await add(store, passage(`new${page}`, "an apple more"));
      }

      expect(ids).toEqual(whole.items.map(({ id }) => id));
    });

    test("the first vector decides which model is accepted; other vectors are left out with a notice, but not their passages", async () => {
      const store = await storeOf(open, [], [passage("none", "no vector")]);
      expect(await store.archival.collection()).toEqual({ model: null, dimensions: null, withoutVector: 1 });
      expect(await store.archival.accepts("any")).toBe(true);

      await add(store, passage("first", "apple", [1, 0, 0, 0]));
      const vector = Float32Array.from([0, 1]);
      await add(store, { ...passage("other", "pear"), embedding: { model: "other", vector } });

      expect(await store.archival.collection()).toEqual({ model: "test-4", dimensions: 4, withoutVector: 2 });
      expect([await store.archival.accepts("test-4"), await store.archival.accepts("other")]).toEqual([true, false]);
      expect([
        await store.archival.usesVector("apple", "test-4"),
        await store.archival.usesVector("apple", "other"),
      ]).toEqual([true, false]);
      expect(await store.archival.usesVector('"apple"', "test-4")).toBe(false);
      expect((await store.archival.search({ text: "pear" }, FIRST)).total).toBe(1);
      expect(noticesOf(store).join()).toContain("other");
    });

    test("passages are listed newest first, all oldest first, and from a cursor", async () => {
      const kept = [1, 2, 3, 4].map((n) => passage(`p${n}`, `note ${n}`));
      const store = await storeOf(open, [], kept);

      expect((await store.archival.latest(2)).map(({ id }) => id)).toEqual(["p4", "p3"]);
      const all = [];
      for await (const { id } of store.archival.all()) all.push(id);
      expect(all).toEqual(["p1", "p2", "p3", "p4"]);
      const listed = await store.archival.list({ newestFirst: true, count: 2, after: "p4" });
      expect(listed.map(({ id }) => id)).toEqual(["p3", "p2"]);
      expect(await store.archival.get("p2")).toEqual({ id: "p2", text: "note 2", createdAt: at(1) });
      expect(await store.archival.get("x")).toBeUndefined();
      expect(await store.archival.size()).toBe(4);
    });

    test("hiding passages reads as if they had been undone", async () => {
      const kept = Array.from({ length: 30 }, (_, n) =>
        passage(`p${n}`, `apple of garden ${n % 5}`, [1, n / 40, n % 3, 0]),
      );
      const gone = ["p3", "p27", "p28", "p29"];
      const store = await storeOf(open, [], kept);
      const seen = await readings(store.archival.without([...gone, "unknown"]));
      expect(await store.archival.size()).toBe(30);

      const change = { action: someAction(), cause: "pop", at: at(0), state: newState(), messages: [], passages: [] };
      await store.history.commit({ ...change, retracted: { messages: [], passages: gone } });

      expect(seen).toEqual(await readings(store.archival));
    });
  });
}

/** Everything that can be read of it; of scores and their order only what no statistics of words decide. */
async function readings(archival: ArchivalStorage): Promise<unknown> {
  const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };
  const queries = [
    { text: "apple" },
    { text: "garden 3" },
    { text: "which apple is of garden 2?" },
    { text: '"garden 4"' },
    { text: "unrelated", embedding, minSimilarity: 0.2 },
  ];
  const all = [];
  for await (const { id } of archival.all()) all.push(id);
  return {
    found: await Promise.all(
      queries.map(async (query) => {
        const { total, items } = await archival.search(query, { page: 0, size: 100 });
        return [total, items.map(({ id }) => id).toSorted()];
      }),
    ),
    latest: await archival.latest(5),
    listed: await archival.list({ newestFirst: true, count: 6, before: "p20" }),
    got: await Promise.all(["p0", "p28"].map((id) => archival.get(id))),
    size: await archival.size(),
    all,
  };
}
