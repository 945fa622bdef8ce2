import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HnswFile } from "../../../src/storage/vectors/hnsw-file.ts";
import { loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { HnswShards } from "../../../src/storage/vectors/hnsw-shards.ts";
import type { Database } from "../../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { DIMENSIONS, MODEL, PASSAGES, expectRight, graphOf, insert, open, savedFolder } from "./passages.ts";
import { randomVectors } from "./random.ts";

const damages: Record<string, (file: string, db: Database) => void> = {
  "a flipped bit near its start": (file) => {
    flip(file, 0.01);
  },
  "a flipped bit in its middle": (file) => {
    flip(file, 0.5);
  },
  "a flipped bit near its end": (file) => {
    flip(file, 0.99);
  },
  "its last byte missing": (file) => {
    truncateSync(file, readFileSync(file).length - 1);
  },
  "its second half missing": (file) => {
    truncateSync(file, readFileSync(file).length / 2);
  },
  "a byte too many": (file) => {
    writeFileSync(file, "x", { flag: "a" });
  },
  "nothing in it": (file) => {
    truncateSync(file, 0);
  },
  "zeros in it": (file) => {
    writeFileSync(file, Buffer.alloc(readFileSync(file).length));
  },
  "text in it": (file) => {
    writeFileSync(file, "no graph");
  },
  "a folder in its place": (file) => {
    rmSync(file);
    mkdirSync(file);
  },
  "no file at all": (file) => {
    rmSync(file);
  },
  "some of its middle from elsewhere": (file) => {
    const bytes = readFileSync(file);
    bytes.copy(bytes, Math.floor(bytes.length / 2), 0, 4096);
    writeFileSync(file, bytes);
  },
  "the header of another model": (_, db) => {
    replaceInHeader(db, `"model":"${MODEL}"`, '"model":"other-16"');
  },
  "the header of another checksum": (_, db) => {
    replaceInHeader(db, '"crc32":', '"crc32":1');
  },
  "no header": (_, db) => {
    db.prepare("DELETE FROM meta WHERE key = 'archival.hnsw'").run();
  },
  "a header that is no JSON": (_, db) => {
    db.prepare("UPDATE meta SET value = '{' WHERE key = 'archival.hnsw'").run();
  },
  "the header of another format": (_, db) => {
    replaceInHeader(db, '"format":4', '"format":3');
  },
  "the header of other settings": (_, db) => {
    replaceInHeader(db, '"m":16', '"m":32');
  },
  "the header of another dimension": (_, db) => {
    replaceInHeader(db, '"dimensions":16', '"dimensions":8');
  },
};

test.each(Object.entries(damages))("with %s the graph is rebuilt from the table", async (_, damage) => {
  const folder = await savedFolder();
  const it = await open(folder);
  damage(join(folder, "archival.hnsw"), it.db);

  await graphOf(it.vectors, PASSAGES);
  await expectRight(it);
});

test.each([
  { what: "with other dimensions", dimensions: 8 },
  { what: "by a model of the same name", dimensions: DIMENSIONS },
])("a graph of vectors that were rebuilt since, $what, is not read", async ({ dimensions }) => {
  const folder = await savedFolder();
  const { db, vectors, close } = await open(folder);
  vectors.collection.set({ model: MODEL, dimensions, generation: 1 });
  db.prepare("UPDATE passages SET embedding = substr(embedding, 1, ?)").run(4 * dimensions);
  await graphOf(vectors, PASSAGES);
  close();

  const it = await open(folder);
  const index = await graphOf(it.vectors, 0);
  expect(await index.search(new Float32Array(dimensions).fill(1), 5)).toHaveLength(5);
});

test("a database from a backup is not searched with the graph of a later one", async () => {
  const folder = await savedFolder();
  copyFileSync(join(folder, "agent.db"), join(folder, "backup"));
  const later = await open(folder);
  insert(later.db, randomVectors(30, DIMENSIONS, 2));
  await graphOf(later.vectors, 30);
  later.close();
  for (const name of readdirSync(folder)) if (name.startsWith("agent.db")) rmSync(join(folder, name));
  copyFileSync(join(folder, "backup"), join(folder, "agent.db"));

  const it = await open(folder);
  // These get the row numbers that others had in the later database.
  insert(it.db, randomVectors(30, DIMENSIONS, 3));
  await graphOf(it.vectors, PASSAGES + 30);
  await expectRight(it);
});

function flip(file: string, where: number): void {
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length * where);
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  writeFileSync(file, bytes);
}

function replaceInHeader(db: Database, from: string, to: string): void {
  const { changes } = db
    .prepare("UPDATE meta SET value = replace(value, ?, ?) WHERE key = 'archival.hnsw' AND value LIKE '%' || ? || '%'")
    .run(from, to, from);
  expect(changes).toBe(1);
}

test("a superseded, abandoned or crashed save leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "archival.hnsw");
  let header: string | undefined;
  const file = new HnswFile(
    path,
    { model: MODEL, dimensions: DIMENSIONS, generation: 0 },
    { get: () => header, set: (value) => (header = value) },
  );
  const library = await loadHnsw();
  const graph = new HnswShards({ library, dimensions: DIMENSIONS, kind: "dense" });
  for (const [seq, vector] of randomVectors(100, DIMENSIONS).entries()) graph.add(seq, vector);
  writeFileSync(`${path}.crashed.tmp`, "half a graph");

  const abandoned = file.save(graph, { seq: 99, toggle: 0 });
  file.abandon();
  await abandoned;
  expect(readdirSync(folder)).toEqual([]);

  const overtaken = file.save(graph, { seq: 99, toggle: 0 });
  graph.remove(1);
  file.saveNow(graph, { seq: 99, toggle: 1 });
  await overtaken;
  expect(readdirSync(folder)).toEqual(["archival.hnsw"]);
  const saved = await file.read(library);
  expect(saved?.position).toEqual({ seq: 99, toggle: 1 });
  expect(saved?.graph.size).toBe(99);
});
