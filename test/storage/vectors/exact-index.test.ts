import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { bySimilarity } from "../../../src/storage/vectors/vector-index.ts";
import { vectorIndexContract } from "../../contract/vector-index.ts";
import { randomVectors } from "./random.ts";

vectorIndexContract("exact", async (dimensions) => ({
  index: new ExactIndex(dimensions),
  settle: () => Promise.resolve(),
}));

test("the best are in the overall order, however many there are, without those removed meanwhile", async () => {
  const index = new ExactIndex(8);
  const vectors = randomVectors(2_000, 8);
  for (const [seq, vector] of vectors.entries()) index.add(seq, vector);
  for (let seq = 0; seq < 2_000; seq += 3) index.remove(seq);
  const popped = Array.from({ length: 700 }, () => index.pop()?.seq);
  for (let seq = 0; seq < 100; seq += 3) index.add(seq, vectors[seq] ?? new Float32Array());
  const [query = new Float32Array()] = randomVectors(1, 8, 2);

  const all = await index.search(query, 10_000);

  expect(all).toEqual([...all].sort(bySimilarity));
  expect(await index.search(query, 7)).toEqual(all.slice(0, 7));
  const expected = vectors.map((_, seq) => seq).filter((seq) => seq % 3 > 0 && !popped.includes(seq));
  for (let seq = 0; seq < 100; seq += 3) expected.push(seq);
  expect(index.seqs().sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
  expect(all.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(expected);
  expect(index.lowest).toBe(Math.min(...expected));
});

test("pop returns vectors in the order of addition, until none is left", async () => {
  const index = new ExactIndex(4);
  const vectors = randomVectors(600, 4);
  for (const [seq, vector] of vectors.entries()) index.add(seq, vector);

  for (let seq = 0; seq < 600; seq += 1) expect(index.pop()?.seq).toBe(seq);

  expect(index.pop()).toBeUndefined();
  expect(index.size).toBe(0);
  expect(index.lowest).toBe(Number.POSITIVE_INFINITY);
});

test("the newest of very many equally similar vectors come first", async () => {
  const index = new ExactIndex(2);
  for (let seq = 0; seq < 1_000; seq += 1) index.add(seq, Float32Array.of(1, 0));

  expect((await index.search(Float32Array.of(1, 0), 3)).map(({ seq }) => seq)).toEqual([999, 998, 997]);
});

/** Vectors of length 1 of which most numbers are zero. */
function sparseVectors(count: number, dimensions: number): Float32Array[] {
  return randomVectors(count, dimensions).map((vector, row) => {
    const sparse = vector.map((value, place) => ((place * 7 + row) % 17 === 0 ? value : 0));
    const norm = Math.hypot(...sparse);
    return sparse.map((value) => value / norm);
  });
}

test("vectors of mostly zeros take a fraction of the memory, with the same similarities to the last bit", async () => {
  const [dimensions, count] = [1_022, 3_000];
  const vectors = sparseVectors(count, dimensions);
  const [query = new Float32Array()] = randomVectors(1, dimensions, 2);
  const before = process.memoryUsage().arrayBuffers;
  const sparse = new ExactIndex(dimensions);
  for (const [seq, vector] of vectors.entries()) sparse.add(seq, vector);
  const taken = process.memoryUsage().arrayBuffers - before;
  const whole = new ExactIndex(dimensions);
  // One whole row in each block makes the others whole, too.
  const [dense = new Float32Array()] = randomVectors(1, dimensions, 3);
  for (const [seq, vector] of vectors.entries()) whole.add(seq, seq % 256 === 0 ? dense : vector);
  for (let seq = 0; seq < count; seq += 256) whole.add(seq, vectors[seq] ?? dense);
  for (const index of [sparse, whole]) {
    for (let seq = 1; seq < count; seq += 5) index.remove(seq);
    for (let seq = 2; seq < count; seq += 9) index.add(seq, vectors[seq + 1] ?? dense);
  }

  const found = await sparse.search(query, count);

  expect(found).toEqual(await whole.search(query, count));
  expect(found.length).toBeGreaterThan(2_000);
  expect(sparse.pop()?.unit).toEqual(whole.pop()?.unit);
  expect(taken).toBeLessThan((count * dimensions * 4) / 2);
});

test("numbers that a vector repeats are kept once: vectors of spelling take half the memory of single numbers", () => {
  const [dimensions, count] = [1_024, 2_560];
  const row = (seq: number): Float32Array =>
    Float32Array.from({ length: dimensions }, (_, place) =>
      (place * 7 + seq) % 17 === 0 ? 1 + ((place + seq) % 3) : 0,
    );
  const before = buffersInUse();
  const index = new ExactIndex(dimensions);

  for (let seq = 0; seq < count; seq += 1) index.add(seq, row(seq));

  const taken = buffersInUse() - before;
  expect(index.size).toBe(count);
  // About 60 numbers of a row are not zero; the place and the value of each take six bytes.
  expect(taken).toBeLessThan(count * 60 * 5);
});

/** In bytes, after a collection. */
function buffersInUse(): number {
  setFlagsFromString("--expose-gc");
  // What the flag adds has no type.
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}
