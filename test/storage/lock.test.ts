import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { agentFolderAt } from "../../src/storage/files/paths.ts";
import { createAgentFiles, removeAgentFiles } from "../../src/storage/repository/agent-files.ts";
import { openAgentFiles } from "../../src/storage/repository/open-agent.ts";
import { type Database, loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { lockAgent } from "../../src/storage/sqlite/lock.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at, newState } from "./support.ts";

/** Milliseconds after which another process is done: later than the first attempt, long before the last. */
const SOON = 15;
const OPTIONS = { now: () => at(1) };

/** A lock file that was used before, and a connection of another process to it. */
async function usedLock(): Promise<{ file: string; other: Database }> {
  const file = join(temporaryFolder(), "agent.lock");
  (await lockAgent(file, "sam")).release();
  const Sqlite = await loadSqlite();
  const other = new Sqlite(file);
  onTestFinished(() => {
    other.close();
  });
  return { file, other };
}

test("a lock can be taken while somebody reads who held it", async () => {
  const { file, other } = await usedLock();
  other.exec("BEGIN; SELECT * FROM holder");
  // A reader keeps a writer from its COMMIT and from nothing before it.
  other.prepare("SELECT * FROM holder").all();
  setTimeout(() => other.exec("COMMIT"), SOON);

  const lock = await lockAgent(file, "sam");

  await expect(lockAgent(file, "sam")).rejects.toMatchObject({ code: "agent_locked" });
  lock.release();
});

test("a refusal names the holder even while its name is being written", async () => {
  const { file, other } = await usedLock();
  other.exec("BEGIN EXCLUSIVE");
  setTimeout(() => {
    other.prepare("REPLACE INTO holder VALUES (1, ?)").run('{"pid":4242,"host":"there","since":"today"}');
    other.exec("COMMIT; BEGIN IMMEDIATE");
  }, SOON);

  await expect(lockAgent(file, "sam")).rejects.toMatchObject({
    code: "agent_locked",
    message: expect.stringMatching(/in use by process 4242 on there since today/),
  });
});

test("a refusal names the server that has the agent open", async () => {
  const file = join(temporaryFolder(), "agent.lock");
  const lock = await lockAgent(file, "sam", "http://127.0.0.1:8283");

  await expect(lockAgent(file, "sam")).rejects.toMatchObject({
    code: "agent_locked",
    holder: "http://127.0.0.1:8283",
    message: expect.stringContaining("`memgpt run --server http://127.0.0.1:8283`"),
  });
  lock.release();
});

test("a lock with an unknown holder is refused, too", async () => {
  const { file, other } = await usedLock();
  other.exec("BEGIN EXCLUSIVE");

  await expect(lockAgent(file, "sam")).rejects.toMatchObject({
    code: "agent_locked",
    message: expect.stringMatching(/in use by another process/),
  });
});

test("an agent removed while somebody waits for it is not found", async () => {
  const root = join(temporaryFolder(), "sam");
  mkdirSync(root);
  const lock = await lockAgent(join(root, "agent.lock"), "sam");
  setTimeout(() => {
    renameSync(root, `${root}-removed`);
    lock.release();
  }, SOON);

  await expect(lockAgent(join(root, "agent.lock"), "sam")).rejects.toMatchObject({ code: "agent_not_found" });
});

test("an agent removed and recreated while somebody waits for it is not locked by the removed one", async () => {
  const root = join(temporaryFolder(), "sam");
  mkdirSync(root);
  const lock = await lockAgent(join(root, "agent.lock"), "sam");
  setTimeout(() => {
    renameSync(root, `${root}-removed`);
    mkdirSync(root);
    lock.release();
  }, SOON);

  await expect(lockAgent(join(root, "agent.lock"), "sam")).rejects.toMatchObject({ code: "agent_locked" });
});

test("opening or removing an unknown agent is an error that creates nothing", async () => {
  const folder = agentFolderAt(join(temporaryFolder(), "agents", "sam"), "sam");

  await expect(openAgentFiles(folder, OPTIONS)).rejects.toMatchObject({ code: "agent_not_found" });
  await expect(removeAgentFiles(folder)).rejects.toMatchObject({ code: "agent_not_found" });

  expect(existsSync(join(folder.root, ".."))).toBe(false);
});

test("a lock that fails for another reason is a storage error", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "agent.lock"));

  await expect(lockAgent(join(folder, "agent.lock"), "sam")).rejects.toMatchObject({ code: "storage_failed" });
});

test("an agent in use is not removed, and once it is free nothing is left of it", async () => {
  const folder = agentFolderAt(join(temporaryFolder(), "agents", "sam"), "sam");
  await createAgentFiles(folder, newState(), OPTIONS.now());
  const opened = await openAgentFiles(folder, OPTIONS);

  await expect(removeAgentFiles(folder)).rejects.toMatchObject({ code: "agent_locked" });
  expect(existsSync(folder.database)).toBe(true);

  await opened.release();
  await removeAgentFiles(folder);
  expect(existsSync(folder.root)).toBe(false);
});
