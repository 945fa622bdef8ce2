import { KEPT_CHECKPOINTS } from "../../schema/limits.ts";
import { isKept, timeOf } from "./checkpoint-name.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Which of `files` (names, oldest first) can be removed. Checkpoints that a person saved stay, and are not counted. Of the
 * automatic ones the `newest` stay (at least one), then the first of each hour for a day, then the first of each day, in UTC.
 * The first of a day is also the first of its hour, so it was not removed earlier. The journal can still go back to every
 * operation; checkpoints only name some of them.
 */
export function surplus(files: readonly string[], now: string, newest = KEPT_CHECKPOINTS): string[] {
  const automatic = files.filter((file) => !isKept(file));
  const old = automatic.slice(0, Math.max(0, automatic.length - Math.max(1, newest)));
  return old.filter((file, n) => {
    const before = old[n - 1];
    const unit = Date.parse(now) - timeOf(file) < DAY ? HOUR : DAY;
    return before !== undefined && Math.floor(timeOf(before) / unit) === Math.floor(timeOf(file) / unit);
  });
}
