import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { SaidVectors } from "../../src/storage/sqlite/said-vectors.ts";
import { temporaryFolder } from "../support/agents.ts";

test("vectors of lines do not wait for the disk, and whatever is stored next does", async () => {
  const db = await openDatabase(join(temporaryFolder(), "agent.db"));
  const level = (): unknown => db.pragma("synchronous", { simple: true });
  const [NORMAL, FULL] = [1, 2];
  const said = new SaidVectors(db);
  const vector = Float32Array.from([1, 0]);
  db.exec(`
    CREATE TEMP TABLE seen (level);
    CREATE TEMP TRIGGER look AFTER INSERT ON said_vectors
      BEGIN INSERT INTO seen SELECT synchronous FROM pragma_synchronous; END`);

  await said.add("test", [{ n: 1, vector }]);
  expect(db.prepare("SELECT level FROM seen").pluck().all()).toEqual([NORMAL]);
  expect(level()).toBe(FULL);

  db.exec("DROP TABLE said_vectors");
  await expect(said.add("test", [{ n: 2, vector }])).rejects.toThrow("no such table");
  expect(level()).toBe(FULL);
  db.close();
});

test("the log of vectors is emptied in small portions", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const db = await openDatabase(file);
  const said = new SaidVectors(db);
  const vector = new Float32Array(512).fill(1);
  db.pragma("wal_checkpoint(TRUNCATE)");

  for (let n = 0; n < 3_200; n += 32) {
    const lines = Array.from({ length: 32 }, (_, i) => ({ n: n + i, vector }));
    await said.add("test", lines);
  }

  const pages = statSync(`${file}-wal`).size / 4096;
  expect(pages).toBeGreaterThan(50);
  expect(pages).toBeLessThan(200);
  expect(db.pragma("wal_autocheckpoint", { simple: true })).toBe(1000);
  db.close();
});
