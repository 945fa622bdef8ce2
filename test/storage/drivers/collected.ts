// Opens and drops databases and statements, then leaves time for the collector to find them while no JavaScript runs.
import { setTimeout } from "node:timers/promises";
import { loadSqlite } from "../../../src/storage/sqlite/load-sqlite.ts";

const Sqlite = await loadSqlite();
for (let n = 0; n < 300; n += 1) {
  const db = new Sqlite(":memory:");
  db.pragma("foreign_keys = ON");
  db.prepare("SELECT 1").get();
  db.close();
}
for (let round = 0; round < 12; round += 1) {
  const garbage = Array.from({ length: 200 }, () => new Array<number>(20_000).fill(round));
  await setTimeout(garbage.length / 10);
}
process.stdout.write("alive\n");
