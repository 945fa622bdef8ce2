import { expect, test } from "vitest";
import { HashEmbedder } from "../../src/llm/embedders/hash-embedder.ts";
import type { EmbeddedPassage } from "../../src/schema/passage.ts";
import { passage, storeWith } from "./support.ts";

const FIRST = { page: 0, size: 20 };
const NOW = "2026-11-01T12:00:00.000Z";

const keptOn = (id: string, day: string, text: string): EmbeddedPassage => ({
  ...passage(id, text),
  createdAt: `${day}T12:00:00.000Z`,
});

test.each([
  ["whose concert was it last May?", "muse"],
  ["concert in August", "blur"],
  ["concert May 2025", "adele"],
  ["which concert was it yesterday", "air"],
])("a query with a time favours what was stored then: %s", async (text, id) => {
  const store = await storeWith(
    [],
    [
      keptOn("adele", "2025-05-10", "The concert was by Adele"),
      keptOn("muse", "2026-05-10", "The concert was by Muse"),
      keptOn("blur", "2026-08-10", "The concert was by Blur"),
      keptOn("air", "2026-10-31", "The concert was by Air"),
    ],
  );

  const { items, total } = await store.archival.search({ text, now: NOW }, FIRST);

  expect(items[0]?.id).toBe(id);
  expect(items[0]?.signals["time"]).toBeGreaterThan(0);
  expect(items.filter(({ signals }) => "time" in signals)).toHaveLength(1);
  expect(total).toBe(4);
});

test("results of the built-in vectors are listed only if no text has the words", async () => {
  const embedder = new HashEmbedder();
  const texts = [
    "Our restaurant closes at ten",
    "The best restaurant of the town",
    "A restful afternoon in the restroom",
  ];
  const vectors = await embedder.embed([...texts, "restaurant", "restarant"]);
  const embedded = (i: number) => ({ model: embedder.model, vector: vectors[i] ?? new Float32Array() });
  const store = await storeWith(
    [],
    texts.map((text, i) => ({ ...passage(`p${i}`, text), embedding: embedded(i) })),
  );
  const search = (text: string, i: number) =>
    store.archival.search({ text, embedding: embedded(i), minSimilarity: 0.05 }, FIRST);

  const right = await search("restaurant", 3);
  const slip = await search("restarant", 4);

  expect({ total: right.total, ids: right.items.map(({ id }) => id).sort() }).toEqual({ total: 2, ids: ["p0", "p1"] });
  expect(slip.items[0]?.text).toContain("restaurant");
  expect(slip.total).toBe(slip.items.length);
});
