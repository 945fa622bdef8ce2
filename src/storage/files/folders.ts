import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those it is in, for its owner's eyes only. Node's own `recursive` never ends in file systems that
 * refuse new folders in an unusual way, such as /proc.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it since.
    if (!existsSync(path)) throw error;
  }
}

/** The names in a folder; none if it does not exist. It may go away at any moment where it is only listed. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (!existsSync(folder)) return [];
    throw error;
  }
}

/** Makes sure that what was renamed into or out of `folder` stays so after a power cut. */
export function syncFolder(folder: string): void {
  // Windows has no way to sync a folder and does not need it.
  if (process.platform === "win32") return;
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether somebody else may read or write what is there. Windows keeps what is in a person's folder to that person. */
export function isOpenToOthers(path: string): boolean {
  return process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
}

/** Bytes in a file; 0 if it does not exist. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
