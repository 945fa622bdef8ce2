/** Twice the pause that begins a session in recall storage, in milliseconds: not every turn need be stored. */
const PAUSE = 7_200_000;

/**
 * Times for the turns of sessions, each session's a second apart from its beginning on. Where two sessions that follow each
 * other are less than two hours apart the later one is moved, so that recall storage takes them for two as well.
 *
 * @param starts in milliseconds since 1970.
 * @returns per session a function from the number of a turn to its time, ISO 8601 in UTC.
 */
export function sessionTimes(sessions: readonly { readonly start: number; readonly turns: number }[]): string[][] {
  const timesOf = sessionClock();
  return sessions.map(({ start, turns }) => timesOf(start, turns));
}

/** What gives `sessionTimes` one session after the other. */
export function sessionClock(): (start: number, turns: number) => string[] {
  let end = -Infinity;
  return (start, turns) => {
    const from = Math.abs(start - end) < PAUSE ? end + PAUSE : start;
    const times = Array.from({ length: turns }, (_, turn) => from + turn * 1000);
    end = times.at(-1) ?? end;
    return times.map((time) => new Date(time).toISOString());
  };
}

/** Milliseconds since 1970 of a day and a time, taken as UTC; NaN if it is none. */
export function utc(day: string, hour: number, minute: number): number {
  return Date.parse(`${day} UTC`) + (hour * 60 + minute) * 60_000;
}
