import { rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { VectorIndexInfo } from "../../../src/ports/maintenance.ts";
import { HnswFile } from "../../../src/storage/vectors/hnsw-file.ts";
import { loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { HnswIndex } from "../../../src/storage/vectors/hnsw-index.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { DIMENSIONS, MODEL, PASSAGES, graphOf, insert, open, savedFolder, setLive } from "./passages.ts";
import { randomVectors } from "./random.ts";

test("the index information matches what opening it finds, without opening it", async () => {
  const folder = await savedFolder();
  const reads = vi.spyOn(HnswFile.prototype, "read");
  onTestFinished(() => {
    reads.mockRestore();
  });
  const described = async (): Promise<VectorIndexInfo> => {
    const reader = await open(folder, { readonly: true });
    reads.mockClear();
    const told = await reader.vectors.info();
    expect(reads).not.toHaveBeenCalled();
    const index = await reader.vectors.index(MODEL);
    const pending = index instanceof HnswIndex ? index.pending : index?.size;
    expect(told).toMatchObject({ pending, vectors: (index?.size ?? 0) - (pending ?? 0) });
    reader.close();
    return told;
  };
  expect(await described()).toMatchObject({ kind: "graph", vectors: 200, pending: 0, removed: 0 });

  // Not in the file: 30 that were added, 3 that are gone, of which one has come back.
  const first = await open(folder);
  insert(first.db, randomVectors(30, DIMENSIONS, 2));
  setLive(first.db, [1, 2, 3, 230], 0);
  setLive(first.db, [3], 1);
  expect(await described()).toMatchObject({ vectors: 198, pending: 29, removed: 2 });

  await graphOf(first.vectors, 29);
  first.close();
  expect(await described()).toMatchObject({ vectors: 227, pending: 0, removed: 2 });

  // One that the file knows to be gone, one that it does not know of, one that it holds.
  const second = await open(folder);
  setLive(second.db, [1, 230], 1);
  setLive(second.db, [4], 0);
  expect(await described()).toMatchObject({ vectors: 227, pending: 1, removed: 2 });

  const file = join(folder, "archival.hnsw");
  truncateSync(file, 1_000);
  expect(await described()).toMatchObject({ vectors: 0, pending: 228, removed: 0, fileBytes: 1_000 });
  rmSync(file);
  expect(await described()).toMatchObject({ kind: "graph", vectors: 0, pending: 228, removed: 0, fileBytes: 0 });
});

test("a graph that will be rebuilt, because most of it was removed or its vectors changed, is not reported", async () => {
  const folder = await savedFolder();
  const it = await open(folder);
  await graphOf(it.vectors, 0);
  setLive(
    it.db,
    Array.from({ length: 120 }, (_, i) => i + 1),
    0,
  );
  it.vectors.changed();
  // Too few for who opens it to read the file.
  expect(await it.vectors.info()).toMatchObject({ kind: "exact", vectors: 80, pending: 0, removed: 0 });

  // Saved with those in it.
  insert(it.db, randomVectors(30, DIMENSIONS, 2), it.vectors);
  await graphOf(it.vectors, 30);
  expect(await it.vectors.info()).toMatchObject({ kind: "graph", vectors: 0, pending: 110, removed: 0 });

  setLive(it.db, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 1);
  it.vectors.changed();
  await graphOf(it.vectors, 0);
  insert(it.db, randomVectors(20, DIMENSIONS, 3), it.vectors);
  await graphOf(it.vectors, 20);
  expect(await it.vectors.info()).toMatchObject({ vectors: 140, pending: 0, removed: 110 });
  it.vectors.collection.set({ model: MODEL, dimensions: DIMENSIONS, generation: 1 });
  expect(await it.vectors.info()).toMatchObject({ vectors: 0, pending: 140, removed: 0 });
});

test.each([
  { what: "few", count: 50, load: loadHnsw },
  { what: "many, without hnswlib-node,", count: PASSAGES, load: () => Promise.reject(new Error("not installed")) },
])("the index of $what passages is reported as exact, with its memory use", async ({ count, load }) => {
  const it = await open(temporaryFolder(), { load });
  expect(await it.vectors.info()).toEqual({
    kind: "none",
    vectors: 0,
    pending: 0,
    removed: 0,
    memoryBytes: 0,
    fileBytes: 0,
  });
  insert(it.db, randomVectors(count, DIMENSIONS));
  it.db.prepare("UPDATE passages SET embedding = NULL WHERE seq = 1").run();

  const { memoryBytes, ...told } = await it.vectors.info();

  expect(told).toEqual({ kind: "exact", vectors: count - 1, pending: 0, removed: 0, fileBytes: 0 });
  expect(memoryBytes).toBeGreaterThan(256 * DIMENSIONS * 4);
  expect(memoryBytes).toBeLessThan(256 * (DIMENSIONS * 4 + 100));
});
