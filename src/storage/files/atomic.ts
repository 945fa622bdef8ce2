import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { describe } from "../../errors.ts";
import { syncFolder } from "./folders.ts";

/** The change was made, but the disk did not confirm it: a power cut may undo it. */
export class UnconfirmedError extends Error {
  constructor(cause: unknown) {
    super(`the disk did not confirm it, so a power cut may take it back (${describe(cause)})`, { cause });
    this.name = "UnconfirmedError";
  }
}

/**
 * Writes a file so that after a crash or a power cut there is either the whole new file or the whole old one. Also syncs the
 * folder: otherwise a power cut could remove a file that was reported as written.
 *
 * @throws UnconfirmedError if only that last sync failed: the new file is then in place. After any other error the old one is.
 */
export function writeFileAtomic(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, "w", 0o600);
    try {
      const bytes = Buffer.from(text, "utf8");
      for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  confirm(dirname(file));
}

/** Syncs a folder in which something was renamed. @throws UnconfirmedError. */
export function confirm(folder: string): void {
  try {
    syncFolder(folder);
  } catch (cause) {
    throw new UnconfirmedError(cause);
  }
}

/** Removes a file or folder that is no longer needed, ignoring errors: leftovers do no harm. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // The caller reports the error that led here.
  }
}

/** `writeFileAtomic` without blocking. */
export async function writeFileAside(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    // Report the original error; the next opening removes the file if this fails.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  // Windows has no way to sync a folder and does not need it.
  if (process.platform === "win32") return;
  try {
    const folder = await open(dirname(file), "r");
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    throw new UnconfirmedError(cause);
  }
}
