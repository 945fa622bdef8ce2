import { existsSync } from "node:fs";
import { join } from "node:path";
import { MemGPTError } from "../../errors.ts";
import { type AgentFolder, agentFolderAt } from "../files/paths.ts";
import { CheckpointFolder } from "../files/checkpoints.ts";
import { makeFolder } from "../files/folders.ts";
import { copyCheckpoints } from "../repository/copy-agent.ts";
import { copyDatabase, settleCopy } from "../sqlite/copy-database.ts";

/** Paths of the copied files in the folder, and counts of what the agent remembered. */
type Copied = {
  readonly files: readonly string[];
  readonly messages: number;
  readonly passages: number;
  readonly checkpoints: number;
};

/**
 * Copies an agent's files, in the state after one of its steps, even while another process uses it. Leaves out the vector
 * index, which is only a cache.
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

/** The newest readable checkpoint. Opening the agent reports damaged ones. */
function newestIn(checkpoints: CheckpointFolder): { file: string; op: number } | undefined {
  const { checkpoint } = checkpoints.newest();
  return checkpoint === undefined ? undefined : { file: checkpoint.file, op: checkpoint.op };
}
