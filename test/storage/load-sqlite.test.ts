import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";

test("unreferenced databases and statements do not crash the process, on any Node", () => {
  const driver = fileURLToPath(new URL("drivers/collected.ts", import.meta.url));

  const { stdout, stderr, signal } = spawnSync(process.execPath, ["--import", "tsx", driver], { encoding: "utf8" });

  expect({ stdout, stderr, signal }).toEqual({ stdout: "alive\n", stderr: "", signal: null });
});

test("pragmas return the same everywhere", async () => {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(":memory:");

  db.pragma("user_version = 7");

  expect(db.pragma("user_version", { simple: true })).toBe(7);
  expect(db.pragma("user_version")).toEqual([{ user_version: 7 }]);
  db.close();
});
