import { existsSync, renameSync } from "node:fs";
import { MemGPTError } from "../errors.ts";
import type { AgentFolder } from "../paths.ts";
import type { AgentState } from "../schema/state.ts";
import { CheckpointFolder } from "./files/checkpoints.ts";
import { makeFolder } from "./files/folders.ts";
import type { AgentStore } from "./interfaces.ts";
import { SqliteAgentStore } from "./sqlite/agent-store.ts";
import { type AgentLock, lockAgent } from "./sqlite/lock.ts";

/** One agent's files, locked for this process. `state` is undefined where there is no agent yet. */
export type OpenedAgent = {
  readonly store: AgentStore;
  readonly checkpoints: CheckpointFolder;
  readonly state: AgentState | undefined;
  /** What was found wrong and mended, for a person to read. */
  readonly notices: readonly string[];
  readonly release: () => void;
};

export type OpenOptions = { readonly dimensions: number; readonly now: () => string };

/**
 * Locks and opens the files of one agent, making them agree: either half restores the other.
 *
 * - A damaged database is set aside and a new one made from the newest checkpoint.
 * - A damaged checkpoint is set aside and a new one written from the database.
 * - If the newest checkpoint is not the last one written, somebody removed or brought back files to move the agent in
 *   time, and it goes to that checkpoint. After a crash between the file and its mark this changes nothing.
 * - What a crash left half written is removed.
 *
 * @throws MemGPTError `agent_locked`; `storage_failed` if neither half can be used or a newer program wrote it.
 */
export async function openAgentFiles(folder: AgentFolder, options: OpenOptions): Promise<OpenedAgent> {
  makeFolder(folder.root);
  const lock = await lockAgent(folder.lock, folder.name);
  try {
    return await reconcile(folder, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function reconcile(folder: AgentFolder, lock: AgentLock, { dimensions, now }: OpenOptions): Promise<OpenedAgent> {
  const checkpoints = new CheckpointFolder(folder.checkpoints);
  checkpoints.removeUnfinished();
  const { checkpoint, damaged } = checkpoints.newest();
  const notices = damaged.map(
    ({ file, reason }) => `Checkpoint ${file} is damaged (${reason}) and was set aside; nothing else is affected.`,
  );
  const opened = await openStore(folder, { dimensions, now }, notices);
  const { store } = opened;
  let { state } = opened;
  const mark = await store.checkpointMark();

  if (state === undefined && checkpoint !== undefined) {
    state = await store.restore(checkpoint, "restore", now());
    notices.push(
      `The database of ${folder.name} was missing: the agent was restored from checkpoint ${checkpoint.file}, with its core memory and ` +
        "the messages in its context. Older messages and archival memory cannot be searched.",
    );
  } else if (
    state !== undefined &&
    checkpoint !== undefined &&
    mark !== undefined &&
    damaged.length === 0 &&
    checkpoint.file !== mark.file
  ) {
    if (checkpoint.op !== (await store.journal.head())) {
      state = await store.restore(checkpoint, `checkpoint ${checkpoint.file}`, now());
      notices.push(
        `The newest checkpoint is ${checkpoint.file}: ${folder.name} was taken to that time, memory and searches included.`,
      );
    }
    await store.markCheckpoint({ file: checkpoint.file, op: checkpoint.op });
  }
  if (state !== undefined && damaged.length > 0) await writeCheckpoint({ store, checkpoints }, state, now());
  const release = (): void => {
    store.close();
    lock.release();
  };
  return { store, checkpoints, state, notices, release };
}

/** Writes a checkpoint of `state`, and marks in the database that it is the newest. @returns the name of the file. */
export async function writeCheckpoint(
  { store, checkpoints }: Pick<OpenedAgent, "store" | "checkpoints">,
  state: AgentState,
  time: string,
): Promise<string> {
  const op = await store.journal.head();
  const file = checkpoints.write({ op, time, name: null, state });
  await store.markCheckpoint({ file, op });
  return file;
}

async function openStore(
  folder: AgentFolder,
  { dimensions, now }: OpenOptions,
  notices: string[],
): Promise<{ store: AgentStore; state: AgentState | undefined }> {
  let store: SqliteAgentStore | undefined;
  try {
    store = await SqliteAgentStore.open({ file: folder.database, dimensions });
    return { store, state: await store.load() };
  } catch (error) {
    store?.close();
    if (!isDamage(error)) throw error;
    const aside = `${folder.database}.damaged-${now().replaceAll(":", "-")}`;
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(folder.database + suffix)) renameSync(folder.database + suffix, aside + suffix);
    }
    notices.push(`The database of ${folder.name} is damaged and was set aside as ${aside}.`);
    const fresh = await SqliteAgentStore.open({ file: folder.database, dimensions });
    return { store: fresh, state: undefined };
  }
}

/** Whether the file is at fault, and not the disk, the rights on it, or the program. */
function isDamage(error: unknown): boolean {
  const cause = error instanceof MemGPTError ? error.cause : error;
  if (cause instanceof Error && (cause.name === "ZodError" || cause instanceof SyntaxError)) return true;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}
