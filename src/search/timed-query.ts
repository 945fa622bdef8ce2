import { type Clock, clockOf } from "../time/clock.ts";
import { LONGEST_QUERY, type SearchQuery, parseQuery } from "./query.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { type TimeHint, daysFrom, timesApart, withoutRelativeTimes } from "../time/when.ts";

/** What a query says of when, and the rest of it. */
export type TimedQuery = { readonly times: readonly TimeHint[]; readonly rest: string; readonly clock: Clock };

/** Words such as "yesterday" say when, where it is known what they are relative to, and are not looked for. */
export function parseAt(text: string, now: number | undefined): SearchQuery {
  return parseQuery(now === undefined ? text : withoutRelativeTimes(text.slice(0, LONGEST_QUERY)));
}

/** Times are looked for in so many characters of a lookup. */
const LONGEST_TIMED = 200;

/** @param now milliseconds since 1970. */
export function timedQuery(text: string, now: number | undefined): TimedQuery {
  const clock = clockOf(now);
  return { ...timesApart(text.slice(0, LONGEST_TIMED), now === undefined ? undefined : clock.shown(now)), clock };
}

/** The one time that a query consists of, in milliseconds since 1970, if it comes round only once; undefined if it says more. */
export function onlyTimeOf({ times, rest, clock }: TimedQuery): { from: number; to: number } | undefined {
  const [time, another] = times;
  if (time === undefined || another !== undefined || time.isYearly || says(rest)) return undefined;
  return { from: clock.timeOf(time.from), to: clock.timeOf(time.to) };
}

/** Whether a query names a time beside something else. */
export function saysWhen({ times, rest }: TimedQuery): boolean {
  return times.length > 0 && says(rest);
}

function says(text: string): boolean {
  const { quoted, identifiers, terms } = parseQuery(text);
  return quoted.length + identifiers.length > 0 || terms.some((term) => !STOP_WORDS.has(term));
}

/** Whether a time, in milliseconds since 1970, is one of those that the query names. */
export function isThen({ times, clock }: TimedQuery, time: number): boolean {
  return times.some((hint) => daysFrom(hint, clock.shown(time)) === 0);
}
