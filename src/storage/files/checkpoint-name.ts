/**
 * The name of a checkpoint written at `time` when `last` is the newest there is. Names must sort by age although clocks
 * are set back, so it is moved past `last` if need be.
 */
export function nextName(time: string, last: string | undefined): string {
  const earliest = last === undefined ? 0 : timeOf(last) + 1;
  return `${new Date(Math.max(Date.parse(time), earliest)).toISOString().replaceAll(":", "-")}.json`;
}

/** Milliseconds since 1970 of the time in a checkpoint's name; 0 if there is none. */
export function timeOf(file: string): number {
  const at = Date.parse(file.replace(/\.json$/, "").replace(/T(\d\d)-(\d\d)-(\d\d)/, "T$1:$2:$3"));
  return Number.isNaN(at) ? 0 : at;
}
