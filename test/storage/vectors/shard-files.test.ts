import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { agentFolderAt } from "../../../src/storage/files/paths.ts";
import { copyAgentFiles } from "../../../src/storage/repository/copy-agent.ts";
import { SqliteAgentStore } from "../../../src/storage/sqlite/agent-store.ts";
import type { Database } from "../../../src/storage/sqlite/load-sqlite.ts";
import { HnswIndex } from "../../../src/storage/vectors/hnsw-index.ts";
import type { PassageVectorsOptions } from "../../../src/storage/sqlite/passage-vectors.ts";
import { VectorRows } from "../../../src/storage/sqlite/vector-rows.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { newState, passage, someAction } from "../support.ts";
import {
  DIMENSIONS,
  MODEL,
  type Opened,
  countRows,
  expectRight,
  expectRightInRanges,
  graphOf,
  insert,
  open,
  setLive,
} from "./passages.ts";
import { randomVectors } from "./random.ts";

const PASSAGES = 200;
const FILES = ["archival.hnsw", "archival.1.hnsw", "archival.2.hnsw", "archival.3.hnsw"];

function openSharded(folder: string, options: Partial<PassageVectorsOptions> = {}): Promise<Opened> {
  return open(folder, { shardSize: 60, ...options });
}

/** A folder with 200 passages in shards of 60, the last of 20. */
async function shardedFolder(): Promise<string> {
  const folder = temporaryFolder();
  const { db, vectors, close } = await openSharded(folder);
  insert(db, randomVectors(PASSAGES, DIMENSIONS));
  await graphOf(vectors, PASSAGES);
  close();
  expect(filesIn(folder)).toEqual([...FILES].sort());
  return folder;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("archival"))
    .sort();
}

/** The files that are others than they were. */
function changes(folder: string): () => string[] {
  const now = (): Map<string, string> =>
    new Map(
      filesIn(folder).map((name) => {
        const { ino, mtimeMs } = statSync(join(folder, name));
        return [name, `${ino} ${mtimeMs}`];
      }),
    );
  const before = now();
  return () => [...now()].filter(([name, identity]) => before.get(name) !== identity).map(([name]) => name);
}

function headerOf(db: Database): string {
  return db.prepare("SELECT value FROM meta WHERE key = 'archival.hnsw'").pluck().get() as string;
}

function setHeader(db: Database, header: string): void {
  db.prepare("UPDATE meta SET value = ? WHERE key = 'archival.hnsw'").run(header);
}

type Damage = {
  readonly what: string;
  readonly damage: (folder: string) => void;
  readonly lost: number;
  readonly written: string[];
};
const second = (folder: string): string => join(folder, "archival.1.hnsw");
const swap = (folder: string): void => {
  const third = join(folder, "archival.2.hnsw");
  renameSync(second(folder), join(folder, "aside"));
  renameSync(third, second(folder));
  renameSync(join(folder, "aside"), third);
};
const one = { lost: 60, written: ["archival.1.hnsw"] };
const damages: Damage[] = [
  {
    what: "missing",
    damage: (folder) => {
      rmSync(second(folder));
    },
    ...one,
  },
  {
    what: "cut off",
    damage: (folder) => {
      truncateSync(second(folder), 3_000);
    },
    ...one,
  },
  {
    what: "damaged",
    damage: (folder) => {
      const bytes = readFileSync(second(folder));
      bytes.writeUInt8(bytes.readUInt8(2_000) ^ 1, 2_000);
      writeFileSync(second(folder), bytes);
    },
    ...one,
  },
  {
    what: "that of another",
    damage: (folder) => {
      copyFileSync(join(folder, "archival.2.hnsw"), second(folder));
    },
    ...one,
  },
  {
    what: "missing, and the first too",
    damage: (folder) => {
      for (const name of ["archival.hnsw", "archival.1.hnsw"]) rmSync(join(folder, name));
    },
    lost: 120,
    written: ["archival.1.hnsw", "archival.hnsw"],
  },
  {
    what: "where the third was, and that in its place",
    damage: swap,
    lost: 120,
    written: ["archival.1.hnsw", "archival.2.hnsw"],
  },
];

test.each(damages)("if the second shard's file is $what, the others are used", async ({ damage, lost, ...it }) => {
  const folder = await shardedFolder();
  damage(folder);
  const changed = changes(folder);

  const first = await openSharded(folder);
  const index = await first.vectors.index(MODEL);
  expect(index).toMatchObject({ pending: lost });
  expect(await first.vectors.info()).toMatchObject({ removed: 0 });
  await expectRight(first);
  await expectRightInRanges(first);
  await first.vectors.built();
  first.close();

  // The last shard has room for 40 of them.
  expect(changed().sort()).toEqual([...it.written, "archival.3.hnsw"].sort());
  const second = await openSharded(folder);
  await graphOf(second.vectors, 0);
  await expectRight(second);
});

