import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HnswGraph, kindOf, loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { randomVectors } from "./random.ts";

const DIMENSIONS = 32;
const vectors = randomVectors(3_000, DIMENSIONS);
const at = (seq: number): Float32Array => vectors[seq] ?? new Float32Array();

async function newGraph(count: number): Promise<HnswGraph> {
  const graph = HnswGraph.create(await loadHnsw(), DIMENSIONS, "dense");
  for (let seq = 0; seq < count; seq += 1) graph.add(seq, at(seq));
  return graph;
}

/** The most similar one to the vector that row `seq` has, or had. */
function nearest(graph: HnswGraph, seq: number): number | undefined {
  return graph.search(at(seq), 1)[0]?.seq;
}

test("a graph is read as it was when writing began, removals included", async () => {
  const file = join(temporaryFolder(), "graph");
  const graph = await newGraph(300);
  for (const seq of [3, 7, 299]) graph.remove(seq);
  const facts = graph.facts();
  const writing = graph.write(file);
  graph.remove(8);
  expect(graph.revive(7, at(7))).toBe(false);
  await writing;

  const read = await HnswGraph.read(await loadHnsw(), file, facts);

  expect(read.size).toBe(297);
  expect(read.removed).toBe(3);
  expect([3, 7, 8, 299].filter((seq) => nearest(read, seq) === seq)).toEqual([8]);
  expect(read.revive(7, at(7))).toBe(true);
  expect(nearest(read, 7)).toBe(7);
});

test("while a graph is written it can be searched, vectors can be removed and revived, but not added", async () => {
  const folder = temporaryFolder();
  const graph = await newGraph(3_000);
  const writing = graph.write(join(folder, "graph"));

  expect(nearest(graph, 5)).toBe(5);
  for (const seq of [5, 6]) graph.remove(seq);
  expect(nearest(graph, 5)).not.toBe(5);
  expect(graph.search(at(5), 100)).toHaveLength(100);
  expect(graph.revive(6, at(5))).toBe(false);
  expect(graph.revive(6, at(6))).toBe(true);
  expect(() => {
    graph.add(3_000, at(0));
  }).toThrow("is being written");
  await expect(graph.write(join(folder, "other"))).rejects.toThrow("is being written");
  await writing;

  expect(graph.size).toBe(2_999);
  expect(nearest(graph, 5)).not.toBe(5);
  expect(nearest(graph, 6)).toBe(6);
  graph.add(5, at(5));
  expect(nearest(graph, 5)).toBe(5);
});

test("a graph being written can be written synchronously to another file, with later changes", async () => {
  const folder = temporaryFolder();
  const graph = await newGraph(1_000);
  const writing = graph.write(join(folder, "first"));
  graph.remove(1);
  graph.writeNow(join(folder, "second"));
  const facts = graph.facts();
  await writing;

  const read = await HnswGraph.read(await loadHnsw(), join(folder, "second"), facts);

  expect(read.size).toBe(999);
  expect(nearest(read, 1)).not.toBe(1);
  expect(read.search(at(1), 1_000)).toHaveLength(999);
  expect(read.revive(1, at(1))).toBe(true);
  expect(nearest(read, 1)).toBe(1);
});

test("a graph that grows beyond the expected size still finds everything", async () => {
  const graph = HnswGraph.create(await loadHnsw(), DIMENSIONS, "dense", 10);
  for (let seq = 0; seq < 3_000; seq += 1) graph.add(seq, at(seq));

  const found = Array.from({ length: 3_000 }, (_, seq) => nearest(graph, seq));
  expect(found.filter((seq, i) => seq === i).length).toBeGreaterThanOrEqual(2_990);
});

test("writing a graph to an impossible place is an error", async () => {
  const graph = await newGraph(10);
  const missing = join(temporaryFolder(), "missing", "graph");

  await expect(graph.write(missing)).rejects.toThrow("ENOENT");
  expect(() => {
    graph.writeNow(missing);
  }).toThrow("ENOENT");
  graph.add(10, at(10));
  expect(nearest(graph, 10)).toBe(10);
});

test("removals of rows that a file lacks are refused", async () => {
  const file = join(temporaryFolder(), "graph");
  const graph = await newGraph(10);
  await graph.write(file);

  await expect(
    HnswGraph.read(await loadHnsw(), file, { dimensions: DIMENSIONS, kind: "dense", deleted: [10] }),
  ).rejects.toThrow("never added");
  expect(readFileSync(file).length).toBeGreaterThan(10 * DIMENSIONS * 4);
});

test("vectors with many zeros are distinguished from those of neural models", () => {
  const sparse = Float32Array.from({ length: 100 }, (_, i) => (i % 4 === 0 ? 1 : 0));

  expect(kindOf(vectors.slice(0, 3))).toBe("dense");
  expect(kindOf([sparse, sparse])).toBe("sparse");
  expect(kindOf([])).toBe("dense");
});
