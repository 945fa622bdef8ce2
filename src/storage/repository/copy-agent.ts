import { constants, copyFileSync, existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";
import type { AgentFolder } from "../files/paths.ts";
import { makeAgentFiles } from "./agent-files.ts";
import { shownTimeOf } from "../files/checkpoint-name.ts";
import { type Checkpoint, CheckpointFolder } from "../files/checkpoints.ts";
import { makeFolder, syncFolder } from "../files/folders.ts";
import { writeCheckpoint } from "./checkpoint-writer.ts";
import { type OpenOptions, openAgentFiles } from "./open-agent.ts";
import { copyDatabase, lastKnown, setIdentity, syncFile } from "../sqlite/copy-database.ts";
import { shardFiles } from "../vectors/graph-files.ts";

export type CopyOptions = OpenOptions & {
  /** Id of the copy. */
  readonly id: string;
  /** Finds the checkpoint to restore the copy to (default: the agent's present state). */
  readonly find?: ((checkpoints: CheckpointFolder) => Promise<Checkpoint>) | undefined;
};

/** The first file of the vector index. */
const GRAPH = "archival.hnsw";

/**
 * Copies an agent, all or nothing, in the state after one of its steps, even while another process uses it. The original is
 * only read.
 *
 * @throws MemGPTError `agent_exists` if the new name is taken; `not_found` for a checkpoint that does not exist;
 *   `storage_failed` if the agent cannot be read.
 */
export async function copyAgentFiles(from: AgentFolder, to: AgentFolder, options: CopyOptions): Promise<void> {
  await makeAgentFiles(to, async (draft) => {
    // Copy the index first: an index that is behind the database catches up; one that is ahead is rebuilt.
    for (const file of shardFiles(join(from.root, GRAPH))) copyIfThere(file, join(draft.root, basename(file)));
    if (existsSync(from.database)) await copyDatabase(from.database, draft.database);
    await copyCheckpoints(from, draft);
    // Opening reconciles database and checkpoints, so that there is a state to change.
    await (await openAgentFiles(draft, options)).release();
    await setIdentity(draft.database, { id: options.id, name: draft.name });
    await goThere(from, draft, options);
  });
}

/**
 * Copies the checkpoints, except those of operations that the copied database lacks: the agent wrote them after the copy.
 */
export async function copyCheckpoints(from: AgentFolder, draft: AgentFolder): Promise<void> {
  const known = existsSync(draft.database) ? await lastKnown(draft.database) : undefined;
  const source = new CheckpointFolder(from.checkpoints);
  makeFolder(draft.checkpoints);
  for (const file of source.files()) {
    const isNewer = known?.checkpoint !== undefined && file > known.checkpoint;
    if (isNewer && (operationOf(source, file) ?? 0) > known.op) continue;
    copyIfThere(join(from.checkpoints, file), join(draft.checkpoints, file));
  }
  syncFolder(draft.checkpoints);
}

/** The operation that a checkpoint was written after; undefined if it cannot be read. */
function operationOf(checkpoints: CheckpointFolder, file: string): number | undefined {
  try {
    return checkpoints.read(file).op;
  } catch {
    return undefined;
  }
}

/** Copies a file, if it still exists: the agent may be pruning its checkpoints. */
function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    syncFile(to);
  } catch (cause) {
    if (!existsSync(from)) return;
    const message = `Cannot copy ${from} to ${dirname(to)}: ${describe(cause)}. Nothing was changed.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
}

/** Restores the copy to the requested checkpoint, and writes a checkpoint with its new id and name. */
async function goThere(from: AgentFolder, draft: AgentFolder, options: CopyOptions): Promise<void> {
  const { find, now } = options;
  const files = await openAgentFiles(draft, options);
  try {
    let { state } = files;
    if (state === undefined) {
      const message = `Agent ${from.name} has neither a database nor a checkpoint that can be read, in ${from.root}.`;
      throw new MemGPTError("storage_failed", message);
    }
    if (find !== undefined) {
      // So that the copy can return to the original's present state.
      if (files.isCheckpointDue) await writeCheckpoint(files, state, { time: now() });
      const checkpoint = await find(files.checkpoints);
      const action = { id: crypto.randomUUID(), label: `copy --at ${checkpoint.name ?? shownTimeOf(checkpoint.file)}` };
      state = (await files.store.history.goTo(checkpoint, action, now())).state;
    }
    await writeCheckpoint(files, state, { time: now() });
  } finally {
    await files.release();
  }
}
