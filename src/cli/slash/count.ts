/** What commands with a count call it in their usage line. */
export const COUNT = "n a whole number above 0";

/** The count that `text` is; undefined if it is not a whole number above 0 in plain digits. */
export function parseCount(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const count = Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  return count < 1 ? undefined : count;
}
