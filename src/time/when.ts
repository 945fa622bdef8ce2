import {
  DAY_MS,
  HOLIDAY,
  MONTH,
  SEASON,
  type Span,
  WEEKDAYS,
  day,
  distance,
  inYear,
  monthOf,
  months,
  named,
} from "./calendar.ts";
import { RELATIVE_TIMES, type Groups, nowAt } from "./when-relative.ts";

/** A time that a query names. `isYearly`: without a year, so it recurs; `isDay`: no longer than a weekend. */
export type TimeHint = {
  /** The first millisecond and the one after the last, in UTC. */
  readonly from: number;
  readonly to: number;
  readonly isYearly: boolean;
  readonly isDay: boolean;
};

/**
 * The times named in `text`: dates, months, years, seasons, holidays and, if `now` is known, times relative to it.
 *
 * @param now Milliseconds since 1970, in UTC.
 */
export function timesIn(text: string, now?: number): TimeHint[] {
  return timesApart(text, now).times;
}

/** The times named in `text`, and the rest of it. */
export function timesApart(text: string, now?: number): { readonly times: TimeHint[]; readonly rest: string } {
  const times: TimeHint[] = [];
  let rest = text.replace(/\s+/g, " ");
  for (const { pattern, read } of [...NUMERIC, ...(now === undefined ? [] : relativeTo(now)), ...NAMED]) {
    rest = replaced(rest, pattern, (groups) => {
      const hint = read(groups);
      if (hint === undefined) return undefined;
      times.push(hint);
      return " ";
    });
  }
  return { times, rest };
}

/**
 * `text` without words for a time relative to now, which a message of that time would not contain: `yesterday`,
 * `three days ago`, `last week`, but only the `last` of `last May`. Leaves quoted text unchanged. May be empty.
 */
