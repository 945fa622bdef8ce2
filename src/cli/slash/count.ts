/** Describes a count in a usage line. */
export const COUNT = "where n is a whole number above 0";

/** `text` as a count; undefined unless it is a whole number above 0 in plain digits. */
export function parseCount(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const count = Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  return count < 1 ? undefined : count;
}
