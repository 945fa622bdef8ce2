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
// Enough that stays for a while to start a collection in the background, and pauses for it to end in.
const held: unknown[] = [];
for (let round = 0; round < 40; round += 1) {
  for (let n = 0; n < 20; n += 1) held.push(Array.from({ length: 20_000 }, (_, value) => ({ value })));
  if (held.length > 200) held.length = 0;
  await setTimeout(20);
}
process.stdout.write("alive\n");
