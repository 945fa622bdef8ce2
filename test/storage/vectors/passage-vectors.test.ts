import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { HnswIndex } from "../../../src/storage/vectors/hnsw-index.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { DIMENSIONS, MODEL, PASSAGES, expectRight, graphOf, insert, open, savedFolder, setLive } from "./passages.ts";
import { randomVectors } from "./random.ts";

test("a few passages are compared one by one and make no file, until there are many", async () => {
  const folder = temporaryFolder();
  const it = await open(folder);
  insert(it.db, randomVectors(99, DIMENSIONS));
  expect(await it.vectors.index(MODEL)).toBeInstanceOf(ExactIndex);
  insert(it.db, randomVectors(1, DIMENSIONS, 2), it.vectors);

  await graphOf(it.vectors, 100);
  await expectRight(it);
  it.close();

  expect(readdirSync(folder).sort()).toEqual(["agent.db", "archival.hnsw"]);
});

test("what was saved is not built again", async () => {
  const it = await open(await savedFolder());

  await graphOf(it.vectors, 0);
  await expectRight(it);
});

test("passages that were added without a save are caught up with", async () => {
  const folder = await savedFolder();
  const writer = await open(folder);
  insert(writer.db, randomVectors(7, DIMENSIONS, 2));
  writer.close();

  const it = await open(folder);
  await graphOf(it.vectors, 7);
  await expectRight(it);
});

test("what was taken back is not found after opening again, and what came back is, without being built again", async () => {
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

test("without hnswlib-node exact search serves at every size, which is said once", async () => {
  const folder = temporaryFolder();
  const it = await open(folder, { load: () => Promise.reject(new Error("Cannot find package 'hnswlib-node'")) });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  await expectRight(it);
  insert(it.db, randomVectors(10, DIMENSIONS, 2), it.vectors);
  await expectRight(it);
  it.vectors.changed();
  await expectRight(it);

  expect(it.vectors.notices).toEqual([expect.stringContaining("hnswlib-node is not built for this machine")]);
  it.close();
  expect(existsSync(join(folder, "archival.hnsw"))).toBe(false);
});

test("a small archive does not ask for hnswlib-node, and so does not complain of its absence", async () => {
  const it = await open(temporaryFolder(), { load: () => Promise.reject(new Error("asked")) });
  insert(it.db, randomVectors(20, DIMENSIONS));
  await expectRight(it);

  expect(it.vectors.notices).toEqual([]);
});

test("if the graph cannot be built exact search serves from then on, which is said once", async () => {
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
  expect(it.vectors.notices).toEqual([expect.stringContaining("Not enough memory")]);
});

test("if the file cannot be saved the graph serves all the same, which is said", async () => {
  const folder = temporaryFolder();
  const it = await open(folder, { file: join(folder, "missing", "archival.hnsw") });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  await graphOf(it.vectors, PASSAGES);

  await expectRight(it);
  expect(it.vectors.notices).toEqual([expect.stringContaining("cannot be saved")]);
});

test("a reader uses the file and finds what is not in it, and writes nothing", async () => {
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

test("what another process adds and takes back is seen", async () => {
  const folder = await savedFolder();
  const it = await open(folder, { readonly: true });
  await expectRight(it);
  const writer = await open(folder);
  insert(writer.db, randomVectors(5, DIMENSIONS, 2));
  setLive(writer.db, [10, 20], 0);

  await expectRight(it);
});

test("what is added while the library is being loaded is found", async () => {
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

test.each([0, 100])("a passage whose vector cannot be used hides no other (graph from %d)", async (graphFrom) => {
  const it = await open(temporaryFolder(), { graphFrom: graphFrom === 0 ? 1_000 : graphFrom });
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  const bad = insert(it.db, [new Float32Array(DIMENSIONS), new Float32Array(3).fill(1)]);
  insert(it.db, [new Float32Array(DIMENSIONS).fill(Number.NaN)], it.vectors);

  const index = await it.vectors.index(MODEL);
  expect(index?.size).toBe(PASSAGES);
  const hits = (await index?.search(randomVectors(1, DIMENSIONS, 5)[0] ?? new Float32Array(), PASSAGES + 3)) ?? [];
  expect(hits).toHaveLength(PASSAGES);
  expect(hits.filter(({ seq }) => bad.includes(seq))).toEqual([]);
  expect(it.vectors.notices.length).toBeGreaterThan(0);
});

test("after any additions, retractions, revivals and restarts a search finds what exact search finds", async () => {
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
        }
      } finally {
        it.close();
      }
    }),
    { numRuns: 40 },
  );
});
