import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Agent, MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { checkpointText } from "../../../src/storage/files/checkpoint-text.ts";
import { CheckpointFolder } from "../../../src/storage/files/checkpoints.ts";
import { defineDerived } from "../../../src/storage/sqlite/derived.ts";
import { loadSqlite } from "../../../src/storage/sqlite/load-sqlite.ts";
import { collect, temporaryFolder, testClock, testHome } from "../../support/agents.ts";

const PAGE = { page: 0, size: 10 };

/** A home with an agent sam that is open, has learnt two things and has a checkpoint between them. */
async function homeWithSam(): Promise<{ memgpt: MemGPT; sam: Agent; dir: string }> {
  const dir = temporaryFolder();
  const clock = testClock();
  const memgpt = await testHome({ dir, now: clock.now });
  const sam = await memgpt.createAgent({ name: "sam" });
  await sam.ask("My cat is called Miezi");
  clock.advance(3_600_000);
  await sam.checkpoint("before the dog");
  clock.advance(3_600_000);
  await sam.ask("My dog is called Rex");
  return { memgpt, sam, dir };
}

function folderOf(dir: string, name: string): string {
  return join(dir, "agents", name);
}

/** Every file of an agent but the shared memory of its database, which readers write too. */
function filesOf(dir: string, name: string): Record<string, string> {
  const folder = folderOf(dir, name);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((file) => !file.endsWith("-shm") && statSync(join(folder, file)).isFile());
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "latin1")]));
}

async function human(agent: Agent): Promise<string> {
  return agent.state.blocks.find(({ label }) => label === "human")?.value ?? "";
}

test("a copy of an agent in use has all its memory, even from the write-ahead log, and is a separate agent", async () => {
  const { memgpt, sam, dir } = await homeWithSam();
  expect(statSync(join(folderOf(dir, "sam"), "agent.db-wal")).size).toBeGreaterThan(0);
  const checkpoints = await sam.checkpoints();
  const before = filesOf(dir, "sam");

  await memgpt.copyAgent("sam", "twin");

  expect(filesOf(dir, "sam")).toEqual(before);
  const twin = await memgpt.openAgent("twin");
  expect(twin.state).toEqual({ ...sam.state, id: twin.state.id, name: "twin" });
  expect(twin.state.id).not.toBe(sam.state.id);
  expect(await twin.recall.size()).toBe(await sam.recall.size());
  expect((await twin.recall.search({ text: "Rex" }, PAGE)).items).toEqual(
    (await sam.recall.search({ text: "Rex" }, PAGE)).items,
  );
  expect((await twin.checkpoints()).slice(1).map(({ file }) => file)).toEqual(checkpoints.map(({ file }) => file));
  expect(await twin.ask("What is my dog called?")).toContain("Rex");
  expect(await sam.ask("What is my cat called?")).toContain("Miezi");
});

test("a copy is independent: neither its undo nor what it learns affects the original", async () => {
  const { memgpt, sam } = await homeWithSam();
  await memgpt.copyAgent("sam", "twin");
  const twin = await memgpt.openAgent("twin");
  const { state } = sam;

  await twin.undo();
  await twin.ask("My parrot is called Figaro");

  expect(await human(twin)).toMatch(/Miezi[^]*Figaro/);
  expect(await human(twin)).not.toContain("Rex");
  expect(twin.name).toBe("twin");
  expect(sam.state).toBe(state);
  expect((await sam.recall.search({ text: "Figaro" }, PAGE)).total).toBe(0);
});