export function withoutRelativeTimes(text: string): string {
  const withoutThem = (part: string): string =>
    RELATIVE_TIMES.reduce(
      (rest, { pattern }) => replaced(rest, pattern, ({ kept }) => (kept === undefined ? "" : ` ${kept}`)),
      part,
    );
  return text
    .replace(/\s+/g, " ")
    .split(/("[^"]*")/)
    .map((part) => (part.startsWith('"') ? part : withoutThem(part)))
    .join("")
    .trim();
}

/** Days from the hinted time to `time`: 0 within, above 0 after its end, below 0 before its start. */
export function daysFrom({ from, to, isYearly }: TimeHint, time: number): number {
  if (!isYearly) return distance({ from, to }, time);
  const year = new Date(time).getUTCFullYear();
  const apart = [year - 1, year, year + 1].map((target) => distance(inYear({ from, to }, target), time));
  return apart.reduce((best, days) => (Math.abs(days) < Math.abs(best) ? days : best), Number.POSITIVE_INFINITY);
}

/** Words allowed around a time that makes up a whole text. */
const GLUE = /^(?:\s|in|on|at|of|during|since|the|this|year)*$/i;
/** Texts that are a time only if they stand alone. */
const BARE: readonly (readonly [words: RegExp, meaning: string])[] = [
  [new RegExp(`^(?:${WEEKDAYS.join("|")})$`, "i"), "on $&"],
  [/^q[1-4]$/i, "last $&"],
  [/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3"],
];

/**
 * The time that makes up the whole of `text`; undefined if it is not just a time. Without a year it is the last that
 * has begun.
 *
 * @param now Milliseconds since 1970, in UTC; without it, times relative to now are not understood.
 */
export function wholeTime(text: string, now?: number): Span | undefined {
  const trimmed = text.trim().replace(/^(?:in|on|at|since|during|the year)\s+/i, "");
  if (/^\d{4}$/.test(trimmed)) return months(Number(trimmed), 0, 12);
  const meant = BARE.reduce((words, [pattern, meaning]) => words.replace(pattern, meaning), trimmed);
  const { times, rest } = timesApart(meant, now);
  const [time, another] = times;
  if (time === undefined || another !== undefined || !GLUE.test(rest)) return undefined;
  if (!time.isYearly) return time;
  if (now === undefined) return undefined;
  const year = new Date(now).getUTCFullYear();
  return [year + 1, year, year - 1].map((target) => inYear(time, target)).find(({ from }) => from <= now);
}

type Expression = { readonly pattern: RegExp; readonly read: (groups: Groups) => TimeHint | undefined };

const YEAR = "(?<year>(?:19|20)\\d\\d)";
const OF_YEAR = `(?:,? (?:of |in )?${YEAR})?`;
const ORDINAL = "(?<date>\\d{1,2})(?:st|nd|rd|th)?";
/** Boundaries of digits that are not part of a longer number, path or version. */
const BEFORE = "(?<![\\w/.-])";
const AFTER = "(?![\\w/-]|\\.\\d)";

const NUMERIC: readonly Expression[] = [
  expression(
    `\\b(?<year>\\d{4})(?<mark>[-/.])(?<month>\\d{1,2})\\k<mark>(?<date>\\d{1,2})(?!\\d)`,
    ({ month, date }, year) => day(year, Number(month) - 1, Number(date)),
  ),
  expression(
    `${BEFORE}(?<first>\\d{1,2})(?<mark>[/.])(?<second>\\d{1,2})\\k<mark>(?<year>(?:19|20)?\\d\\d)${AFTER}`,
    ({ first, mark, second }, year) => {
      const dayFirst = day(year, Number(second) - 1, Number(first));
      const monthFirst = day(year, Number(first) - 1, Number(second));
      return mark === "." ? (dayFirst ?? monthFirst) : (monthFirst ?? dayFirst);
    },
  ),
  expression(`${BEFORE}${YEAR}[-/](?<month>\\d{1,2})${AFTER}`, numberedMonth),
  expression(`${BEFORE}(?<month>\\d{1,2})/${YEAR}${AFTER}`, numberedMonth),
  expression(`\\bQ(?<quarter>[1-4])(?:[/-]| (?:of )?)?${YEAR}\\b`, quarter),
  expression(`\\b${YEAR}[ /-]?Q(?<quarter>[1-4])\\b`, quarter),
];

/** Words after "may" that make it a verb. */
const VERB = " (?:not|also|well|still|be|have|seem|sound|look|help|need|take|make|cause|become|get|come|go)\\b";

const NAMED: readonly Expression[] = [
  expression(`\\b${ORDINAL} (?:of )?(?<month>${MONTH})(?!\\w)${OF_YEAR}`, dayOfMonth),
  expression(`\\b(?<month>${MONTH}) (?:the (?=\\d+[a-z]))?${ORDINAL}(?![\\d:])${OF_YEAR}`, dayOfMonth),
  expression(`(?:(?<=\\b(?<before>\\w{1,10}) )|)\\b(?<month>${MONTH})(?![\\w']|${VERB})${OF_YEAR}`, (groups, year) =>
    namesMonth(groups) ? named(groups["month"] ?? "", year) : undefined,
  ),
  expression(`\\b(?<season>${SEASON})(?! out| in| for| off)\\b${OF_YEAR}`, ({ season = "" }, year) =>
    named(season, year),
  ),
  expression(`\\b(?<holiday>${HOLIDAY})\\b${OF_YEAR}`, ({ holiday = "" }, year) => named(holiday, year)),
  expression(`\\b${YEAR}\\b`, (_, year) => months(year, 0, 12)),
];

/** `read` gets the named year, or 2000 for a time without a year. */
function expression(source: string, read: (groups: Groups, year: number) => Span | undefined): Expression {
  return {
    pattern: new RegExp(source, "gi"),
    read: (groups) => hintOf(read(groups, yearOf(groups["year"] ?? "2000")), groups["year"] === undefined),
  };
}

function relativeTo(time: number): Expression[] {
  const now = nowAt(time);
  return RELATIVE_TIMES.map(({ pattern, read }) => ({ pattern, read: (groups) => hintOf(read(groups, now), false) }));
}

function hintOf(span: Span | undefined, isYearly: boolean): TimeHint | undefined {
  return span && { ...span, isYearly, isDay: span.to - span.from <= 3 * DAY_MS };
}

/** Expands two digits to the years 1970 to 2069. */
function yearOf(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

function numberedMonth({ month }: Groups, year: number): Span | undefined {
  const number = Number(month);
  return number >= 1 && number <= 12 ? months(year, number - 1, 1) : undefined;
}

function quarter({ quarter: number }: Groups, year: number): Span {
  return months(year, 3 * (Number(number) - 1), 3);
}

function dayOfMonth({ month = "", date }: Groups, year: number): Span | undefined {
  return day(year, monthOf(month), Number(date));
}

/** Whether a possible month is one: "may", "march" and abbreviations need a year or a preposition. */
function namesMonth({ month = "", before = "", year }: Groups): boolean {
  if (year !== undefined) return true;
  const name = month.toLowerCase();
  const isPlain = name.length > 4 && name !== "march";
  if (isPlain && !name.endsWith(".")) return true;
  return /^(in|of|last|this|since|until|till|by|during|early|late|mid|before|after|from|around)$/i.test(before);
}

/** Replaces every match of `pattern` by the result of `replace`; keeps it if that is undefined. */
function replaced(text: string, pattern: RegExp, replace: (groups: Groups) => string | undefined): string {
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(end, match.index), replace(match.groups ?? {}) ?? match[0]);
    end = match.index + match[0].length;
  }
  return parts.join("") + text.slice(end);
}
