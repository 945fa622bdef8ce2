import { expect, test } from "vitest";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { bySimilarity } from "../../../src/storage/vectors/vector-index.ts";
import { vectorIndexContract } from "../../contract/vector-index.ts";
import { randomVectors } from "./random.ts";

vectorIndexContract("exact", async (dimensions) => ({
  index: new ExactIndex(dimensions),
  settle: () => Promise.resolve(),
}));

test("however many there are, the best come in the order of all, and what is taken out in between is not among them", async () => {
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

test("what is taken out comes in the order in which it was added, until nothing is left", async () => {
  const index = new ExactIndex(4);
  const vectors = randomVectors(600, 4);
  for (const [seq, vector] of vectors.entries()) index.add(seq, vector);

  for (let seq = 0; seq < 600; seq += 1) expect(index.pop()?.seq).toBe(seq);

  expect(index.pop()).toBeUndefined();
  expect(index.size).toBe(0);
  expect(index.lowest).toBe(Number.POSITIVE_INFINITY);
});

test("of very many equally similar vectors the newest come first", async () => {
  const index = new ExactIndex(2);
  for (let seq = 0; seq < 1_000; seq += 1) index.add(seq, Float32Array.of(1, 0));

  expect((await index.search(Float32Array.of(1, 0), 3)).map(({ seq }) => seq)).toEqual([999, 998, 997]);
});
