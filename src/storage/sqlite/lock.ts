import { existsSync, statSync, truncateSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Statement } from "better-sqlite3";
import { AgentHeldError, MemGPTError, describe } from "../../errors.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";

/** `inode`: that of the lock file. A copy of the file has another. */
type Holder = {
  pid: number;
  host: string;
  since: string;
  servedAt?: string | undefined;
  inode?: number | undefined;
};

/** A lock, held until `release` or the end of the process. */
export type AgentLock = {
  release(): void;
  /** Whether the lock file, and so its folder, was copied since it was last locked. */
  readonly isCopy: boolean;
};

/**
 * Number of attempts, and milliseconds between them, plus up to as many at random. Processes that start together block each other
 * for some milliseconds although none holds the lock, and the holder's name cannot be read while it is being written. Without a
 * name, there are twice as many attempts.
 */
const ATTEMPTS = 8;
const PAUSE_MS = 6;

/**
 * Takes the lock of one agent: an open write transaction on its own file. The operating system ends it with the process, so that
 * there are no stale locks, and other processes can still read the holder's name.
 *
 * @param servedAt URL at which this process serves the agent, for the errors of other processes.
 * @throws MemGPTError `agent_locked`, naming the holder; `agent_not_found` if the folder does not exist or was removed meanwhile;
 *   `storage_failed`.
 */
export async function lockAgent(file: string, agent: string, servedAt?: string): Promise<AgentLock> {
  const Constructor = await loadSqlite();
  const take = { Constructor, file, agent, servedAt };
  try {
    return await takeLock(take).catch((error: unknown) => {
      if (!isDamaged(error)) throw error;
      // A damaged file cannot be locked. Truncated rather than removed: another process may have locked it by now.
      truncateSync(file);
      return takeLock(take);
    });
  } catch (error) {
    throw asMemGPTError(error, file, agent);
  }
}

type Take = {
  readonly Constructor: Awaited<ReturnType<typeof loadSqlite>>;
  readonly file: string;
  readonly agent: string;
  readonly servedAt: string | undefined;
};

async function takeLock({ Constructor, file, agent, servedAt }: Take): Promise<AgentLock> {
  const db = new Constructor(file, { timeout: 0 });
  let holder: Holder | undefined;
  try {
    for (let attempt = 0; attempt < (holder === undefined ? 2 * ATTEMPTS : ATTEMPTS); attempt += 1) {
      if (attempt > 0) await delay(PAUSE_MS * (1 + Math.random()));
      const before = readHolder(db);
      const inode = statSync(file, { throwIfNoEntry: false })?.ino;
      const isCopy = before?.inode !== undefined && before.inode !== inode;
      if (tryLock(db, { servedAt, inode })) return { release: () => db.close(), isCopy };
      holder = readHolder(db) ?? holder;
    }
    throw held(agent, holder);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** @returns whether `db` now holds the lock. If not, it holds nothing. */
function tryLock(db: Database, about: Pick<Holder, "servedAt" | "inode">): boolean {
  const mine: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), ...about };
  try {
    // After a power cut, nobody holds the lock anyway.
    db.exec("PRAGMA synchronous = OFF");
    const isNamed = leaveName(db, mine);
    db.exec("BEGIN IMMEDIATE");
    // Another process may have locked and left its name between the two transactions.
    if (!isNamed || JSON.stringify(readHolder(db)) === JSON.stringify(mine)) return true;
  } catch (error) {
    if (!codeOf(error).startsWith("SQLITE_BUSY")) throw error;
  }
  if (db.inTransaction) db.exec("ROLLBACK");
  return false;
}

/** Writes the holder's name. @returns false on a full disk, where the lock is held without a name. */
function leaveName(db: Database, mine: Holder): boolean {
  try {
    db.exec("BEGIN IMMEDIATE");
    db.exec("CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, json TEXT NOT NULL)");
    db.prepare("REPLACE INTO holder VALUES (1, ?)").run(JSON.stringify(mine));
    db.exec("COMMIT");
    return true;
  } catch (error) {
    if (!/^SQLITE_(FULL|IOERR|READONLY(?!_DBMOVED))/.test(codeOf(error))) throw error;
    if (db.inTransaction) db.exec("ROLLBACK");
    return false;
  }
}

/**
 * Whether a lock file is left over from a process that has ended. False if unknown.
 *
 * @param file An existing lock file.
 */
export async function isLeftOver(file: string): Promise<boolean> {
  try {
    const Constructor = await loadSqlite();
    const db = new Constructor(file, { readonly: true, timeout: 0 });
    const holder = readHolder(db);
    db.close();
    // A process writes its name before it takes the lock.
    if (holder === undefined || (holder.host === hostname() && isAlive(holder.pid))) return false;
    (await lockAgent(file, "")).release();
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function isDamaged(error: unknown): boolean {
  return codeOf(error) === "SQLITE_NOTADB" || codeOf(error).startsWith("SQLITE_CORRUPT");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The error for a failed lock. An agent's folder may be removed while another process opens the agent. */
function asMemGPTError(cause: unknown, file: string, agent: string): MemGPTError {
  if (cause instanceof MemGPTError) return cause;
  if (!existsSync(dirname(file))) {
    return new MemGPTError(
      "agent_not_found",
      `There is no agent named ${agent}: its folder does not exist or was removed.`,
      {
        cause,
      },
    );
  }
  if (codeOf(cause) === "SQLITE_READONLY_DBMOVED") {
    const message = `Agent ${agent} is being removed by another process. Nothing was changed; try again in a moment.`;
    return new MemGPTError("agent_locked", message, { cause });
  }
  return new MemGPTError(
    "storage_failed",
    `Cannot lock agent ${agent} with ${file} (${describe(cause)}). Nothing was changed.`,
    { cause },
  );
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
  // The name of a process that has ended is the previous holder's.
  const isOld = holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
  if (holder === undefined || isOld) return inUse(agent, "another process");
  const { pid, host, since, servedAt } = holder;
  const who = `process ${pid} on ${host} since ${since}`;
  if (servedAt === undefined) return inUse(agent, who);
  const text =
    `Agent ${agent} is in use by ${who}, which serves it. Nothing was changed; talk to it there with ` +
    `\`memgpt run --server ${servedAt}\`, or stop that server first.`;
  return new AgentHeldError(text, servedAt);
}

function inUse(agent: string, who: string): MemGPTError {
  return new MemGPTError(
    "agent_locked",
    `Agent ${agent} is in use by ${who}. Nothing was changed; leave that session first, or choose another agent.`,
  );
}
