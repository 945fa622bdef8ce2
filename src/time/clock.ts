/** Converts between times and what a clock shows, read as if it were UTC. Both are milliseconds since 1970. */
export type Clock = { readonly shown: (time: number) => number; readonly timeOf: (shown: number) => number };

const UTC_CLOCK: Clock = { shown: (time) => time, timeOf: (shown) => shown };

/** The local clock: a person's "yesterday" ends at their midnight. */
const LOCAL_CLOCK: Clock = {
  shown: (time) => time - minutesBehind(time) * 60_000,
  // When the clock is set back, an hour occurs twice; this returns one of the two times.
  timeOf: (shown) => shown + minutesBehind(shown + minutesBehind(shown) * 60_000) * 60_000,
};

function minutesBehind(time: number): number {
  return new Date(time).getTimezoneOffset();
}

/** The clock for a query: local if the time of the query is known, else UTC. */
export function clockOf(now: number | undefined): Clock {
  return now === undefined ? UTC_CLOCK : LOCAL_CLOCK;
}

/** Milliseconds since 1970 of a time in ISO 8601; undefined if absent or invalid. */
export function timeOf(iso: string | undefined): number | undefined {
  const time = Date.parse(iso ?? "");
  return Number.isNaN(time) ? undefined : time;
}