test.each(["before the dog", "2", "2026-11-21T13:30:00Z"])(
  "a copy at checkpoint %s has the state of that time, and can go forward again; the original is unchanged",
  async (at) => {
    const { memgpt, sam } = await homeWithSam();

    await memgpt.copyAgent("sam", "young", { at });

    const young = await memgpt.openAgent("young");
    const loadedNewest = (await young.checkpoints()).find(({ number }) => number === 2)?.file ?? "";
    expect(await human(young)).not.toContain("Rex");
    expect(young.state.queue.length).toBeLessThan(sam.state.queue.length);
    expect((await young.recall.search({ text: "Rex" }, PAGE)).total).toBe(0);
    expect(await human(sam)).toContain("Rex");
    await young.undo();
    expect(young.state).toEqual({ ...sam.state, id: young.state.id, name: "young" });
    await young.redo();
    expect(await human(young)).not.toContain("Rex");
    await young.loadCheckpoint(loadedNewest);
    expect((await young.recall.search({ text: "Rex" }, PAGE)).total).toBeGreaterThan(0);
  },
);

test("a checkpoint written after the database was copied is not part of the copy", async () => {
  const { memgpt, sam, dir } = await homeWithSam();
  const folder = join(folderOf(dir, "sam"), "agent_state");
  await sam.save();
  const { file, ...newest } = new CheckpointFolder(folder).newest().checkpoint ?? expect.unreachable();
  const later = checkpointText({ ...newest, op: newest.op + 5 });
  writeFileSync(join(folder, "2026-11-22T00-00-00.000Z.json"), later);

  await memgpt.copyAgent("sam", "twin");

  expect(readdirSync(join(folderOf(dir, "twin"), "agent_state"))).not.toContain("2026-11-22T00-00-00.000Z.json");
  const twin = await memgpt.openAgent("twin");
  const events = await collect(twin.send("What is my dog called?"));
  expect(events.filter((event) => event.type === "notice")).toEqual([]);
});

test("after a person removed newer checkpoints, the copy equals the agent as it would open", async () => {
  const { memgpt, sam, dir } = await homeWithSam();
  const kept = (await sam.checkpoints()).find(({ name }) => name !== null)?.file ?? "";
  await sam.close();
  const folder = join(folderOf(dir, "sam"), "agent_state");
  for (const file of readdirSync(folder)) if (file > kept) rmSync(join(folder, file));

  await memgpt.copyAgent("sam", "twin");

  expect(await human(await memgpt.openAgent("twin"))).not.toContain("Rex");
});

test("an agent whose database is lost is copied from its checkpoints, and a damaged database is not copied", async () => {
  const { memgpt, sam, dir } = await homeWithSam();
  await sam.close();
  const database = join(folderOf(dir, "sam"), "agent.db");
  const bytes = readFileSync(database);
  rmSync(database);

  await memgpt.copyAgent("sam", "twin");
  writeFileSync(database, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 7)]));
  const damaged = memgpt.copyAgent("sam", "third");

  await expect(damaged).rejects.toMatchObject({ code: "storage_failed" });
  const twin = await memgpt.openAgent("twin");
  expect(await human(twin)).toContain("Rex");
  expect(twin.state.id).not.toBe(sam.state.id);
  expect((await memgpt.listAgents()).map(({ name }) => name).sort()).toEqual(["sam", "twin"]);
});

test("the copy includes the vector index", async () => {
  const { memgpt, dir } = await homeWithSam();
  const shards = ["archival.hnsw", "archival.1.hnsw", "archival.12.hnsw"];
  const others = ["archival.1.hnsw.crashed.tmp", "archival.old.hnsw"];
  for (const name of [...shards, ...others]) writeFileSync(join(folderOf(dir, "sam"), name), `an index: ${name}`);
  const { disk } = await memgpt.inspect("sam");

  await memgpt.copyAgent("sam", "twin");

  const twin = folderOf(dir, "twin");
  expect(readdirSync(twin).filter((name) => name.startsWith("archival"))).toEqual([...shards].sort());
  for (const name of shards) expect(readFileSync(join(twin, name), "utf8")).toBe(`an index: ${name}`);
  expect(disk.index).toBe(shards.reduce((sum, name) => sum + `an index: ${name}`.length, 0));
});

