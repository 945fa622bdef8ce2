import { rmSync } from "node:fs";
import { MemGPTError, describe } from "../../errors.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { SourceSettings } from "../../schema/source.ts";
import { makeFolder } from "../files/folders.ts";
import type { SourceFolder } from "../files/paths.ts";
import { lockAgent } from "../sqlite/lock.ts";
import { SqliteSourceStore } from "../sqlite/source-store.ts";

/** Opens a source to search it, also while it is being loaded. */
export async function openSource({ name, database }: SourceFolder, notify?: NoticeSink): Promise<SqliteSourceStore> {
  const options = { name, file: database, readonly: true };
  return SqliteSourceStore.open(notify === undefined ? options : { ...options, notify });
}

/**
 * Opens a source to load into it, and makes it with `settings` if it does not exist. It is locked for other loads meanwhile.
 *
 * @throws MemGPTError `agent_locked`, naming the holder.
 */
export async function openSourceToLoad(
  folder: SourceFolder,
  settings: SourceSettings,
): Promise<{ readonly store: SqliteSourceStore; close(): void }> {
  makeFolder(folder.root);
  const lock = await lockSource(folder);
  try {
    const store = await SqliteSourceStore.open({ name: folder.name, file: folder.database });
    if (!store.isMade) store.setSettings(settings);
    return {
      store,
      close: () => {
        store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Removes a source for good. @throws MemGPTError `agent_locked` while it is being loaded; `storage_failed`. */
export async function removeSource(folder: SourceFolder): Promise<void> {
  const lock = await lockSource(folder);
  lock.release();
  try {
    // First what makes it a source: what is left of one is no source.
    rmSync(folder.database, { force: true });
    rmSync(folder.root, { recursive: true, force: true });
  } catch (cause) {
    const message = `Source ${folder.name} could not be removed whole (${describe(cause)}); remove ${folder.root} yourself.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
}

async function lockSource({ lock, name }: SourceFolder): Promise<{ release(): void }> {
  return lockAgent(lock, name).catch((error: unknown) => {
    if (!(error instanceof MemGPTError)) throw error;
    throw new MemGPTError(
      error.code,
      error.message.replace(/\b[Aa]gent\b/g, (word) => (word === "Agent" ? "Source" : "source")),
      {
        cause: error,
      },
    );
  });
}
