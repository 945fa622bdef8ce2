import { existsSync } from "node:fs";
import { join } from "node:path";
import { MemGPTError } from "../../errors.ts";
import { type AgentFolder, agentFolderAt } from "../files/paths.ts";
import { CheckpointFolder } from "../files/checkpoints.ts";
import { makeFolder } from "../files/folders.ts";
import { copyCheckpoints } from "../repository/copy-agent.ts";
import { copyDatabase, settleCopy } from "../sqlite/copy-database.ts";

/** What was copied: paths in the folder, and how much the agent remembered. */
type Copied = {
  readonly files: readonly string[];
  readonly messages: number;
  readonly passages: number;
  readonly checkpoints: number;
};

/**
 * Copies what an agent is made of, as it was after one of its steps, also while another process talks to it. The vector
 * index is left out: it is a cache of what the database holds.
 *
 * @throws MemGPTError `storage_failed`, `storage_damaged` if it cannot be read.
 */
export async function copyToBackUp(from: AgentFolder, folder: string): Promise<Copied> {
  const copy = agentFolderAt(folder, from.name);
  makeFolder(copy.root);
  const hasDatabase = existsSync(from.database);
  if (hasDatabase) await copyDatabase(from.database, copy.database);
  await copyCheckpoints(from, copy);
  const checkpoints = new CheckpointFolder(copy.checkpoints);
  const files = checkpoints.files();
  if (!hasDatabase && files.length === 0) {
    const message = `Agent ${from.name} has neither a database nor a checkpoint, in ${from.root}. Nothing was backed up.`;
    throw new MemGPTError("storage_failed", message);
  }
  const counts = hasDatabase ? await settleCopy(copy.database, newestIn(checkpoints)) : { messages: 0, passages: 0 };
  const paths = [...(hasDatabase ? ["agent.db"] : []), ...files.map((file) => join("agent_state", file))];
  return { files: paths.map((path) => path.replaceAll("\\", "/")), ...counts, checkpoints: files.length };
}

/** Of damaged ones none is the newest: the agent names them when it is opened. */
function newestIn(checkpoints: CheckpointFolder): { file: string; op: number } | undefined {
  const { checkpoint } = checkpoints.newest();
  return checkpoint === undefined ? undefined : { file: checkpoint.file, op: checkpoint.op };
}
