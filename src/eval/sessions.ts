/** Milliseconds: twice the pause that starts a session in recall storage, because blank turns are not stored. */
const PAUSE = 7_200_000;

/**
 * Times for the turns of sessions, a second apart. If two consecutive sessions are less than two hours apart, the later one
 * moves, so that recall storage separates them, too.
 *
 * @param sessions with `start` in milliseconds since 1970.
 * @returns for each session, the times of its turns, ISO 8601 in UTC.
 */
export function sessionTimes(sessions: readonly { readonly start: number; readonly turns: number }[]): string[][] {
  const timesOf = sessionClock();
  return sessions.map(({ start, turns }) => timesOf(start, turns));
}

/** `sessionTimes` for one session after another. */
export function sessionClock(): (start: number, turns: number) => string[] {
  let end = -Infinity;
  return (start, turns) => {
    const from = Math.abs(start - end) < PAUSE ? end + PAUSE : start;
    const times = Array.from({ length: turns }, (_, turn) => from + turn * 1000);
    end = times.at(-1) ?? end;
    return times.map((time) => new Date(time).toISOString());
  };
}

/** Milliseconds since 1970 of a day and a time, read as UTC; NaN if invalid. */
export function utc(day: string, hour: number, minute: number): number {
  return Date.parse(`${day} UTC`) + (hour * 60 + minute) * 60_000;
}
