import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EmbeddedPassage } from "../../../src/schema/passage.ts";
import type { SqliteAgentStore } from "../../../src/storage/sqlite/agent-store.ts";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import type { PassageVectorsOptions } from "../../../src/storage/sqlite/passage-vectors.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { newState, noticesOf, openStore as openStoreAt, passage, revert, someAction } from "../support.ts";
import { DIMENSIONS } from "./passages.ts";
import { randomVectors } from "./random.ts";

const vectors = randomVectors(150, DIMENSIONS);
const AT = "2026-11-21T12:00:00.000Z";

async function openStore(
  folder: string,
  { graphFrom = 100, load }: Pick<PassageVectorsOptions, "graphFrom" | "load"> = {},
): Promise<SqliteAgentStore> {
  return openStoreAt(join(folder, "agent.db"), { graphFrom, load });
}

async function commit(store: SqliteAgentStore, from: number, to: number): Promise<number> {
  const passages = vectors.slice(from, to).map((vector, i) => passage(`p${from + i}`, "text", Array.from(vector)));
  return commitAll(store, passages);
}

/** Commits passages called `name0`, `name1` and so on. */
async function add(
  store: SqliteAgentStore,
  name: string,
  some: readonly Float32Array[],
  createdAt: string,
): Promise<number> {
  const passages = some.map((vector, i) => ({ ...passage(`${name}${i}`, "text", Array.from(vector)), createdAt }));
  return commitAll(store, passages);
}

async function commitAll(store: SqliteAgentStore, passages: readonly EmbeddedPassage[]): Promise<number> {
  return store.history.commit({
    action: someAction(),
    cause: "test",
    at: "2026-11-21T12:00:00.000Z",
    state: newState(),
    messages: [],
    passages,
  });
}

/** The id of the passage that is most similar to that of number `i`. */
async function nearest(store: SqliteAgentStore, i: number): Promise<string | undefined> {
  const vector = vectors[i];
  const embedding = vector === undefined ? null : { model: "test-4", vector };
  const query = { text: "", embedding, minSimilarity: 0.999 };
  return (await store.archival.search(query, { page: 0, size: 5 })).items[0]?.id;
}

test("an agent's passages are found by their vectors through commits, reverts and restarts", async () => {
  const folder = temporaryFolder();
  const first = await openStore(folder);
  // The first commit makes the agent, which cannot be undone.
  await commit(first, 0, 10);
  await commit(first, 10, 120);
  expect(await nearest(first, 5)).toBe("p5");
  const before = await first.history.journal.head();
  const after = await commit(first, 120, 150);
  expect(await nearest(first, 149)).toBe("p149");
  await revert(first, before, "undo", "2026-11-21T12:01:00.000Z");
  expect(await nearest(first, 149)).toBeUndefined();
  while (!existsSync(join(folder, "archival.hnsw"))) await new Promise((resolve) => setImmediate(resolve));
  await first.close();

  const second = await openStore(folder);
  expect(await nearest(second, 119)).toBe("p119");
  expect(await nearest(second, 149)).toBeUndefined();
  await revert(second, after, "redo", "2026-11-21T12:02:00.000Z");
  expect(await nearest(second, 149)).toBe("p149");
  expect(noticesOf(second)).toEqual([]);
});

test.each([
  { what: "few", graphFrom: 150 },
  { what: "many", graphFrom: 30 },
])("of $what passages in a range of dates the most similar are found, without undone ones", async ({ graphFrom }) => {
  const store = await openStore(temporaryFolder(), { graphFrom });
  const [vector = new Float32Array()] = vectors;
  const exact = new ExactIndex(DIMENSIONS);
  for (const [i, one] of vectors.entries()) exact.add(i, one);
  const sorted = (await exact.search(vector, 150)).map(({ seq }) => vectors[seq] ?? vector);
  const [near, far] = [sorted.slice(0, 100), sorted.slice(100)];
  const found = async (): Promise<string[]> => {
    const embedding = { model: "test-4", vector };
    const query = { text: "", embedding, minSimilarity: -1, range: { from: "2026" } };
    return (await store.archival.search(query, { page: 0, size: 3 })).items.map(({ id }) => id);
  };
  await add(store, "first", [], "2025-11-21T12:00:00.000Z");
  await add(store, "early", near, "2025-11-21T12:00:00.000Z");
  const op = await add(store, "late", far, "2026-11-21T12:00:00.000Z");
  await store.indexed();

  expect(await found()).toEqual(["late0", "late1", "late2"]);
  await add(store, "undone", near, "2026-11-21T12:00:00.000Z");
  expect(await found()).toEqual(["undone0", "undone1", "undone2"]);
  await revert(store, op, "undo", "2026-11-21T12:01:00.000Z");
  expect(await found()).toEqual(["late0", "late1", "late2"]);
});

test("a closed store stops building, and leaves its folder alone", async () => {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  await commit(store, 0, 120);
  expect(await nearest(store, 5)).toBe("p5");

  await store.close();
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));

  expect(existsSync(join(folder, "archival.hnsw"))).toBe(false);
  expect(noticesOf(store)).toEqual([]);
});

test("a store reports once that hnswlib-node is missing", async () => {
  const store = await openStore(temporaryFolder(), { load: () => Promise.reject(new Error("not installed")) });
  await commit(store, 0, 120);

  expect(await nearest(store, 5)).toBe("p5");
  expect(await nearest(store, 6)).toBe("p6");
  expect(noticesOf(store)).toEqual([expect.stringContaining("hnswlib-node")]);
});

test("a forgotten passage's vector is in no file: neither the database nor a graph, even a later one", async () => {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  const units = Array.from({ length: 120 }, (_, i) => unitVector(i));
  await add(store, "p", units, AT);
  await store.indexed();
  const holding = (i: number): string[] => filesHolding(folder, Buffer.from(unitVector(i).buffer));
  expect(holding(5)).toContain("archival.hnsw");
  expect(holding(5).some((name) => name.startsWith("agent.db"))).toBe(true);

  const { order } = await store.forgetting.order({ passage: "p5" }, { by: "test", at: AT, keep: [] });
  store.forgetting.apply(order);
  store.reset();
  store.forgetting.scrub();

  expect(holding(5)).toEqual([]);
  await store.indexed();
  await store.close();
  expect(holding(5)).toEqual([]);
  expect(holding(6)).toEqual(expect.arrayContaining(["agent.db", "archival.hnsw"]));
});

/** A vector of length 1 to the last bit, so that a graph, which scales vectors to that length, keeps its bytes. */
function unitVector(i: number): Float32Array {
  const bits = Math.imul(i + 1, 40_503);
  return Float32Array.from({ length: DIMENSIONS }, (_, d) => (((bits >> d) & 1) === 0 ? 0.25 : -0.25));
}

function filesHolding(folder: string, bytes: Buffer): string[] {
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(bytes));
}
