import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { MemGPTError, describe } from "../errors.ts";
import { type AgentFolder, agentFolderAt } from "../paths.ts";
import type { AgentState } from "../schema/state.ts";
import { makeFolder, syncFolder } from "./files/folders.ts";
import { type OpenOptions, openAgentFiles, writeCheckpoint } from "./open-agent.ts";
import { lockAgent } from "./sqlite/lock.ts";

/** What is being made or removed has a name that no agent can have. */
const UNFINISHED = ".new-";
const REMOVED = ".removed-";

/** An unfinished folder this old, in milliseconds, is nobody's any more. */
const ABANDONED_AFTER = 3_600_000;

/** Whether there is an agent. */
export function agentExists(folder: AgentFolder): boolean {
  return existsSync(folder.database) || existsSync(folder.checkpoints);
}

/**
 * Makes the files of a new agent, all or nothing: they are made beside their place and renamed into it.
 *
 * @throws MemGPTError `agent_exists` if there is one of that name.
 */
export async function createAgentFiles(folder: AgentFolder, state: AgentState, options: OpenOptions): Promise<void> {
  const parent = dirname(folder.root);
  makeHome(parent);
  sweep(parent);
  const draft = agentFolderAt(join(parent, UNFINISHED + crypto.randomUUID()), folder.name);
  try {
    makeFolder(draft.root);
    const files = await openAgentFiles(draft, options);
    try {
      await files.store.commit({ cause: "create", at: options.now(), state, messages: [], passages: [] });
      await writeCheckpoint(files, state, options.now());
    } finally {
      files.release();
    }
    moveInto(draft, folder);
  } catch (error) {
    rmSync(draft.root, { recursive: true, force: true });
    throw error;
  }
  syncFolder(parent);
}

/** Removes an agent's files for good, all or nothing. @throws MemGPTError `agent_locked`, `agent_not_found`. */
export async function removeAgentFiles(folder: AgentFolder): Promise<void> {
  const lock = await lockAgent(folder.lock, folder.name);
  const parent = dirname(folder.root);
  // Windows renames no folder that holds an open file; elsewhere nobody can come in between.
  if (process.platform === "win32") lock.release();
  try {
    renameSync(folder.root, join(parent, REMOVED + crypto.randomUUID()));
  } finally {
    lock.release();
  }
  syncFolder(parent);
  sweep(parent);
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
    if (!agentExists(folder)) throw cause;
    throw new MemGPTError("agent_exists", `Another process has just made ${folder.name}. Nothing was changed.`, {
      cause,
    });
  }
}

/** Removes what a crash left of a making or a removal. */
function sweep(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    // Another process may have finished it since it was listed.
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    const abandoned = name.startsWith(UNFINISHED) && Date.now() - changedAt > ABANDONED_AFTER;
    if (abandoned || name.startsWith(REMOVED)) rmSync(path, { recursive: true, force: true });
  }
}
