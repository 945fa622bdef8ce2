import { expect, test } from "vitest";
import { SqliteArchivalStorage } from "../../../src/storage/sqlite/archival.ts";
import { FullTextIndexes } from "../../../src/storage/sqlite/full-text.ts";
import { type LoadHnsw, loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { DIMENSIONS, MODEL, open, savedFolder } from "./passages.ts";
import { randomVectors } from "./random.ts";

const TEXT = "Where is the harbour?";

/** Archival storage with a saved graph. `reads` resolves when the library begins to read it. */
async function opened() {
  let begin = (): void => undefined;
  const reads = new Promise<string>((resolve) => {
    begin = () => {
      resolve("reads");
    };
  });
  const load: LoadHnsw = async () => {
    const { HierarchicalNSW } = await loadHnsw();
    class Watched extends HierarchicalNSW {
      override async readIndex(file: string): Promise<boolean> {
        begin();
        return super.readIndex(file);
      }
    }
    return { HierarchicalNSW: Watched };
  };
  const { db, vectors, notices } = await open(await savedFolder(), { load });
  const fullText = new FullTextIndexes(db, { isReadonly: false, notify: notices.add });
  return { storage: new SqliteArchivalStorage(db, fullText, vectors), reads };
}

test("a graph is read as soon as a query will need it, and not only once the query is embedded", async () => {
  const { storage, reads } = await opened();

  expect(await storage.usesVector(TEXT, MODEL)).toBe(true);

  expect(await reads).toBe("reads");
});

test("a search goes on once the graph's file is checked, to work while another thread reads it", async () => {
  const { storage, reads } = await opened();
  const [vector = new Float32Array(DIMENSIONS)] = randomVectors(1, DIMENSIONS);

  const compared = await storage.searchable.vectorsFor({ text: TEXT, embedding: { model: MODEL, vector } });

  expect(await Promise.race([reads, Promise.resolve("does not read")])).toBe("reads");
  expect(await compared?.nearest(5)).toHaveLength(5);
});
