import { existsSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";

/** A row does not match its checksum. */
export class WrongSum extends Error {
  override readonly name = "WrongSum";
}

/** Whether SQLite reports a damaged file, rather than a problem with the disk, its permissions or the program. */
export function isFileDamage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}

/**
 * The error for a damaged database. Also leaves a note beside the file: opening an agent reads only a few pages, and might not find
 * the damage again.
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

/** Whether damage was noted since the last full check of the database. */
export function isSuspect(file: string): boolean {
  return existsSync(noteOf(file));
}

/** Removes the note on damage. */
export function clearSuspicion(file: string): void {
  rmSync(noteOf(file), { force: true });
}

function suspect(file: string): void {
  try {
    writeFileSync(noteOf(file), "Damage was found; the next opening of the agent checks its whole database.\n");
  } catch {
    // If nothing can be written, the error alone has to do.
  }
}

function noteOf(file: string): string {
  return `${file}.suspect`;
}

/** The agent's name, which is that of its folder. */
function nameOf(file: string): string {
  const name = basename(dirname(file));
  return /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
}
