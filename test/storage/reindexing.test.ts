import { expect, test } from "vitest";
import type { AgentStore } from "../../src/ports/agent-store.ts";
import type { Change } from "../../src/ports/history.ts";
import type { ReindexTarget } from "../../src/ports/maintenance.ts";
import { at, newState, openStore, passage, someAction } from "./support.ts";

const TARGET: ReindexTarget = { provider: "openai", endpoint: null, model: "other", dimensions: null };

function change(changes: Partial<Change> = {}): Change {
  return { action: someAction(), cause: "m", at: at(1), state: newState(), messages: [], passages: [], ...changes };
}

async function storeOf(count: number): Promise<AgentStore> {
  const store = await openStore();
  await store.history.commit(change());
  const passages = Array.from({ length: count }, (_, i) => passage(`p${i}`, `text ${i}`, [1, 0, 0, i]));
  await store.history.commit(change({ passages }));
  return store;
}

test("vectors are not swapped before every passage is embedded", async () => {
  const store = await storeOf(3);
  await expect(store.maintenance.reindexing.finish(change())).rejects.toMatchObject({ code: "storage_failed" });
  expect(await store.maintenance.reindexing.begin(TARGET)).toEqual({ done: 0, total: 3 });
  const first = await store.maintenance.reindexing.next(2);
  expect(first.map(({ text }) => text)).toEqual(["text 0", "text 1"]);
  await store.maintenance.reindexing.add(first.map(({ seq }) => ({ seq, vector: Float32Array.from([0, 1]) })));

  await expect(store.maintenance.reindexing.finish(change())).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining("Nothing was changed"),
  });

  expect(await store.archival.collection()).toEqual({ model: "test-4", dimensions: 4, withoutVector: 0 });
  expect(await store.maintenance.reindexing.begin(TARGET)).toEqual({ done: 2, total: 3 });
});

test.each([{ endpoint: "http://127.0.0.1:1/v1" }, { provider: "local" }, { model: "third" }, { dimensions: 2 }])(
  "staged vectors are used only for the same target, not for one with %o",
  async (other) => {
    const store = await storeOf(3);
    const begin = async (target: ReindexTarget): Promise<number> =>
      (await store.maintenance.reindexing.begin(target)).done;
    await begin(TARGET);
    const [first] = await store.maintenance.reindexing.next(1);
    await store.maintenance.reindexing.add([{ seq: first?.seq ?? 0, vector: Float32Array.from([0, 1]) }]);
    expect(await begin({ ...TARGET })).toBe(1);

    expect(await begin({ ...TARGET, ...other })).toBe(0);
  },
);

test("a new vector that does not fit the others is left out", async () => {
  const store = await storeOf(4);
  await store.maintenance.reindexing.begin(TARGET);
  const passages = await store.maintenance.reindexing.next(10);
  const vectors = [[0, 1], [0, 0, 1], [Number.NaN, 1], null];

  await store.maintenance.reindexing.add(
    passages.map(({ seq }, i) => {
      const numbers = vectors[i] ?? null;
      return { seq, vector: numbers === null ? null : Float32Array.from(numbers) };
    }),
  );
  await store.maintenance.reindexing.finish(change());

  expect(await store.archival.collection()).toEqual({ model: "other", dimensions: 2, withoutVector: 3 });
  const embedding = { model: "other", vector: Float32Array.from([0, 1]) };
  const found = await store.archival.search({ text: "nothing", embedding }, { page: 0, size: 10 });
  expect(found.items.map(({ id }) => id)).toEqual(["p0"]);
});

test("passages stored during reindexing are searched with the vectors in use", async () => {
  const store = await storeOf(2);
  await store.maintenance.reindexing.begin(TARGET);
  const passages = await store.maintenance.reindexing.next(10);
  await store.maintenance.reindexing.add(passages.map(({ seq }) => ({ seq, vector: Float32Array.from([0, 1]) })));

  await store.history.commit(change({ passages: [passage("late", "late", [0, 0, 1, 0])] }));

  const embedding = { model: "test-4", vector: Float32Array.from([0, 0, 1, 0]) };
  const found = await store.archival.search({ text: "nothing", embedding, minSimilarity: 0.9 }, { page: 0, size: 10 });
  expect(found.items.map(({ id }) => id)).toEqual(["late"]);
  expect((await store.maintenance.reindexing.next(10)).map(({ text }) => text)).toEqual(["late"]);
});
