import { accessSync, constants, statSync } from "node:fs";
import { MemGPTError, describe } from "../errors.ts";
import type { Home } from "../storage/files/paths.ts";

/**
 * Checks whether an existing home directory is usable.
 *
 * @returns a notice if it cannot be written to.
 * @throws MemGPTError `storage_failed` if it is not a folder or cannot be read.
 */
export function checkHomeFolder({ root }: Home): string[] {
  const advice = "MEMGPT_DIR names the folder that holds all data.";
  try {
    const stats = statSync(root, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    if (!stats.isDirectory()) throw new MemGPTError("storage_failed", `${root} is a file, not a folder. ${advice}`);
    accessSync(root, constants.R_OK | constants.X_OK);
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    throw new MemGPTError("storage_failed", `${root} cannot be read (${describe(cause)}). ${advice}`, { cause });
  }
  try {
    accessSync(root, constants.W_OK);
    return [];
  } catch {
    return [`${root} cannot be written to: nothing new is stored. ${advice}`];
  }
}
