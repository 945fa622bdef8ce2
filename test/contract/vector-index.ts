import { describe, expect, test } from "vitest";
import type { VectorIndex } from "../../src/storage/vectors/vector-index.ts";
import { randomVectors } from "../storage/vectors/random.ts";

const x = Float32Array.of(1, 0, 0);
const y = Float32Array.of(0, 1, 0);
const z = Float32Array.of(0, 0, 1);

/** What every VectorIndex must do. `settle` waits until the index has done what it does in the background. */
export function vectorIndexContract(
  name: string,
  open: (dimensions: number) => Promise<{ index: VectorIndex; settle: () => Promise<void> }>,
): void {
  describe(`vector index: ${name}`, () => {
    test("finds the most similar first, with the cosine", async () => {
      const { index, settle } = await open(3);
      index.add(1, x);
      index.add(2, Float32Array.of(3, 4, 0));
      index.add(3, y);
      await settle();

      const hits = await index.search(Float32Array.of(0, 7, 0), 3);

      expect(hits.map(({ seq }) => seq)).toEqual([3, 2, 1]);
      expect(hits.map(({ similarity }) => similarity.toFixed(5))).toEqual(["1.00000", "0.80000", "0.00000"]);
    });

    test("the newer of equally similar vectors comes first", async () => {
      const { index, settle } = await open(3);
      for (const seq of [7, 2, 9, 4]) index.add(seq, x);
      await settle();

      expect((await index.search(x, 10)).map(({ seq }) => seq)).toEqual([9, 7, 4, 2]);
    });

    test("what was just added is found at once", async () => {
      const { index } = await open(3);
      index.add(1, x);

      expect(await index.search(x, 1)).toEqual([{ seq: 1, similarity: expect.closeTo(1, 6) }]);
    });

    test.each(["at once", "in the background"])("a second vector for a number replaces the first %s", async (when) => {
      const { index, settle } = await open(3);
      index.add(1, x);
      index.add(2, z);
      if (when !== "at once") await settle();
      index.add(1, y);
      if (when !== "at once") await settle();

      const hits = await index.search(y, 10);

      expect(hits[0]).toEqual({ seq: 1, similarity: expect.closeTo(1, 6) });
      expect(hits).toHaveLength(2);
      expect(index.size).toBe(2);
    });

    test("what was removed is not found, and can be added again", async () => {
      const { index, settle } = await open(3);
      for (const [seq, vector] of [x, y, z].entries()) index.add(seq, vector);
      await settle();

      index.remove(1);
      index.remove(1);
      index.remove(99);

      expect((await index.search(y, 3)).map(({ seq }) => seq)).toEqual([2, 0]);
      expect(index.seqs().sort()).toEqual([0, 2]);

      index.add(1, y);
      await settle();

      expect((await index.search(y, 1)).map(({ seq }) => seq)).toEqual([1]);
      expect(index.size).toBe(3);
    });

    test("finds as many as requested, however many better ones were removed", async () => {
      const { index, settle } = await open(8);
      const vectors = randomVectors(300, 8);
      for (const [seq, vector] of vectors.entries()) index.add(seq, vector);
      await settle();
      for (let seq = 0; seq < 250; seq += 1) index.remove(seq);

      const hits = await index.search(Float32Array.from(vectors[0] ?? []), 50);

      expect(hits.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => 250 + i));
    });

    test.each([0, 1, 15, 150, 299])(
      "restricted to %i, finds the most similar of these, however many others are more similar",
      async (few) => {
        const { index, settle } = await open(8);
        const vectors = randomVectors(300, 8);
        for (const [seq, vector] of vectors.slice(0, 290).entries()) index.add(seq, vector);
        await settle();
        // Some are not in the graph of an index that has one.
        for (const [i, vector] of vectors.slice(290).entries()) index.add(290 + i, vector);
        const query = Float32Array.from(vectors[0] ?? []);
        const farthest = (await index.search(query, 300)).slice(300 - few);
        const among = new Set(farthest.map(({ seq }) => seq));

        expect(await index.search(query, 20, among)).toEqual(farthest.slice(0, 20));

        for (const { seq } of farthest.slice(0, 5)) index.remove(seq);
        expect(await index.search(query, 20, among)).toEqual(farthest.slice(5, 25));
      },
    );

    test("an index that is empty, or was emptied, finds nothing", async () => {
      const { index, settle } = await open(3);
      expect(await index.search(x, 5)).toEqual([]);

      index.add(1, x);
      await settle();
      index.remove(1);

      expect(await index.search(x, 5)).toEqual([]);
      expect(index.size).toBe(0);
    });

    test("a request for more than there are returns all, and one for none returns none", async () => {
      const { index, settle } = await open(3);
      index.add(1, x);
      index.add(2, y);
      await settle();

      expect(await index.search(x, 1_000_000)).toHaveLength(2);
      expect(await index.search(x, 0)).toEqual([]);
      expect(await index.search(x, -1)).toEqual([]);
    });

    test.each([
      ["of another length", Float32Array.of(1, 2)],
      ["that is empty", new Float32Array(0)],
      ["with NaN", Float32Array.of(1, Number.NaN, 0)],
      ["with an infinite number", Float32Array.of(1, Number.POSITIVE_INFINITY, 0)],
      ["with minus infinity", Float32Array.of(Number.NEGATIVE_INFINITY, 0, 0)],
      ["of zeros", new Float32Array(3)],
    ])("a vector %s is refused and changes nothing", async (_, bad) => {
      const { index, settle } = await open(3);
      index.add(1, x);
      await settle();

      expect(() => {
        index.add(1, bad);
      }).toThrow(RangeError);
      expect(() => {
        index.add(2, bad);
      }).toThrow(RangeError);
      await expect(index.search(bad, 1)).rejects.toThrow(RangeError);
      expect(await index.search(x, 5)).toEqual([{ seq: 1, similarity: expect.closeTo(1, 6) }]);
    });

    test("very small and very large vectors are as good as any", async () => {
      const { index, settle } = await open(3);
      index.add(1, Float32Array.of(1e-38, 0, 0));
      index.add(2, Float32Array.of(0, 3e38, 3e38));
      await settle();

      expect((await index.search(x, 1))[0]).toEqual({ seq: 1, similarity: expect.closeTo(1, 5) });
      expect((await index.search(y, 1))[0]).toEqual({ seq: 2, similarity: expect.closeTo(Math.SQRT1_2, 5) });
    });

    test("changing the array afterwards does not change the index", async () => {
      const { index, settle } = await open(3);
      const vector = Float32Array.of(1, 0, 0);
      index.add(1, vector);
      vector.set([0, 1, 0]);
      await settle();

      expect((await index.search(x, 1))[0]?.similarity).toBeCloseTo(1, 6);
    });
  });
}
