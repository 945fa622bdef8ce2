import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";
import { type AgentFolder, agentExists, agentFolderAt } from "../files/paths.ts";
import type { AgentState } from "../../schema/state.ts";
import { confirm, removeQuietly } from "../files/atomic.ts";
import { makeFolder, syncFolder } from "../files/folders.ts";
import { SqliteAgentStore } from "../sqlite/agent-store.ts";
import { syncFile } from "../sqlite/copy-database.ts";
import { isLeftOver, lockAgent } from "../sqlite/lock.ts";
import { CheckpointFailure } from "./checkpoint-failure.ts";

/** An agent being made or removed has a name that no agent can have. */
const UNFINISHED = ".new-";
const REMOVED = ".removed-";

/** Lock that the process making an agent holds in the unfinished folder. */
const MAKING = "making.lock";

/** Age in milliseconds from which an unfinished folder without a lock is abandoned. */
const ABANDONED_AFTER = 3_600_000;

/**
 * Makes the files of a new agent, all or nothing.
 *
 * @param at Time of creation, ISO 8601 in UTC.
 * @throws MemGPTError `agent_exists` if the name is taken.
 */
export async function createAgentFiles(folder: AgentFolder, state: AgentState, at: string): Promise<void> {
  await makeAgentFiles(folder, async (draft) => {
    const { database: file } = draft;
    const store = await SqliteAgentStore.open({ file, draft: true });
    try {
      const action = { id: "create", label: "the making of the agent" };
      await store.history.commit({ action, cause: "create", at, state, messages: [], passages: [] });
    } finally {
      await store.close();
    }
    syncFile(file);
  });
}

/**
 * Makes the files of an agent, all or nothing: `make` writes them to a draft folder, which is then renamed.
 *
 * @throws MemGPTError `agent_exists` if the name is taken by then; whatever `make` throws.
 */
export async function makeAgentFiles(folder: AgentFolder, make: (draft: AgentFolder) => Promise<void>): Promise<void> {
  const parent = dirname(folder.root);
  makeHome(parent);
  await sweep(parent);
  const draft = agentFolderAt(join(parent, UNFINISHED + crypto.randomUUID()), folder.name);
  const making = join(draft.root, MAKING);
  try {
    makeFolder(draft.root);
    const lock = await lockAgent(making, folder.name);
    try {
      await make(draft);
    } finally {
      lock.release();
    }
    rmSync(making);
    syncFolder(draft.root);
    moveInto(draft, folder);
  } catch (cause) {
    // If this fails, a later sweep removes it.
    removeQuietly(draft.root);
    const isOfDraft = cause instanceof CheckpointFailure;
    if (cause instanceof MemGPTError && !isOfDraft) throw cause;
    const message = `Cannot make agent ${folder.name} (${describe(isOfDraft ? cause.reason : cause)}). Nothing was created.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
  confirmed(parent, `Agent ${folder.name} is made`);
}

/**
 * Renames an agent, all or nothing.
 *
 * @throws MemGPTError `agent_exists` if the name is taken; `agent_locked`, `agent_not_found`, `storage_failed`.
 */
export async function renameAgentFiles(from: AgentFolder, to: AgentFolder): Promise<void> {
  const lock = await lockAgent(from.lock, from.name);
  try {
    // Names that differ only in case may be the same folder.
    if (from.name === to.name || (agentExists(to) && !isSameFolder(from.root, to.root))) throw alreadyExists(to);
    // As in `removeAgentFiles`.
    if (process.platform === "win32") lock.release();
    renameSync(from.root, to.root);
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    throw notMoved(from, to, cause);
  } finally {
    lock.release();
  }
  confirmed(dirname(to.root), `Agent ${from.name} is renamed`);
}

/**
 * Removes an agent's files for good, all or nothing. Needs no disk space.
 *
 * @throws MemGPTError `agent_locked`, `agent_not_found`; `storage_failed`, saying whether the agent still exists.
 */
export async function removeAgentFiles(folder: AgentFolder): Promise<void> {
  const lock = await lockAgent(folder.lock, folder.name);
  const parent = dirname(folder.root);
  // Windows cannot rename a folder that contains an open file; elsewhere the lock is held until the folder is renamed.
  if (process.platform === "win32") lock.release();
  const removed = join(parent, REMOVED + crypto.randomUUID());
  try {
    renameSync(folder.root, removed);
  } catch (cause) {
    const message = `Cannot delete agent ${folder.name} (${describe(cause)}). Nothing was deleted.`;
    throw new MemGPTError("storage_failed", message, { cause });
  } finally {
    lock.release();
  }
  confirmed(parent, `Agent ${folder.name} is deleted`);
  await sweep(parent);
  if (!existsSync(removed)) return;
  throw new MemGPTError(
    "storage_failed",
    `Agent ${folder.name} is deleted, but some of its files could not be removed and are in ${removed}. ` +
      "They will be removed when agents are next listed, made or deleted; or remove the folder yourself.",
    { kept: "all" },
  );
}

function makeHome(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new MemGPTError(
      "storage_failed",
      `Cannot make the folder ${folder} (${describe(cause)}). Nothing was created; MEMGPT_DIR says where memgpt keeps its files.`,
      { cause },
    );
  }
}

function moveInto(draft: AgentFolder, folder: AgentFolder): void {
  try {
    renameSync(draft.root, folder.root);
  } catch (cause) {
    throw notMoved(draft, folder, cause);
  }
}

function isSameFolder(one: string, other: string): boolean {
  const [a, b] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })];
  return a.dev === b.dev && a.ino === b.ino;
}

function alreadyExists({ name }: AgentFolder): MemGPTError {
  return new MemGPTError("agent_exists", `An agent named ${name} already exists. Nothing was changed.`);
}

function notMoved(from: AgentFolder, to: AgentFolder, cause: unknown): MemGPTError {
  if (agentExists(to) && !(existsSync(from.root) && isSameFolder(from.root, to.root))) {
    return new MemGPTError("agent_exists", `Another process has just made ${to.name}. Nothing was changed.`, { cause });
  }
  const problem = existsSync(to.root) ? "something that is no agent is there" : describe(cause);
  return new MemGPTError("storage_failed", `Cannot use ${to.root}: ${problem}. Nothing was changed.`, { cause });
}

/** Syncs a folder after a change. @throws MemGPTError `storage_failed`, saying what was `done` nevertheless. */
function confirmed(folder: string, done: string): void {
  try {
    confirm(folder);
  } catch (cause) {
    throw new MemGPTError("storage_failed", `${done}, but ${describe(cause)}.`, { cause, kept: "all" });
  }
}

/** Removes what it can of unfinished or deleted agents that a crash or fault left, but nothing still being made. */
export async function sweep(parent: string): Promise<void> {
  for (const name of namesIn(parent)) {
    const path = join(parent, name);
    const isUnfinished = name.startsWith(UNFINISHED) && (await isAbandoned(path));
    if (isUnfinished || name.startsWith(REMOVED)) removeQuietly(path);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const making = join(path, MAKING);
  if (existsSync(making)) return isLeftOver(making);
  // Another process may have finished it since it was listed.
  const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - changedAt > ABANDONED_AFTER;
}
