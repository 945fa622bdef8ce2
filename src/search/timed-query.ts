import { type Clock, clockOf } from "../time/clock.ts";
import { LONGEST_QUERY, type SearchQuery, parseQuery } from "./query.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { type TimeHint, daysFrom, timesApart, withoutRelativeTimes } from "../time/when.ts";

/** The times that a query names, and the rest of it. */
export type TimedQuery = { readonly times: readonly TimeHint[]; readonly rest: string; readonly clock: Clock };

/** Parses a query. With `now`, words such as "yesterday" are times rather than terms. */
export function parseAt(text: string, now: number | undefined): SearchQuery {
  return parseQuery(now === undefined ? text : withoutRelativeTimes(text.slice(0, LONGEST_QUERY)));
}

/** Number of first characters of a lookup that are searched for times. */
const LONGEST_TIMED = 200;

/** Separates the times in a query from the rest. @param now Milliseconds since 1970. */
export function timedQuery(text: string, now: number | undefined): TimedQuery {
  const clock = clockOf(now);
  return { ...timesApart(text.slice(0, LONGEST_TIMED), now === undefined ? undefined : clock.shown(now)), clock };
}

/** The time of a query that names only a time, in milliseconds since 1970; undefined if the time recurs yearly or there is more. */
export function onlyTimeOf({ times, rest, clock }: TimedQuery): { from: number; to: number } | undefined {
  const [time, another] = times;
  if (time === undefined || another !== undefined || time.isYearly || hasTopic(rest)) return undefined;
  return { from: clock.timeOf(time.from), to: clock.timeOf(time.to) };
}

/** Whether a query names a time and something to search for. */
export function hasTimeAndTopic({ times, rest }: TimedQuery): boolean {
  return times.length > 0 && hasTopic(rest);
}

function hasTopic(text: string): boolean {
  const { quoted, identifiers, terms } = parseQuery(text);
  return quoted.length + identifiers.length > 0 || terms.some((term) => !STOP_WORDS.has(term));
}

/** Whether `time`, in milliseconds since 1970, falls within a time that the query names. */
export function isThen({ times, clock }: TimedQuery, time: number): boolean {
  return times.some((hint) => daysFrom(hint, clock.shown(time)) === 0);
}
