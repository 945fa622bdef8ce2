import { readdirSync, statSync } from "node:fs";
import { MemGPTError } from "../../errors.ts";
import { type AgentFolder, type Home, agentExists, agentFolder } from "../files/paths.ts";
import type { AgentEntry } from "../../ports/repository.ts";
import { byLastUse, noSuchAgent } from "../names.ts";
import { isCheckpointName, timeOf } from "../files/checkpoint-name.ts";
import { namesIn } from "../files/folders.ts";

/** The agents of a home, most recently used first. */
export function agentsIn(home: Home): AgentEntry[] {
  return foldersIn(home)
    .filter((name) => isAgent(home, name))
    .map((name) => ({ name, lastUsedAt: lastUsed(agentFolder(home, name)) }))
    .sort(byLastUse);
}

/** Whether a crash may have left an unfinished or half-deleted agent, whose name begins with a dot. */
export function hasLeftovers(home: Home): boolean {
  return foldersIn(home).some((name) => name.startsWith("."));
}

/** @throws MemGPTError `storage_failed` if the path is not a folder. */
function foldersIn({ agents }: Home): string[] {
  const found = statSync(agents, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isDirectory()) return readdirSync(agents);
  const text = `${agents}, where the agents belong, is not a folder. Nothing was changed; move it away, or restore a backup.`;
  throw new MemGPTError("storage_failed", text);
}

/** The folder of an existing agent. @throws MemGPTError `agent_not_found`, listing the existing ones; `invalid_name`. */
export function existingAgent(home: Home, name: string): AgentFolder {
  const folder = agentFolder(home, name);
  if (!agentExists(folder)) throw notFound(home, name);
  return folder;
}

/** A name that is not in use. */
export function freeName(home: Home): string {
  const taken = new Set(agentsIn(home).map((agent) => agent.name));
  for (let n = taken.size + 1; ; n += 1) if (!taken.has(`agent_${n}`)) return `agent_${n}`;
}

export function notFound(home: Home, name: string): MemGPTError {
  return noSuchAgent(
    name,
    agentsIn(home).map((agent) => agent.name),
  );
}

function isAgent(home: Home, name: string): boolean {
  try {
    return agentExists(agentFolder(home, name));
  } catch {
    // A folder that somebody else put there.
    return false;
  }
}

function lastUsed(folder: AgentFolder): string {
  const newest = namesIn(folder.checkpoints).filter(isCheckpointName).sort().at(-1);
  return newest === undefined ? "" : new Date(timeOf(newest)).toISOString();
}