test("the index information counts a missing shard's vectors as pending", async () => {
  const folder = await shardedFolder();
  rmSync(join(folder, "archival.1.hnsw"));
  const it = await openSharded(folder, { readonly: true });

  expect(await it.vectors.info()).toMatchObject({ kind: "graph", vectors: 140, pending: 60, removed: 0 });
  await graphOf(it.vectors, 60);
  expect(await it.vectors.info()).toMatchObject({ vectors: 140, pending: 60 });
});

test("a shard file older than the database's record is not used, and later changes are correct", async () => {
  const folder = await shardedFolder();
  const last = join(folder, "archival.3.hnsw");
  copyFileSync(last, join(folder, "old"));
  const writer = await openSharded(folder);
  setLive(writer.db, [5, 190], 0);
  insert(writer.db, randomVectors(30, DIMENSIONS, 2), writer.vectors);
  writer.vectors.changed();
  await graphOf(writer.vectors, 30);
  writer.close();
  copyFileSync(join(folder, "old"), last);

  const it = await openSharded(folder);
  await graphOf(it.vectors, 49);
  await expectRight(it);
});

test("a shard file that was written but not recorded is not used; the others are, with what they lack", async () => {
  const folder = await shardedFolder();
  const writer = await openSharded(folder);
  await graphOf(writer.vectors, 0);
  const noted = headerOf(writer.db);
  setLive(writer.db, [5, 100, 190], 0);
  insert(writer.db, randomVectors(30, DIMENSIONS, 2), writer.vectors);
  writer.vectors.changed();
  const changed = changes(folder);
  await graphOf(writer.vectors, 30);
  expect(changed()).toEqual(["archival.3.hnsw"]);
  writer.close();
  // As if the process had ended in between.
  const { db } = await openSharded(folder);
  setHeader(db, noted);

  const it = await openSharded(folder);
  await graphOf(it.vectors, 49);
  await expectRight(it);
  setLive(it.db, [5, 100, 190], 1);
  it.vectors.changed();
  await expectRight(it);
});

test("with the previous format's header everything is rebuilt, and no file is left over", async () => {
  const folder = await shardedFolder();
  const it = await openSharded(folder, { shardSize: 150 });
  const { made, seq, toggle, shards } = JSON.parse(headerOf(it.db)) as {
    made: object;
    seq: number;
    toggle: number;
    shards: { bytes: number; crc32: number; removed: string }[];
  };
  setHeader(it.db, JSON.stringify({ made: { ...made, format: 3 }, ...shards[0], seq, toggle }));

  await graphOf(it.vectors, PASSAGES);
  await expectRight(it);
  expect(filesIn(folder)).toEqual(["archival.1.hnsw", "archival.hnsw"]);
});

test("shard files are removed when the rebuilt vectors are fewer", async () => {
  const folder = await shardedFolder();
  const it = await openSharded(folder);
  it.vectors.collection.set({ model: MODEL, dimensions: DIMENSIONS, generation: 1 });
  it.db.prepare("UPDATE passages SET embedding = NULL WHERE seq > 110").run();
  await graphOf(it.vectors, 110);

  expect(filesIn(folder)).toEqual(["archival.1.hnsw", "archival.hnsw"]);
  await expectSize(it, 110);
});

test("a shard is rebuilt by itself after most of it was undone", async () => {
  const folder = await shardedFolder();
  const first = await openSharded(folder);
  await graphOf(first.vectors, 0);
  const gone = Array.from({ length: 40 }, (_, i) => 61 + i);
  setLive(first.db, gone, 0);
  first.vectors.changed();
  // Notes that they are gone.
  insert(first.db, randomVectors(10, DIMENSIONS, 2), first.vectors);
  await graphOf(first.vectors, 10);
  first.close();
  const changed = changes(folder);

  const it = await openSharded(folder);
  expect(await it.vectors.info()).toMatchObject({ vectors: 150, pending: 20, removed: 0 });
  await graphOf(it.vectors, 20);
  await expectRight(it);
  setLive(it.db, gone, 1);
  it.vectors.changed();
  await it.vectors.built();
  await expectRight(it);

  expect(changed()).not.toContain("archival.hnsw");
  expect(changed()).not.toContain("archival.2.hnsw");
});

test("a partly rebuilt shard is continued without reading all later vectors", async () => {
  const folder = temporaryFolder();
  const settings = { shardSize: 1_000 };
  const writer = await openSharded(folder, settings);
  insert(writer.db, randomVectors(3_000, DIMENSIONS));
  await graphOf(writer.vectors, 3_000);
  writer.close();
  rmSync(join(folder, "archival.hnsw"));
  const first = await openSharded(folder, settings);
  const index = await first.vectors.index(MODEL);
  if (!(index instanceof HnswIndex)) throw new Error("Exact search serves.");
  expect(index.size).toBe(3_000);
  while (index.pending > 800) await new Promise((resolve) => setImmediate(resolve));
  first.close();
  const left = index.pending;
  expect(left).toBeGreaterThan(0);
  const reader = await openSharded(folder, { ...settings, readonly: true });
  expect(await reader.vectors.info()).toMatchObject({ vectors: 3_000 - left, pending: left });
  const reads = vi.spyOn(VectorRows.prototype, "after");
  onTestFinished(() => {
    reads.mockRestore();
  });

  const it = await openSharded(folder, settings);
  const again = await it.vectors.index(MODEL);
  expect(again instanceof HnswIndex && again.pending <= left).toBe(true);
  await expectRight(it);
  await it.vectors.built();
  await expectRight(it);
  expect(reads.mock.results.flatMap(({ value }): unknown => value)).toEqual([]);
});

