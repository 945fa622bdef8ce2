import { timeOf } from "./checkpoint-name.ts";

/** Automatic checkpoints that are always kept. */
const NEWEST = 50;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Which of `files` (names, oldest first) need not be kept: beside the newest 50, one an hour is kept for a day and one a
 * day for ever. The journal can still go back to every operation; checkpoints only name some of them.
 */
export function surplus(files: readonly string[], now: string): string[] {
  const old = files.slice(0, Math.max(0, files.length - NEWEST));
  const seen = new Set<string>();
  return old.filter((file) => {
    const at = timeOf(file);
    const slot =
      Date.parse(now) - at < DAY ? `hour ${String(Math.floor(at / HOUR))}` : `day ${String(Math.floor(at / DAY))}`;
    if (!seen.has(slot)) {
      seen.add(slot);
      return false;
    }
    return true;
  });
}
