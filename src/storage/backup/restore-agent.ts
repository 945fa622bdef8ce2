import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { MemGPTError } from "../../errors.ts";
import type { BackupAgent } from "../../schema/backup.ts";
import { isCheckpointName } from "../files/checkpoint-name.ts";
import { makeFolder, syncFolder } from "../files/folders.ts";
import { type AgentFolder, agentExists } from "../files/paths.ts";
import { makeAgentFiles, removeAgentFiles } from "../repository/agent-files.ts";
import { writeCheckpoint } from "../repository/checkpoint-writer.ts";
import { openAgentFiles } from "../repository/open-agent.ts";
import { setIdentity, syncFile } from "../sqlite/copy-database.ts";
import { type Backup, memberStream } from "./read-backup.ts";

export type RestoreOptions = {
  readonly now: () => string;
  /** New id for an agent restored beside the original (default: the id in the backup). */
  readonly id?: string | undefined;
  /** Whether to replace an agent of that name. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Restores an agent from a verified backup, all or nothing. An existing agent is removed only once the new one is complete
 * and opens.
 *
 * @returns the notices from opening it.
 * @throws MemGPTError `agent_exists`, `agent_locked`; `storage_failed`.
 */
export async function restoreAgent(
  file: string,
  { members }: Backup,
  agent: BackupAgent,
  folder: AgentFolder,
  { now, id, force = false, signal }: RestoreOptions,
): Promise<readonly string[]> {
  const notices: string[] = [];
  await makeAgentFiles(folder, async (draft) => {
    makeFolder(draft.checkpoints);
    for (const { path, member } of agent.members) {
      const place = members.find((one) => one.member.member === member);
      if (place === undefined) continue;
      const target = join(draft.root, ...checkedPath(path));
      const content = memberStream(file, place.at, place.member.size);
      await pipeline(content, createGunzip(), createWriteStream(target, { flags: "wx", mode: 0o600 }), { signal });
      syncFile(target);
    }
    syncFolder(draft.checkpoints);
    if (id !== undefined && agent.members.some(({ path }) => path === "agent.db")) {
      await setIdentity(draft.database, { id, name: draft.name });
    }
    const files = await openAgentFiles(draft, { now });
    try {
      notices.push(...files.notices);
      if (files.state === undefined) throw new MemGPTError("storage_failed", `${agent.name} has no state in ${file}.`);
      if (id !== undefined) await writeCheckpoint(files, { ...files.state, id, name: draft.name }, { time: now() });
    } finally {
      await files.release();
    }
    if (force && agentExists(folder)) await removeAgentFiles(folder);
  });
  return notices;
}

/** The parts of the path of a database or checkpoint in an agent's folder. @throws MemGPTError `storage_failed`. */
export function checkedPath(path: string): string[] {
  if (path === "agent.db") return [path];
  const [folder, file, ...rest] = path.split("/");
  if (folder === "agent_state" && file !== undefined && rest.length === 0 && isCheckpointName(file))
    return [folder, file];
  throw new MemGPTError("storage_failed", `The backup holds ${JSON.stringify(path)}, which is not an agent's file.`);
}
