import { existsSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";

/** A row is not what was written: it does not fit its checksum. */
export class WrongSum extends Error {
  override readonly name = "WrongSum";
}

/** Whether SQLite says that the file is at fault, and not the disk, the rights on it, or the program. */
export function isFileDamage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}

/**
 * What a person needs to know of a database that was found damaged. Notes beside the file that it was: opening an agent reads
 * only a few pages, and would not find it again.
 */
export function damaged(file: string, cause: unknown): MemGPTError {
  suspect(file);
  return new MemGPTError(
    "storage_damaged",
    `${file} is damaged (${describe(cause)}). Nothing was changed. \`memgpt doctor --repair --agent ${nameOf(file)}\` ` +
      "brings what can be read into a new database; so does opening the agent again.",
    { cause },
  );
}

/** Whether damage was noted since the database was last checked whole. */
export function isSuspect(file: string): boolean {
  return existsSync(noteOf(file));
}

/** Forgets that damage was noted. */
export function clearSuspicion(file: string): void {
  rmSync(noteOf(file), { force: true });
}

function suspect(file: string): void {
  try {
    writeFileSync(noteOf(file), "Damage was found; the next opening of the agent looks at all of its database.\n");
  } catch {
    // Where nothing can be written, the error says it.
  }
}

function noteOf(file: string): string {
  return `${file}.suspect`;
}

/** Every agent has a folder of its name. */
function nameOf(file: string): string {
  const name = basename(dirname(file));
  return /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
}
