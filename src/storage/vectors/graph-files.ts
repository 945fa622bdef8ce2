import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Where a shard is kept: number 0 in `archival.hnsw`, which is `file`, number 1 in `archival.1.hnsw`. */
export function shardFile(file: string, number: number): string {
  return number === 0 ? file : file.replace(/\.hnsw$/, `.${number}.hnsw`);
}

/** The files of shards that are there, of use or not. */
export function shardFiles(file: string): string[] {
  return beside(file, /^(\.\d+)?\.hnsw$/);
}

/** What is being written, or was when a process ended. */
export function temporaryFiles(file: string): string[] {
  return beside(file, /^(\.\d+)?\.hnsw\..*\.tmp$/);
}

/** How many bytes the files of all shards have. */
export function shardBytes(file: string): number {
  return shardFiles(file).reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** The files in the folder of `file` whose names are the name of that without its ending, and an ending like this. */
function beside(file: string, ending: RegExp): string[] {
  const stem = basename(file, ".hnsw");
  const folder = dirname(file);
  return namesIn(folder)
    .filter((name) => name.startsWith(stem) && ending.test(name.slice(stem.length)))
    .map((name) => join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No such folder, as before anything was saved.
    return [];
  }
}
