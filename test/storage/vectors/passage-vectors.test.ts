import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { HnswFile } from "../../../src/storage/vectors/hnsw-file.ts";
import { loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { HnswIndex } from "../../../src/storage/vectors/hnsw-index.ts";
import { VectorRows } from "../../../src/storage/sqlite/vector-rows.ts";
import { temporaryFolder } from "../../support/agents.ts";
import {
  DIMENSIONS,
  MODEL,
  PASSAGES,
  expectRight,
  expectRightInRanges,
  graphOf,
  insert,
  open,
  savedFolder,
  setLive,
  countRows,
} from "./passages.ts";
import { randomVectors } from "./random.ts";

test("a few passages are compared one by one and make no file, until there are many", async () => {
  const folder = temporaryFolder();
  const it = await open(folder);
  insert(it.db, randomVectors(99, DIMENSIONS));
  expect(await it.vectors.index(MODEL)).toBeInstanceOf(ExactIndex);
  insert(it.db, randomVectors(1, DIMENSIONS, 2), it.vectors);

  await graphOf(it.vectors, 100);
  await expectRight(it);
  await expectRightInRanges(it);
  it.close();

  expect(readdirSync(folder).sort()).toEqual(["agent.db", "archival.hnsw"]);
});

test("a saved graph is not rebuilt", async () => {
  const it = await open(await savedFolder());

  await graphOf(it.vectors, 0);
  await expectRight(it);
});

test("passages added without a save are caught up on", async () => {
  const folder = await savedFolder();
  const writer = await open(folder);
  insert(writer.db, randomVectors(7, DIMENSIONS, 2));
  writer.close();

  const it = await open(folder);
  await graphOf(it.vectors, 7);
  await expectRight(it);
});

test("after reopening, undone vectors are not found and redone ones are, without rebuilding", async () => {
  const folder = await savedFolder();
  const first = await open(folder);
  await graphOf(first.vectors, 0);
  setLive(first.db, [1, 2, 3, 50], 0);
  first.vectors.changed();
  await expectRight(first);
  // Saves, with those rows in the file.
  insert(first.db, randomVectors(20, DIMENSIONS, 2), first.vectors);
  await graphOf(first.vectors, 20);
  await expectRight(first);
  first.close();

  const second = await open(folder);
  await graphOf(second.vectors, 0);
  await expectRight(second);
  setLive(second.db, [2, 50], 1);
  setLive(second.db, [4, 210], 0);
  second.vectors.changed();
  await graphOf(second.vectors, 0);
  await expectRight(second);
  second.close();

  const third = await open(folder);
  await graphOf(third.vectors, 0);
  await expectRight(third);
});

test("neither opening nor additions, undos and redos scan every row", async () => {
  const folder = await savedFolder();
  const rows = countRows();
  const it = await open(folder);
  await graphOf(it.vectors, 0);
  insert(it.db, randomVectors(30, DIMENSIONS, 2), it.vectors);
  setLive(it.db, [5, 210, 211], 0);
  it.vectors.changed();
  await expectRight(it);
  setLive(it.db, [5, 211], 1);
  setLive(it.db, [6], 0);
  it.vectors.changed();
  await expectRight(it);
  await it.vectors.built();
  // Not in the file.
  setLive(it.db, [8], 0);
  it.close();

  const again = await open(folder);
  await graphOf(again.vectors, 0);
  await expectRight(again);
  // Another program, or an older one.
  insert(again.db, randomVectors(3, DIMENSIONS, 3));
  setLive(again.db, [7, 231], 0);
  again.vectors.changed();
  await expectRight(again);

  // Those that another program added, but for the one that it took back.
  expect(rows()).toBe(2);
});

test("follows thousands of undos and redos, some repeated", async () => {
  const it = await open(temporaryFolder());
  insert(it.db, randomVectors(1_500, DIMENSIONS));
  await it.vectors.index(MODEL);
  await it.vectors.built();
  const rows = countRows();
  it.db.prepare("UPDATE passages SET live = 0").run();
  it.vectors.changed();
  expect((await it.vectors.index(MODEL))?.size).toBe(0);
  const all = it.db.transaction(() => {
    it.db.prepare("UPDATE passages SET live = 1").run();
    it.db.prepare("UPDATE passages SET live = 0 WHERE seq <= 700").run();
    it.db.prepare("UPDATE passages SET live = 1 WHERE seq <= 600").run();
  });

  all();
  it.vectors.changed();

  expect((await it.vectors.index(MODEL))?.size).toBe(1_400);
  expect(rows()).toBe(0);
  await expectRight(it);
});

test("a graph whose vectors are rebuilt meanwhile is neither extended nor saved", async () => {
  const it = await open(temporaryFolder());
  const saves = vi.spyOn(HnswFile.prototype, "save");
  onTestFinished(() => {
    saves.mockRestore();
  });
  insert(it.db, randomVectors(1_000, DIMENSIONS));
  const old = await it.vectors.index(MODEL);
  it.vectors.collection.set({ model: MODEL, dimensions: DIMENSIONS, generation: 1 });
  it.vectors.changed();

  await it.vectors.built();
  if (old instanceof HnswIndex) await old.built();

  expect(old).not.toBe(await it.vectors.index(MODEL));
  expect(saves).toHaveBeenCalledOnce();
  await expectRight(it);
});

test("vectors that vanish from the table are not found", async () => {
  const it = await open(await savedFolder());
  await graphOf(it.vectors, 0);
  it.db.prepare("UPDATE passages SET embedding = NULL WHERE seq % 2 = 0").run();
  it.vectors.changed();

  const index = await it.vectors.index(MODEL);

  expect(index?.size).toBe(PASSAGES / 2);
  expect(index?.seqs().filter((seq) => seq % 2 === 0)).toEqual([]);
});

test("a half-built saved graph is continued without scanning every row", async () => {
  const folder = temporaryFolder();
  const first = await open(folder);
  insert(first.db, randomVectors(2_000, DIMENSIONS));
  const index = await first.vectors.index(MODEL);
  if (!(index instanceof HnswIndex)) throw new Error("Exact search serves.");
  while (index.pending > 1_500) await new Promise((resolve) => setImmediate(resolve));
  first.close();
  const left = index.pending;
  expect(left).toBeGreaterThan(0);
  const rows = countRows();

  const it = await open(folder);
  const again = await it.vectors.index(MODEL);
  expect(again).toBeInstanceOf(HnswIndex);
  // Some may have been added to the graph while the rows were read.
  expect(again instanceof HnswIndex && again.pending <= left).toBe(true);
  expect(again?.size).toBe(2_000);
  expect(rows()).toBeLessThanOrEqual(left + 500);
  await it.vectors.built();
  await expectRight(it);
});

test("a graph is rebuilt from what is left after most was undone", async () => {
  const folder = await savedFolder();
  const first = await open(folder);
  await graphOf(first.vectors, 0);
  // Saved with these in it.
  setLive(
    first.db,
    Array.from({ length: 120 }, (_, i) => i + 1),
    0,
  );
  first.vectors.changed();
  insert(first.db, randomVectors(30, DIMENSIONS, 2), first.vectors);
  await graphOf(first.vectors, 30);
  first.close();
  const large = readFileSync(join(folder, "archival.hnsw")).length;

  const it = await open(folder);
  await graphOf(it.vectors, 110);
  await expectRight(it);
  it.close();

  expect(readFileSync(join(folder, "archival.hnsw")).length).toBeLessThan(large / 2);
});

test("the graph is built and saved even if nobody searches", async () => {
  const folder = temporaryFolder();
  const it = await open(folder);
  for (let batch = 0; batch < 12; batch += 1) {
    insert(it.db, randomVectors(100, DIMENSIONS, batch + 1), it.vectors);
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (!existsSync(join(folder, "archival.hnsw"))) await new Promise((resolve) => setImmediate(resolve));
  it.close();

  const again = await open(folder);
  const index = await again.vectors.index(MODEL);
  expect(index).toBeInstanceOf(HnswIndex);
  expect(index?.size).toBe(1_200);
});

test.each([
  { what: "dense", zeros: 0, kind: "dense" },
  { what: "mostly zeros", zeros: 12, kind: "sparse" },
])("the graph of vectors that are $what has the settings for them", async ({ zeros, kind }) => {
  const folder = temporaryFolder();
  const it = await open(folder);
  insert(
    it.db,
    randomVectors(PASSAGES, DIMENSIONS).map((vector) => vector.fill(0, 0, zeros)),
  );
  await graphOf(it.vectors, PASSAGES);
  it.close();

  const again = await open(folder);
  await graphOf(again.vectors, 0);
  await expectRight(again);
  const header = again.db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'archival.hnsw'").get();
  expect(header?.value).toContain(`"kind":"${kind}"`);
});

test("without hnswlib-node, search is exact at every size, with one notice", async () => {
  const folder = temporaryFolder();
  const it = await open(folder, { load: () => Promise.reject(new Error("Cannot find package 'hnswlib-node'")) });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  await expectRight(it);
  insert(it.db, randomVectors(10, DIMENSIONS, 2), it.vectors);
  await expectRight(it);
  it.vectors.changed();
  await expectRight(it);
  await expectRightInRanges(it);

  expect(it.notices.all).toEqual([expect.stringContaining("hnswlib-node is not built for this machine")]);
  it.close();
  expect(existsSync(join(folder, "archival.hnsw"))).toBe(false);
});

test("a small archive does not need hnswlib-node, and does not report its absence", async () => {
  const it = await open(temporaryFolder(), { load: () => Promise.reject(new Error("asked")) });
  insert(it.db, randomVectors(20, DIMENSIONS));
  await expectRight(it);

  expect(it.notices.all).toEqual([]);
});

test("if the graph cannot be built, search is exact from then on, with one notice", async () => {
  const { HierarchicalNSW } = await loadHnsw();
  let added = 0;
  class Failing extends HierarchicalNSW {
    override addPoint(point: number[], label: number): void {
      added += 1;
      if (added > 50) throw new Error("Not enough memory");
      super.addPoint(point, label);
    }
  }
  const it = await open(temporaryFolder(), { load: () => Promise.resolve({ HierarchicalNSW: Failing }) });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  await graphOf(it.vectors, PASSAGES);

  await expectRight(it);
  expect(await it.vectors.index(MODEL)).toBeInstanceOf(ExactIndex);
  expect(it.notices.all).toEqual([expect.stringContaining("Not enough memory")]);
});

test("if the file cannot be saved, the graph is still used, with a notice", async () => {
  const folder = temporaryFolder();
  const it = await open(folder, { file: join(folder, "missing", "archival.hnsw") });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  await graphOf(it.vectors, PASSAGES);

  await expectRight(it);
  expect(it.notices.all).toEqual([expect.stringContaining("cannot be saved")]);
});

test("a reader uses the file, finds what it lacks, and writes nothing", async () => {
  const folder = await savedFolder();
  const writer = await open(folder);
  insert(writer.db, randomVectors(50, DIMENSIONS, 2));
  const before = readFileSync(join(folder, "archival.hnsw"));

  const reader = await open(folder, { readonly: true });
  await graphOf(reader.vectors, 50);
  await graphOf(reader.vectors, 50);
  await expectRight(reader);
  reader.close();

  expect(readFileSync(join(folder, "archival.hnsw")).equals(before)).toBe(true);
});

test("sees what another process adds and undoes", async () => {
  const folder = await savedFolder();
  const it = await open(folder, { readonly: true });
  await expectRight(it);
  const writer = await open(folder);
  insert(writer.db, randomVectors(5, DIMENSIONS, 2));
  setLive(writer.db, [10, 20], 0);

  await expectRight(it);
});

test("finds what is added while the library is loading", async () => {
  let loaded = (): void => undefined;
  const loading = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  const it = await open(temporaryFolder(), { load: () => loading.then(loadHnsw) });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  const both = [it.vectors.index(MODEL), it.vectors.index(MODEL)];
  insert(it.db, randomVectors(5, DIMENSIONS, 2), it.vectors);
  setLive(it.db, [3], 0);
  it.vectors.changed();
  loaded();

  const [one, other] = await Promise.all(both);
  expect(one).toBe(other);
  expect(one?.size).toBe(PASSAGES + 4);
  await expectRight(it);
});

test.each([0, 100])("a passage with an unusable vector hides no other (graph from %d)", async (graphFrom) => {
  const it = await open(temporaryFolder(), { graphFrom: graphFrom === 0 ? 1_000 : graphFrom });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  const bad = insert(it.db, [new Float32Array(DIMENSIONS), new Float32Array(3).fill(1)]);
  insert(it.db, [new Float32Array(DIMENSIONS).fill(Number.NaN)], it.vectors);

  const [vector = new Float32Array()] = randomVectors(1, DIMENSIONS, 5);
  const ofJanuary = await it.vectors.nearest({ model: MODEL, vector }, 50, { from: "2026-01", to: "2026-02" });
  expect(ofJanuary).toHaveLength(17);
  expect(ofJanuary.filter(({ seq }) => bad.includes(seq))).toEqual([]);
  const index = await it.vectors.index(MODEL);
  expect(index?.size).toBe(PASSAGES);
  const hits = (await index?.search(vector, PASSAGES + 3)) ?? [];
  expect(hits).toHaveLength(PASSAGES);
  expect(hits.filter(({ seq }) => bad.includes(seq))).toEqual([]);
  expect(it.notices.all.length).toBeGreaterThan(0);
});

test("finding a few passages of a range neither loads nor builds a graph", async () => {
  const folder = await savedFolder();
  const reads = vi.spyOn(HnswFile.prototype, "read");
  onTestFinished(() => {
    reads.mockRestore();
  });
  const it = await open(folder, { load: () => Promise.reject(new Error("asked")) });
  const [vector = new Float32Array()] = randomVectors(1, DIMENSIONS, 5);

  const found = await it.vectors.nearest({ model: MODEL, vector }, 50, { from: "2026-05", to: "2026-07" });

  expect(found).toHaveLength(34);
  expect(reads).not.toHaveBeenCalled();
  expect(it.notices.all).toEqual([]);
});

test("comparing a range in portions finds the same as at once", async () => {
  const it = await open(temporaryFolder(), { graphFrom: 1_450 });
  insert(it.db, randomVectors(1_500, DIMENSIONS));

  await expectRightInRanges(it);
});

test.each([
  { what: "by another model", model: "other", found: 0, says: [expect.stringContaining("not with random-16")] },
  { what: "by a model of the same name", model: MODEL, found: 20, says: [] },
])("vectors of a range rebuilt $what during the comparison are not mixed with the old ones", async (given) => {
  const it = await open(temporaryFolder(), { graphFrom: 1_000 });
  insert(it.db, randomVectors(1_500, DIMENSIONS));
  const [vector = new Float32Array()] = randomVectors(1, DIMENSIONS, 5);
  const range = { from: "2026-01", to: "2026-08" };

  const finding = it.vectors.nearest({ model: MODEL, vector }, 20, range);
  const reading = vi.spyOn(VectorRows.prototype, "some");
  onTestFinished(() => {
    reading.mockRestore();
  });
  while (reading.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  it.vectors.collection.set({ model: given.model, dimensions: DIMENSIONS, generation: 1 });
  it.db.prepare("UPDATE passages SET embedding = (SELECT embedding FROM passages WHERE seq = 1)").run();
  it.vectors.changed();
  const found = await finding;

  expect(found).toHaveLength(given.found);
  // All are equally similar now, so that the newest come first.
  expect(found.map(({ seq }) => seq)).toEqual(found.map(({ seq }) => seq).sort((a, b) => b - a));
  expect(it.notices.all).toEqual(given.says);
});

test("after any additions, undos, redos and restarts a search finds what exact search finds", async () => {
  const pool = randomVectors(400, DIMENSIONS, 7);
  const action = fc.oneof(
    fc.record({ do: fc.constant("add" as const), count: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constant("toggle" as const), every: fc.integer({ min: 2, max: 9 }) }),
    fc.record({ do: fc.constantFrom("reopen" as const, "lose" as const, "build" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 12 }), async (actions) => {
      const folder = temporaryFolder();
      let it = await open(folder, { graphFrom: 20 });
      let next = 0;
      try {
        for (const step of actions) {
          switch (step.do) {
            case "add": {
              insert(it.db, pool.slice(next, next + step.count), it.vectors);
              next += step.count;
              break;
            }
            case "toggle":
              it.db.prepare("UPDATE passages SET live = 1 - live WHERE seq % ? = 0").run(step.every);
              it.vectors.changed();
              break;
            case "build": {
              const index = await it.vectors.index(MODEL);
              if (index instanceof HnswIndex) await index.built();
              break;
            }
            case "lose":
              rmSync(join(folder, "archival.hnsw"), { force: true });
              break;
            case "reopen":
              it.close();
              it = await open(folder, { graphFrom: 20 });
              break;
          }
          await expectRight(it);
          await expectRightInRanges(it);
        }
      } finally {
        it.close();
      }
    }),
    { numRuns: 40 },
  );
});
