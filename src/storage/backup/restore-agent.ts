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
  /** Id of an agent that is restored beside the one it was; the backup's own, if absent. */
  readonly id?: string | undefined;
  /** Whether an agent of that name is replaced. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Makes an agent from a backup that was found whole, all or nothing. One that is there is removed only when the new one is
 * ready and opens.
 *
 * @returns what was found in opening it, for a person to read.
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

/** The parts of a path in an agent's folder, of which there are two kinds. @throws MemGPTError `storage_failed`. */
export function checkedPath(path: string): string[] {
  if (path === "agent.db") return [path];
  const [folder, file, ...rest] = path.split("/");
  if (folder === "agent_state" && file !== undefined && rest.length === 0 && isCheckpointName(file))
    return [folder, file];
  throw new MemGPTError("storage_failed", `The backup holds ${JSON.stringify(path)}, which is no file of an agent.`);
}
