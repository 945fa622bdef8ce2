import { dirname, join } from "node:path";
import { loadSqliteNow } from "../sqlite/load-sqlite.ts";
import { makeFolder } from "./folders.ts";

/** Longest wait for other processes, each of which holds the lock for a few milliseconds. */
const WAIT_MS = 10_000;

/**
 * Runs `work`, which reads, changes and writes `file`, while no other process does so in the same folder. As for agents, the
 * lock is a write transaction that the operating system ends with the process; nothing is ever written in it, so it needs no
 * disk space. Must not be nested.
 *
 * @throws SQLite's error if the lock cannot be taken; whatever `work` throws.
 */
export function exclusively<T>(file: string, work: () => T): T {
  const folder = dirname(file);
  makeFolder(folder);
  const Sqlite = loadSqliteNow();
  const db = new Sqlite(join(folder, "settings.lock"), { timeout: WAIT_MS });
  try {
    db.exec("BEGIN IMMEDIATE");
    return work();
  } finally {
    db.close();
  }
}
