import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PageRequest } from "../../src/schema/page.ts";
import type { RecallStorage } from "../../src/ports/recall.ts";
import { at, newState, passage, reply, someAction, userMessage } from "../storage/support.ts";
import { type OpenStore, storeOf } from "./stores.ts";

const FIRST: PageRequest = { page: 0, size: 10 };

/** What every RecallStorage must do. */
export function recallContract(name: string, open: OpenStore): void {
  describe(`recall storage: ${name}`, () => {
    test.each([
      "striped AND NOT horse",
      "NEAR(zebra horse)",
      "text:zebra",
      "zeb*",
      '"zebra',
      "zebra'; DROP TABLE messages; --",
      "^zebra + (horse",
      "{zebra} : -horse",
      "zebra OR 1=1",
    ])("operators in the query %s are text", async (query) => {
      const store = await storeOf(open, [userMessage("u1", "a zebra is striped"), userMessage("u2", "a horse is not")]);

      const found = await store.recall.search({ text: query }, FIRST);

      expect(found.total).toBe(found.items.length);
      expect(await store.recall.size()).toBe(2);
      if (query === "zeb*") expect(found.total).toBe(0);
      if (query === "striped AND NOT horse") expect(found.items.map(({ id }) => id).sort()).toEqual(["u1", "u2"]);
    });

    test("no query makes a search fail", async () => {
      const store = await storeOf(
        open,
        [userMessage("u1", "a zebra is striped")],
        [passage("p1", "a zebra is striped")],
      );

      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.string()), async (text) => {
          const recall = await store.recall.search({ text }, FIRST);
          const archival = await store.archival.search({ text }, FIRST);
          expect(recall.total).toBe(recall.items.length);
          expect(archival.total).toBe(archival.items.length);
        }),
        { numRuns: 300 },
      );
    });

    test("a date range includes its start and excludes its end", async () => {
      const store = await storeOf(
        open,
        [1, 2, 3].map((n) => userMessage(`u${n}`, "apple", at(n))),
      );

      const range = { from: at(1), to: at(3) };

      expect((await store.recall.searchDate(range, FIRST)).items.map(({ id }) => id)).toEqual(["u1", "u2"]);
      const found = await store.recall.search({ text: "apple", range }, FIRST);
      expect([found.total, found.items.map(({ id }) => id).sort()]).toEqual([2, ["u1", "u2"]]);
    });

    test("pages of one search keep their order and total while messages are added", async () => {
      const store = await storeOf(
        open,
        Array.from({ length: 40 }, (_, n) => userMessage(`u${n}`, `apple ${n}`, at(n))),
      );
      const whole = await store.recall.search({ text: "apple" }, { page: 0, size: 100 });

      const ids: string[] = [];
      for (let page = 0; page < 5; page += 1) {
        const found = await store.recall.search({ text: "apple" }, { page, size: 9 });
        expect(found.total).toBe(40);
        ids.push(...found.items.map(({ id }) => id));
        const said = [userMessage(`new${page}`, `an apple more ${page}`, at(60 + page))];
        const state = newState();
        if (page > 0)
          await store.history.commit({
            action: someAction(),
            cause: "t",
            at: at(60),
            state,
            messages: said,
            passages: [],
          });
      }

      expect(ids).toEqual(whole.items.map(({ id }) => id));
      expect((await store.recall.search({ text: "apple" }, FIRST)).total).toBe(44);
    });

    test("lists continue from a cursor in either order, even from an undone message", async () => {
      const store = await storeOf(
        open,
        [1, 2, 3, 4, 5].map((n) => userMessage(`u${n}`, `apple ${n}`, at(n))),
      );
      const retracted = { messages: ["u3"], passages: [] };
      const change = { action: someAction(), cause: "t", at: at(9), state: newState(), messages: [], passages: [] };
      await store.history.commit({ ...change, retracted });
      const list = async (request: Parameters<RecallStorage["list"]>[0]): Promise<string> =>
        (await store.recall.list(request)).map(({ id }) => id).join(" ");

      expect(await list({ newestFirst: false, count: 3 })).toBe("u1 u2 u4");
      expect(await list({ newestFirst: true, count: 3 })).toBe("u5 u4 u2");
      expect(await list({ newestFirst: false, count: 9, after: "u3" })).toBe("u4 u5");
      expect(await list({ newestFirst: true, count: 1, after: "u3" })).toBe("u2");
      expect(await list({ newestFirst: false, count: 1, before: "u5" })).toBe("u4");
      expect(await list({ newestFirst: false, count: 9, after: "nobody" })).toBe("");
    });

    test("returns every kind of message, with its speaker and the lines around it", async () => {
      const messages = [userMessage("u1", "Where is Ada?"), ...reply("a1", "In Porto."), userMessage("u2", "Thanks")];
      const store = await storeOf(open, messages);

      expect(await store.recall.size()).toBe(4);
      expect(await store.recall.latest(2)).toEqual(messages.slice(-2));
      const all = [];
      for await (const message of store.recall.all()) all.push(message);
      expect(all).toEqual(messages);
      expect(await store.recall.get("a1")).toEqual(messages[1]);
      expect(await store.recall.get("x")).toBeUndefined();
      expect((await store.recall.around("a1", 1)).map(({ id, role, text }) => [id, role, text])).toEqual([
        ["u1", "user", "Where is Ada?"],
        ["a1", "assistant", "In Porto."],
        ["u2", "user", "Thanks"],
      ]);
      expect(await store.recall.around("a1-return", 1)).toEqual([]);
      expect(await store.recall.speakers()).toEqual([]);
    });

    test("hiding messages reads as if they had been undone", async () => {
      const said = Array.from({ length: 30 }, (_, n) =>
        n % 2 === 0
          ? [userMessage(`u${n}`, `the apple tree of garden ${n % 5}`, at(n * 40))]
          : reply(`a${n}`, `an apple, said in garden ${n % 5}`, at(n * 40)),
      ).flat();
      const gone = [...said.slice(-6), ...said.slice(3, 5)].map(({ id }) => id);
      const store = await storeOf(open, said);
      const view = store.recall.without([...gone, "unknown"]);
      const seen = await readings(view);
      expect((await store.recall.search({ text: "apple" }, FIRST)).total).toBe(30);

      const change = { action: someAction(), cause: "pop", at: at(0), state: newState(), messages: [], passages: [] };
      await store.history.commit({ ...change, retracted: { messages: gone, passages: [] } });

      expect(seen).toEqual(await readings(store.recall));
    });
  });
}

const QUERIES = ["apple", "garden 3", "which apple tree is in garden 2?", '"apple tree"', "nothing of it", "said"];

/** Everything that can be read of it; of scores and their order only what no statistics of words decide. */
async function readings(recall: RecallStorage): Promise<unknown> {
  const sorted = (ids: readonly { readonly id: string }[]): string[] => ids.map(({ id }) => id).toSorted();
  const all = [];
  for await (const { id } of recall.all()) all.push(id);
  return {
    found: await Promise.all(
      QUERIES.map(async (text) => {
        const [{ total, items }, second] = [
          await recall.search({ text }, { page: 0, size: 100 }),
          await recall.search({ text }, { page: 1, size: 4 }),
        ];
        return [total, sorted(items), second.total, second.items.length];
      }),
    ),
    dated: await recall.searchDate({ from: at(100), to: at(900) }, { page: 1, size: 5 }),
    latest: await recall.latest(7),
    listed: await recall.list({ newestFirst: false, count: 5, before: "u20" }),
    around: await Promise.all(["u2", "a19", "u28"].map((id) => recall.around(id, 2))),
    got: await Promise.all(["u0", "u28"].map((id) => recall.get(id))),
    size: await recall.size(),
    all,
  };
}
