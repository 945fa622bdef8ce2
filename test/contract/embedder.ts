import { describe, expect, test } from "vitest";
import type { Embedder } from "../../src/ports/embedder.ts";

const TEXTS = ["My sister lives in Porto.", "The boat needs paint", "我在北京住了三年", "Grüße aus Köln, 42"];

/** What every Embedder must do. */
export function embedderContract(name: string, open: () => Promise<Embedder>): void {
  describe(`embedder: ${name}`, () => {
    test("gives one unit vector for each text, in order, all of the same length", async () => {
      const embedder = await open();

      const vectors = await embedder.embed(TEXTS);

      expect(vectors).toHaveLength(TEXTS.length);
      for (const vector of vectors) {
        expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 4);
        expect(vector).toHaveLength(vectors[0]?.length ?? 0);
      }
      expect(embedder.dimensions).toBe(vectors[0]?.length);
      const reversed = await embedder.embed(TEXTS.toReversed());
      expect(reversed.map((it) => it?.[0]?.toFixed(5))).toEqual(vectors.toReversed().map((it) => it?.[0]?.toFixed(5)));
    });

    test("gives equal texts equal vectors and different texts different ones, whatever else is embedded with them", async () => {
      const embedder = await open();

      const [first, second] = await embedder.embed(TEXTS);
      const [alone] = await embedder.embed([TEXTS[0] ?? ""]);

      expect(cosine(first, alone)).toBeCloseTo(1, 5);
      expect(cosine(first, second)).toBeLessThan(0.999);
    });

    test("has no vector for a text with nothing to embed, and keeps the places of the others", async () => {
      const embedder = await open();

      const [blank, text, spaces] = await embedder.embed(["", TEXTS[0] ?? "", " \n"]);

      expect([blank, spaces]).toEqual([null, null]);
      expect(text).toBeInstanceOf(Float32Array);
      expect(await embedder.embed([])).toEqual([]);
    });

    test("names its vector space and the cosine above which texts are related", async () => {
      const [one, other] = [await open(), await open()];

      expect(one.model).not.toBe("");
      expect(one.model).toBe(other.model);
      expect(one.minSimilarity).toBeGreaterThan(0);
      expect(one.minSimilarity).toBeLessThanOrEqual(1);
    });

    test("stops when its signal is aborted", async () => {
      const embedder = await open();

      await expect(embedder.embed(TEXTS, AbortSignal.abort(new Error("enough")))).rejects.toThrow();
    });
  });
}

function cosine(a: Float32Array | null | undefined, b: Float32Array | null | undefined): number {
  return [...(a ?? [])].reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0);
}
