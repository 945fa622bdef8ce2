import { existsSync, rmSync } from "node:fs";
import { MemGPTError, describe } from "../../errors.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { HeldSource, SourceRepository, SourceStore } from "../../ports/source.ts";
import type { SourceSettings } from "../../schema/source.ts";
import { makeFolder } from "../files/folders.ts";
import { type Home, type SourceFolder, sourceFolder } from "../files/paths.ts";
import { sourcesIn } from "../files/source-names.ts";
import { aboutSource, noSuchSource } from "../names.ts";

// SQLite is imported with the first source, so that listing sources starts quickly.
const stores = () => import("../sqlite/source-store.ts");
const locks = () => import("../sqlite/lock.ts");

/** The sources of a home directory, each a folder with a SQLite database. */
export class FileSourceRepository implements SourceRepository {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  async names(): Promise<string[]> {
    return sourcesIn(this.#home);
  }

  async has(name: string): Promise<boolean> {
    return existsSync(sourceFolder(this.#home, name).database);
  }

  async open(name: string, notify?: NoticeSink): Promise<SourceStore> {
    const { name: checked, database } = this.#existing(name);
    const options = { name: checked, file: database, readonly: true };
    return (await stores()).SqliteSourceStore.open(notify === undefined ? options : { ...options, notify });
  }

  async hold(name: string, settings: SourceSettings): Promise<HeldSource> {
    const folder = sourceFolder(this.#home, name);
    const isNew = !existsSync(folder.database);
    makeFolder(folder.root);
    const lock = await lockSource(folder);
    try {
      const store = await (await stores()).SqliteSourceStore.open({ name: folder.name, file: folder.database });
      if (!store.isMade) store.setSettings(settings);
      return {
        store,
        isNew,
        close: async () => {
          await store.close();
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const folder = this.#existing(name);
    const lock = await lockSource(folder);
    lock.release();
    try {
      // The database first: without it the folder is no longer a source.
      rmSync(folder.database, { force: true });
      rmSync(folder.root, { recursive: true, force: true });
    } catch (cause) {
      const message = `Source ${folder.name} could not be removed whole (${describe(cause)}); remove ${folder.root} yourself.`;
      throw new MemGPTError("storage_failed", message, { cause });
    }
  }

  #existing(name: string): SourceFolder {
    const folder = sourceFolder(this.#home, name);
    if (existsSync(folder.database)) return folder;
    throw noSuchSource(name, sourcesIn(this.#home));
  }
}

async function lockSource({ lock, name }: SourceFolder): Promise<{ release(): void }> {
  return (await locks()).lockAgent(lock, name).catch((error: unknown) => {
    throw aboutSource(error);
  });
}
