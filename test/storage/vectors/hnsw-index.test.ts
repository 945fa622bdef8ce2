import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { HnswIndex } from "../../../src/storage/vectors/hnsw-index.ts";
import { HnswShards } from "../../../src/storage/vectors/hnsw-shards.ts";
import type { VectorIndex } from "../../../src/storage/vectors/vector-index.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { vectorIndexContract } from "../../contract/vector-index.ts";
import { randomVectors } from "./random.ts";

type Given = {
  readonly shardSize?: number;
  readonly isIncomplete?: boolean;
  /** What is in the graph from the beginning. */
  readonly there?: readonly Float32Array[];
};

async function openIndex(
  dimensions: number,
  { shardSize, isIncomplete, there = [] }: Given = {},
): Promise<{ index: HnswIndex; saves: number[] }> {
  const saves: number[] = [];
  const graph = new HnswShards({ library: await loadHnsw(), dimensions, kind: "dense", shardSize });
  for (const [seq, vector] of there.entries()) graph.add(seq, vector);
  const index = new HnswIndex({
    graph,
    dimensions,
    isIncomplete,
    saver: {
      save: async ({ size }) => void saves.push(size),
      saveNow: ({ size }) => void saves.push(size),
      abandon: () => undefined,
    },
    onError: (error) => {
      throw error;
    },
  });
  onTestFinished(() => {
    index.close();
  });
  return { index, saves };
}

vectorIndexContract("hnsw, built", async (dimensions) => {
  const { index } = await openIndex(dimensions);
  const settle = async (): Promise<void> => {
    await index.built();
    expect(index.pending).toBe(0);
  };
  return { index, settle };
});

vectorIndexContract("hnsw, built in shards of 40", async (dimensions) => {
  const { index } = await openIndex(dimensions, { shardSize: 40 });
  return { index, settle: () => index.built() };
});

vectorIndexContract("hnsw, not yet built", async (dimensions) => {
  const { index } = await openIndex(dimensions);
  return { index, settle: () => Promise.resolve() };
});

test.each([
  { what: "one graph", shardSize: 4_000 },
  { what: "several shards", shardSize: 700 },
])("$what finds what exact search finds", async ({ shardSize }) => {
  const { index } = await openIndex(48, { shardSize });
  const exact = new ExactIndex(48);
  for (const [seq, vector] of randomVectors(4_000, 48).entries()) {
    index.add(seq, vector);
    exact.add(seq, vector);
  }
  await index.built();

  expect(await recall(index, exact, randomVectors(50, 48, 2))).toBeGreaterThanOrEqual(0.99);
});

test("while the graph is built, every vector is found and nothing is blocked", async () => {
  const { index } = await openIndex(48);
  const exact = new ExactIndex(48);
  for (const [seq, vector] of randomVectors(1_500, 48).entries()) {
    index.add(seq, vector);
    exact.add(seq, vector);
  }
  const queries = randomVectors(10, 48, 2);
  let worst = 1;
  let rounds = 0;
  while (index.pending > 0) {
    worst = Math.min(worst, await recall(index, exact, queries));
    rounds += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }

  expect(worst).toBeGreaterThanOrEqual(0.99);
  expect(rounds).toBeGreaterThan(5);
});

test("a graph is saved when built, then after large additions, and at the end if worthwhile", async () => {
  const { index, saves } = await openIndex(4);
  const vectors = randomVectors(300, 4);
  const add = async (from: number, to: number): Promise<void> => {
    for (let seq = from; seq < to; seq += 1) index.add(seq, vectors[seq] ?? new Float32Array());
    await index.built();
  };

  await add(0, 200);
  expect(saves).toEqual([200]);

  await add(200, 205);
  expect(saves).toEqual([200]);

  await add(205, 215);
  expect(saves).toEqual([200, 215]);

  await add(215, 220);
  index.close();
  index.close();
  expect(saves).toEqual([200, 215]);
});

test.each([
  { isIncomplete: true, saved: [101] },
  { isIncomplete: false, saved: [] },
])(
  "a graph with few additions is saved once if its files lack a shard ($isIncomplete)",
  async ({ isIncomplete, saved }) => {
    const [one, two, ...there] = randomVectors(102, 4);
    const { index, saves } = await openIndex(4, { isIncomplete, there });
    for (const vector of [one, two]) {
      index.add(index.size, vector ?? new Float32Array());
      await index.built();
    }

    expect(saves).toEqual(saved);
    index.close();
    expect(saves).toEqual(saved);
  },
);

test("closing while building saves what is built, and stops building", async () => {
  const { index, saves } = await openIndex(256);
  for (const [seq, vector] of randomVectors(2_000, 256).entries()) index.add(seq, vector);
  while (index.pending > 1_900) await new Promise((resolve) => setImmediate(resolve));
  const left = index.pending;

  index.close();
  await index.built();

  expect(saves).toEqual([2_000 - left]);
  expect(index.pending).toBe(left);
});

test("a vector removed and restored while the graph is written is revived, not added again", async () => {
  const file = join(temporaryFolder(), "graph");
  const vectors = randomVectors(300, 8);
  const [vector = new Float32Array()] = vectors;
  const graph = new HnswShards({ library: await loadHnsw(), dimensions: 8, kind: "dense" });
  const index: HnswIndex = new HnswIndex({
    graph,
    dimensions: 8,
    saver: {
      save: async () => {
        index.remove(0);
        const writing = graph.shards[0]?.graph.write(file);
        index.add(0, vector);
        expect(index.pending).toBe(1);
        await writing;
      },
      saveNow: () => undefined,
      abandon: () => undefined,
    },
    onError: (error) => {
      throw error;
    },
  });
  for (const [seq, one] of vectors.entries()) index.add(seq, one);
  await index.built();
  index.close();

  expect(index.pending).toBe(0);
  expect(graph.shards.map(({ graph: { size, additions } }) => ({ size, additions }))).toEqual([
    { size: 300, additions: 300 },
  ]);
  expect((await index.search(vector, 1))[0]?.seq).toBe(0);
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])(
  "row number %s, which the library would confuse with another, is refused",
  async (seq) => {
    const { index } = await openIndex(2);

    expect(() => {
      index.add(seq, Float32Array.of(1, 0));
    }).toThrow(RangeError);
    expect(index.size).toBe(0);
  },
);

test("the highest row numbers stay distinct", async () => {
  const { index } = await openIndex(2);
  index.add(2 ** 32 - 1, Float32Array.of(1, 0));
  index.add(0, Float32Array.of(0, 1));
  await index.built();

  expect((await index.search(Float32Array.of(1, 0), 1))[0]?.seq).toBe(2 ** 32 - 1);
});

/** Share of the ten most similar that are found. */
async function recall(index: VectorIndex, exact: ExactIndex, queries: readonly Float32Array[]): Promise<number> {
  let found = 0;
  for (const query of queries) {
    const truth = new Set((await exact.search(query, 10)).map(({ seq }) => seq));
    found += (await index.search(query, 10)).filter(({ seq }) => truth.has(seq)).length;
  }
  return found / (10 * queries.length);
}