test("closing while shards are being saved still saves them", async () => {
  const folder = temporaryFolder();
  const it = await openSharded(folder);
  insert(it.db, randomVectors(PASSAGES, DIMENSIONS));
  const index = await it.vectors.index(MODEL);
  if (!(index instanceof HnswIndex)) throw new Error("Exact search serves.");
  while (!filesIn(folder).some((name) => name.endsWith(".tmp"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(existsSync(join(folder, "archival.hnsw"))).toBe(false);

  it.close();
  await index.built();

  expect(filesIn(folder)).toEqual([...FILES].sort());
  const again = await openSharded(folder);
  await graphOf(again.vectors, 0);
  await expectRight(again);
});

test("undos and redos are recorded without rewriting shards or scanning every row", async () => {
  const folder = await shardedFolder();
  const changed = changes(folder);
  const first = await openSharded(folder);
  await graphOf(first.vectors, 0);
  setLive(first.db, [1, 2, 70], 0);
  setLive(first.db, [2], 1);
  insert(first.db, randomVectors(5, DIMENSIONS, 2), first.vectors);
  first.vectors.changed();
  await graphOf(first.vectors, 5);
  first.close();
  expect(changed()).toEqual(["archival.3.hnsw"]);
  const rows = countRows();

  const it = await openSharded(folder);
  await graphOf(it.vectors, 0);
  await expectRight(it);
  expect(rows()).toBe(0);
});

test("a copied agent with several shards uses their copies", async () => {
  const home = temporaryFolder();
  const [from, to] = ["sam", "twin"].map((name) => agentFolderAt(join(home, name), name));
  if (from === undefined || to === undefined) throw new Error("Two are needed.");
  mkdirSync(from.root);
  const store = await SqliteAgentStore.open({ file: from.database, graphFrom: 100, shardSize: 60 });
  await store.history.commit({
    action: someAction(),
    cause: "test",
    at: "2026-11-21T12:00:00.000Z",
    state: newState(),
    messages: [],
    passages: randomVectors(130, DIMENSIONS).map((vector, i) => passage(`p${i}`, "text", Array.from(vector))),
  });
  await store.indexed();
  await store.close();

  await copyAgentFiles(from, to, { id: "twin", now: () => "2026-11-21T12:01:00.000Z" });

  expect(filesIn(to.root)).toEqual(["archival.1.hnsw", "archival.2.hnsw", "archival.hnsw"]);
  const it = await openSharded(to.root);
  const { model = "" } = it.vectors.collection.current() ?? {};
  expect(await it.vectors.index(model)).toMatchObject({ pending: 0, size: 130 });
});

test("after any additions, undos, redos, losses and restarts the shards match the table", async () => {
  const pool = randomVectors(400, DIMENSIONS, 7);
  const action = fc.oneof(
    fc.record({ do: fc.constant("add" as const), count: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constant("toggle" as const), every: fc.integer({ min: 2, max: 9 }) }),
    fc.record({ do: fc.constant("lose" as const), number: fc.integer({ min: 0, max: 8 }) }),
    fc.record({ do: fc.constant("restore" as const), number: fc.integer({ min: 0, max: 8 }) }),
    fc.record({ do: fc.constantFrom("reopen" as const, "build" as const, "forget" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 16 }), async (actions) => {
      const folder = temporaryFolder();
      const settings = { graphFrom: 20, shardSize: 15 };
      const file = (number: number): string => join(folder, number === 0 ? "archival.hnsw" : `archival.${number}.hnsw`);
      let it = await open(folder, settings);
      let next = 0;
      let noted: string | undefined;
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
            case "build":
              await it.vectors.built();
              break;
            case "lose":
              if (existsSync(file(step.number))) renameSync(file(step.number), `${file(step.number)}.old`);
              break;
            case "restore":
              if (existsSync(`${file(step.number)}.old`)) copyFileSync(`${file(step.number)}.old`, file(step.number));
              break;
            case "forget": {
              // The header of an earlier save is there again, as if none had been noted since.
              it.close();
              it = await open(folder, settings);
              const now = it.db.prepare("SELECT value FROM meta WHERE key = 'archival.hnsw'").pluck().get();
              if (noted !== undefined) setHeader(it.db, noted);
              noted = typeof now === "string" ? now : undefined;
              break;
            }
            case "reopen":
              it.close();
              it = await open(folder, settings);
              break;
          }
          await expectRight(it);
        }
      } finally {
        it.close();
      }
    }),
    { numRuns: 60 },
  );
});

async function expectSize({ vectors }: Opened, size: number): Promise<void> {
  expect((await vectors.index(MODEL))?.size).toBe(size);
}
