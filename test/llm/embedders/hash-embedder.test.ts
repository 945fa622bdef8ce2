import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HashEmbedder } from "../../../src/llm/embedders/hash-embedder.ts";

test("its vectors are those of every version before, since stored ones are compared with them", async () => {
  const texts = [
    "The river, the RIVER and a rivulet: naïve cafés, ﬁne ①.",
    "日本語の文章です。これは日本語です。",
    "𝒜𝒷𝒸 𝒜𝒷𝒸𝒹 \u1fff\u2000\u2001 ab ⲀⲁⲂ",
    "x".repeat(3_000),
    "a b c a b",
    "aa\u2c85 ab\u0c85",
    "…!",
    Array.from({ length: 400 }, (_, i) => `word${i % 37} ${i}`).join(" "),
  ];

  const vectors = await new HashEmbedder().embed(texts);

  const sum = createHash("sha256");
  for (const vector of vectors) sum.update(vector === null ? "null" : new Uint8Array(vector.buffer));
  expect(vectors.map((vector) => vector === null)).toEqual([false, false, false, false, false, false, true, false]);
  expect(sum.digest("hex")).toBe("6d4c7da11787276707dc792cb6ad6f11c0b713de6e5a9c2533ea7887d2c3605e");
});
