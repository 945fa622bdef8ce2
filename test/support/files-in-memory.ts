import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";

const MEMORY = "/dev/shm";
/** In bytes: many times what all tests keep at once. */
const ROOM = 4 * 2 ** 30;

let folder: string | undefined;

/**
 * Puts the temporary files of all tests in memory, where there is room: a third of their time is otherwise spent waiting
 * for a disk to sync. The programs under test sync as always; what a power cut leaves is tested by recording their writes.
 */
export function setup(): void {
  if (!isRoomy()) return;
  folder = mkdtempSync(`${MEMORY}/memgpt-tests-`);
  // A PostgreSQL of a test's own runs as another user, and has to get through to its files.
  chmodSync(folder, 0o755);
  process.env["TMPDIR"] = folder;
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

function isRoomy(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM && !/ \/dev\/shm tmpfs \S*noexec/.test(readFileSync("/proc/mounts", "utf8"));
  } catch {
    return false; // Only Linux has it.
  }
}
