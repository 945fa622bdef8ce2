import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The file of a shard: number 0 is `archival.hnsw` (`file`), number 1 is `archival.1.hnsw`. */
export function shardFile(file: string, number: number): string {
  return number === 0 ? file : file.replace(/\.hnsw$/, `.${number}.hnsw`);
}

/** The existing shard files, usable or not. */
export function shardFiles(file: string): string[] {
  return beside(file, /^(\.\d+)?\.hnsw$/);
}

/** Files being written, or left by a process that ended while writing. */
export function temporaryFiles(file: string): string[] {
  return beside(file, /^(\.\d+)?\.hnsw\..*\.tmp$/);
}

/** Total size of the shard files, in bytes. */
export function shardBytes(file: string): number {
  return shardFiles(file).reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** The files beside `file` whose names are its stem followed by a matching ending. */
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
    // The folder does not exist before anything was saved.
    return [];
  }
}
