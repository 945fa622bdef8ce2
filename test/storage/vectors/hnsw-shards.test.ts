import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { HnswFile } from "../../../src/storage/vectors/hnsw-file.ts";
import { loadHnsw } from "../../../src/storage/vectors/hnsw-graph.ts";
import { HnswShards } from "../../../src/storage/vectors/hnsw-shards.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { randomVectors } from "./random.ts";

const DIMENSIONS = 24;
const SHARD_SIZE = 100;
const NAMES = ["archival.1.hnsw", "archival.2.hnsw", "archival.hnsw"];
const vectors = randomVectors(600, DIMENSIONS);
const at = (seq: number): Float32Array => vectors[seq] ?? new Float32Array();

/** Shards with the rows from 0 to `count`. */
async function newShards(count: number): Promise<HnswShards> {
  const library = await loadHnsw();
  const shards = new HnswShards({ library, dimensions: DIMENSIONS, kind: "dense", shardSize: SHARD_SIZE });
  for (let seq = 0; seq < count; seq += 1) shards.add(seq, at(seq));
  return shards;
}

type Files = { readonly folder: string; readonly file: HnswFile; readonly header: { value?: string } };

function newFiles(): Files {
  const folder = temporaryFolder();
  const header: Files["header"] = {};
  const file = new HnswFile(
    join(folder, "archival.hnsw"),
    { model: "random-24", dimensions: DIMENSIONS, generation: 0 },
    { get: () => header.value, set: (value) => (header.value = value) },
  );
  return { folder, file, header };
}

async function readBack(file: HnswFile): Promise<HnswShards> {
  const read = await file.read(await loadHnsw(), { shardSize: SHARD_SIZE });
  if (read === undefined) throw new Error("Nothing was read.");
  return read.graph;
}

/** What tells whether a file is still the same. */
function identities(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => !name.endsWith(".tmp"));
  return Object.fromEntries(
    names.map((name) => [name, ((it) => `${it.ino} ${it.mtimeMs}`)(statSync(join(folder, name)))]),
  );
}

function nearest(shards: HnswShards, seq: number): number | undefined {
  return shards.search(at(seq), 1)[0]?.seq;
}

const position = { seq: 0, toggle: 0 };

test("vectors go into the first shard with room, and all shards are searched as one", async () => {
  const shards = await newShards(250);
  const exact = new ExactIndex(DIMENSIONS);
  for (let seq = 0; seq < 250; seq += 1) exact.add(seq, at(seq));

  expect(shards.shards.map(({ number, graph }) => [number, graph.count])).toEqual([
    [0, 100],
    [1, 100],
    [2, 50],
  ]);
  expect(shards.size).toBe(250);
  expect(shards.seqs().sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, seq) => seq));
  for (const query of randomVectors(20, DIMENSIONS, 2)) {
    const found = shards.search(query, 30).map(({ seq }) => seq);
    expect(found).toEqual((await exact.search(query, 30)).map(({ seq }) => seq));
  }
});

test("a row stays in its shard when removed, restored or given another vector, and none takes its place", async () => {
  const shards = await newShards(250);
  shards.remove(5);
  shards.remove(5);
  shards.remove(1_000);
  shards.add(300, at(300));
  expect(nearest(shards, 5)).not.toBe(5);
  expect(shards.size).toBe(250);

  expect(shards.revive(5, at(6))).toBe(false);
  expect(shards.revive(5, at(5))).toBe(true);
  expect(shards.revive(1_000, at(5))).toBe(false);
  expect(nearest(shards, 5)).toBe(5);

  shards.remove(7);
  shards.add(7, at(400));
  expect(nearest(shards, 400)).toBe(7);
  expect(shards.search(at(7), 251).filter(({ seq }) => seq === 7)).toHaveLength(1);
  expect(shards.shards.map(({ graph }) => graph.count)).toEqual([100, 100, 51]);
});

test("every shard is read as saved, and only those with additions are rewritten", async () => {
  const { folder, file } = newFiles();
  const shards = await newShards(250);
  shards.remove(150);
  await file.save(shards, position);
  const first = identities(folder);
  expect(readdirSync(folder).sort()).toEqual(NAMES);

  shards.add(250, at(250));
  await file.save(shards, position);
  const second = identities(folder);
  expect(NAMES.filter((name) => first[name] !== second[name])).toEqual(["archival.2.hnsw"]);

  const again = await readBack(file);
  expect(again.changed).toEqual([]);
  expect(again.unwritten).toBe(0);
  again.add(150, at(500));
  expect(again.unwritten).toBe(100);
  file.saveNow(again, position);
  const third = identities(folder);
  expect(NAMES.filter((name) => second[name] !== third[name])).toEqual(["archival.1.hnsw"]);

  const last = await readBack(file);
  expect(last.size).toBe(251);
  expect(nearest(last, 500)).toBe(150);
});

