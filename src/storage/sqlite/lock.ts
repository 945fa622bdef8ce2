import { truncateSync } from "node:fs";
import { hostname } from "node:os";
import type { Statement } from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";

type Holder = { pid: number; host: string; since: string };

/** Held until `release`, or until the process ends in whatever way. */
export type AgentLock = { release(): void };

/**
 * Takes the lock of one agent. It is a write transaction held open on a file of its own: the operating system ends it
 * with the process, so there is no stale lock to detect, while other processes can still read who holds it.
 *
 * @throws MemGPTError `agent_locked`, naming the holder.
 */
export async function lockAgent(file: string, agent: string): Promise<AgentLock> {
  const Constructor = await loadSqlite();
  try {
    return takeLock(Constructor, file, agent);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    // Nobody can hold a lock on rubbish. Emptied and not removed: whoever came first holds this very file.
    truncateSync(file);
    return takeLock(Constructor, file, agent);
  }
}

function takeLock(Constructor: Awaited<ReturnType<typeof loadSqlite>>, file: string, agent: string): AgentLock {
  const db = new Constructor(file, { timeout: 0 });
  try {
    const mine: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    begin(db, agent);
    db.exec("CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, json TEXT NOT NULL)");
    db.prepare("REPLACE INTO holder VALUES (1, ?)").run(JSON.stringify(mine));
    db.exec("COMMIT");
    begin(db, agent);
    // Between the two transactions another process may have come first, and then left its name.
    if (JSON.stringify(readHolder(db)) !== JSON.stringify(mine)) throw held(agent, readHolder(db));
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

function isDamaged(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT");
}

function begin(db: Database, agent: string): void {
  try {
    db.exec("BEGIN IMMEDIATE");
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY")) {
      throw held(agent, readHolder(db));
    }
    throw error;
  }
}

function readHolder(db: Database): Holder | undefined {
  try {
    const statement: Statement<[], { json: string }> = db.prepare("SELECT json FROM holder WHERE one = 1");
    const row = statement.get();
    return row === undefined ? undefined : (JSON.parse(row.json) as Holder);
  } catch {
    return undefined;
  }
}

function held(agent: string, holder: Holder | undefined): MemGPTError {
  const who =
    holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  return new MemGPTError(
    "agent_locked",
    `Agent ${agent} is in use by ${who}. Nothing was changed; leave that session first, or choose another agent.`,
  );
}
