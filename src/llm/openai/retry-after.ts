const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * The wait that the server asks for, in milliseconds: from `retry-after-ms`, from `Retry-After` in seconds or as a date, or
 * from its message (`try again in 1m2.5s`). Null if it asks for none.
 */
export function retryAfter(headers: Headers, message: string, now: number): number | null {
  const milliseconds = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const header = headers.get("retry-after");
  if (header !== null) {
    const seconds = Number(header);
    if (seconds >= 0) return seconds * 1000;
    const date = Date.parse(header);
    if (!Number.isNaN(date)) return Math.max(0, date - now);
  }
  const stated = /try again in ((?:\d+(?:\.\d+)?(?:ms|[smh]))+)/i.exec(message)?.[1];
  if (stated === undefined) return null;
  const parts = Array.from(stated.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/gi));
  return parts.reduce(
    (sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 0),
    0,
  );
}