test("a failed copy leaves nothing behind", async () => {
  const { memgpt, dir } = await homeWithSam();
  await (await memgpt.createAgent({ name: "ana" })).close();
  mkdirSync(folderOf(dir, "somebody else's"));
  writeFileSync(join(folderOf(dir, "somebody else's"), "notes.txt"), "mine");
  const before = readdirSync(join(dir, "agents")).sort();

  await expect(memgpt.copyAgent("sam", "ana")).rejects.toMatchObject({ code: "agent_exists" });
  await expect(memgpt.copyAgent("sam", "sam")).rejects.toMatchObject({ code: "agent_exists" });
  await expect(memgpt.copyAgent("sam", "../x")).rejects.toMatchObject({ code: "invalid_name" });
  await expect(memgpt.copyAgent("sma", "x")).rejects.toMatchObject({ code: "agent_not_found" });
  await expect(memgpt.copyAgent("sam", "x", { at: "never saved" })).rejects.toMatchObject({ code: "not_found" });
  await expect(memgpt.copyAgent("sam", "x", { at: "99" })).rejects.toMatchObject({ code: "not_found" });
  await expect(memgpt.copyAgent("sam", "x", { at: "" })).rejects.toMatchObject({ code: "invalid_input" });

  expect(readdirSync(join(dir, "agents")).sort()).toEqual(before);
});

test("a renamed agent has everything under its new name, including its past", async () => {
  const { memgpt, sam, dir } = await homeWithSam();
  const { state } = sam;
  await sam.close();

  await memgpt.renameAgent("sam", "Sam of old");

  expect(existsSync(folderOf(dir, "sam"))).toBe(false);
  expect(await memgpt.hasAgent("sam")).toBe(false);
  const renamed = await memgpt.openAgent("Sam of old");
  expect(renamed.state).toEqual({ ...state, name: "Sam of old" });
  expect(await renamed.ask("What is my dog called?")).toContain("Rex");
  await renamed.loadCheckpoint("before the dog");
  expect(renamed.name).toBe("Sam of old");
  expect(await human(renamed)).not.toContain("Rex");
  await renamed.undo(3);
  expect(renamed.name).toBe("Sam of old");
});

test("a rename may change only the case", async () => {
  const { memgpt, sam, dir } = await homeWithSam();
  await sam.close();

  await memgpt.renameAgent("sam", "SAM");

  expect(readdirSync(join(dir, "agents"))).toEqual(["SAM"]);
  expect(await human(await memgpt.openAgent("SAM"))).toContain("Rex");
});

test("refuses to rename an agent in use, or to a taken or invalid name, and changes nothing", async () => {
  const { memgpt, sam, dir } = await homeWithSam();
  await (await memgpt.createAgent({ name: "ana" })).close();
  mkdirSync(folderOf(dir, "elsewhere"));
  copyFileSync(join(folderOf(dir, "ana"), "agent.lock"), join(folderOf(dir, "elsewhere"), "notes"));
  const before = readdirSync(join(dir, "agents")).sort();

  await expect(memgpt.renameAgent("sam", "x")).rejects.toMatchObject({ code: "agent_locked" });
  await sam.close();
  await expect(memgpt.renameAgent("sam", "ana")).rejects.toMatchObject({ code: "agent_exists" });
  await expect(memgpt.renameAgent("sam", "sam")).rejects.toMatchObject({ code: "agent_exists" });
  await expect(memgpt.renameAgent("sam", "a/b")).rejects.toMatchObject({ code: "invalid_name" });
  await expect(memgpt.renameAgent("sma", "x")).rejects.toMatchObject({ code: "agent_not_found" });
  await expect(memgpt.renameAgent("sam", "elsewhere")).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining("something that is no agent is there"),
  });

  expect(readdirSync(join(dir, "agents")).sort()).toEqual(before);
  expect(await human(await memgpt.openAgent("sam"))).toContain("Rex");
  expect(await (await memgpt.openAgent("ana")).recall.size()).toBe(0);
});

test("a copy's database is intact", async () => {
  const { memgpt, dir } = await homeWithSam();

  await memgpt.copyAgent("sam", "twin", { at: "before the dog" });

  const Sqlite = await loadSqlite();
  const db = new Sqlite(join(folderOf(dir, "twin"), "agent.db"));
  defineDerived(db);
  expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
  db.close();
});