test("removals and revivals are recorded without rewriting a shard", async () => {
  const { folder, file } = newFiles();
  const shards = await newShards(250);
  for (const seq of [3, 4, 150]) shards.remove(seq);
  await file.save(shards, position);
  const before = identities(folder);

  expect(shards.revive(4, at(4))).toBe(true);
  for (const seq of [5, 249]) shards.remove(seq);
  await file.save(shards, position);

  expect(identities(folder)).toEqual(before);
  const read = await readBack(file);
  expect(read.size).toBe(246);
  expect([3, 4, 5, 150, 249].filter((seq) => nearest(read, seq) === seq)).toEqual([4]);
  expect([3, 5].map((seq) => read.revive(seq, at(seq)))).toEqual([true, true]);
  expect([3, 4, 5, 150, 249].filter((seq) => nearest(read, seq) === seq)).toEqual([3, 4, 5]);
  file.saveNow(read, position);
  expect(identities(folder)).toEqual(before);
  expect((await readBack(file)).size).toBe(248);
});

test("while shards are saved, removals and position are recorded as of the start", async () => {
  const { file } = newFiles();
  const shards = await newShards(250);
  shards.remove(1);

  const saving = file.save(shards, position);
  for (const seq of [2, 102, 202]) shards.remove(seq);
  await saving;

  expect(file.noted()).toMatchObject({ removed: [1], size: 249 });
  const read = await readBack(file);
  expect(read.size).toBe(249);
  expect([1, 2, 102, 202].filter((seq) => nearest(read, seq) === seq)).toEqual([2, 102, 202]);
});

test("a mostly removed shard is not read, and its number is reused", async () => {
  const { folder, file } = newFiles();
  const shards = await newShards(250);
  for (let seq = 100; seq < 151; seq += 1) shards.remove(seq);
  await file.save(shards, position);
  expect(file.noted()).toMatchObject({ removed: [], size: 150 });
  expect(await file.read(await loadHnsw())).toMatchObject({ isIncomplete: true });

  const read = await readBack(file);
  expect(read.shards.map(({ number }) => number)).toEqual([0, 2]);
  for (let seq = 151; seq < 200; seq += 1) read.add(seq, at(seq));
  for (let seq = 300; seq < 310; seq += 1) read.add(seq, at(seq));
  expect(read.shards.map(({ number, graph }) => [number, graph.count])).toEqual([
    [0, 100],
    [2, 100],
    [1, 9],
  ]);
  file.saveNow(read, position);

  expect(readdirSync(folder).sort()).toEqual(NAMES);
  expect(await file.read(await loadHnsw())).toMatchObject({ isIncomplete: false, graph: { size: 209 } });
});

test("only the files of dropped shards are removed", async () => {
  const { folder, file } = newFiles();
  await file.save(await newShards(250), position);
  const others = ["archival.hnsw.old", "archival.x.hnsw", "other.1.hnsw"];
  for (const name of others) writeFileSync(join(folder, name), "something else");
  writeFileSync(join(folder, "archival.7.hnsw.crashed.tmp"), "half a graph");

  await file.save(await newShards(50), position);

  expect(readdirSync(folder).sort()).toEqual(["archival.hnsw", ...others].sort());
  expect((await readBack(file)).size).toBe(50);
});

test("a save superseded after some shards leaves the last saved state", async () => {
  const { folder, file } = newFiles();
  const shards = await newShards(250);
  const writes = shards.shards.map(({ graph }) => graph);
  const [, second] = writes;
  if (second === undefined) throw new Error("There is one shard.");
  const begun = new Promise<void>((resolve) => {
    const write = second.write.bind(second);
    second.write = async (path) => {
      resolve();
      await write(path);
    };
  });

  const overtaken = file.save(shards, position);
  await begun;
  shards.remove(8);
  file.saveNow(shards, { seq: 249, toggle: 1 });
  const before = identities(folder);
  await overtaken;

  expect(identities(folder)).toEqual(before);
  expect(readdirSync(folder).sort()).toEqual(NAMES);
  const read = await file.read(await loadHnsw(), { shardSize: SHARD_SIZE });
  expect(read?.position).toEqual({ seq: 249, toggle: 1 });
  expect(read?.graph.size).toBe(249);
});
