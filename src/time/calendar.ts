/** The first millisecond and the one after the last, in UTC. */
export type Span = { readonly from: number; readonly to: number };

export const DAY_MS = 86_400_000;

export const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
export const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

/** First month of each season, as in the northern hemisphere. */
const SEASONS: Readonly<Record<string, number>> = { spring: 2, summer: 5, autumn: 8, fall: 8, winter: 11 };

/** Holidays: pattern, month and day on which they begin, and number of days that people mean. */
const HOLIDAYS: readonly (readonly [words: string, month: number, day: number, days: number])[] = [
  ["new year['’]?s? eve", 11, 31, 1],
  ["new year['’]?s?(?! eve)", 0, 0, 2],
  ["valentine['’]?s?(?: day)?", 1, 14, 1],
  ["halloween", 9, 31, 1],
  ["thanksgiving", 10, 22, 7],
  ["christmas", 11, 24, 3],
];

/** Sources of regular expressions. A month is its name or its first three letters. */
export const MONTH_NAME = `(?:${MONTHS.map((month) => (month.length > 3 ? `${month.slice(0, 3)}(?:${month.slice(3)})?` : month)).join("|")}|sept)`;
export const MONTH = `${MONTH_NAME}\\.?`;
export const SEASON = `(?:${Object.keys(SEASONS).join("|")})`;
export const HOLIDAY = `(?:${HOLIDAYS.map(([words]) => words).join("|")})`;
export const QUARTER = "(?:q[1-4])";

/** The month, quarter, season or holiday named `name`. A winter belongs to the year in which it begins. */
export function named(name: string, year: number): Span {
  const season = SEASONS[name.toLowerCase()];
  if (season !== undefined) return months(year, season, 3);
  if (/^q[1-4]$/i.test(name)) return months(year, 3 * (Number(name.slice(1)) - 1), 3);
  const holiday = HOLIDAYS.find(([words]) => new RegExp(`^${words}$`, "i").test(name));
  if (holiday === undefined) return months(year, monthOf(name), 1);
  const [, month, date, count] = holiday;
  return days(Date.UTC(year, month, date), count);
}

export function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.toLowerCase().startsWith(name.toLowerCase().slice(0, 3)));
}

/** A day; undefined if it is not in the calendar. Months count from 0. */
export function day(year: number, month: number, date: number): Span | undefined {
  const from = Date.UTC(year, month, date);
  const actual = new Date(from);
  return actual.getUTCMonth() === month && actual.getUTCDate() === date ? days(from, 1) : undefined;
}

export function days(from: number, count: number): Span {
  return { from, to: from + count * DAY_MS };
}

export function months(year: number, first: number, count: number): Span {
  return { from: Date.UTC(year, first, 1), to: Date.UTC(year, first + count, 1) };
}

/** The same days in another year, which is the one in which the span begins. */
export function inYear({ from, to }: Span, year: number): Span {
  const [start, end] = [new Date(from), new Date(to)];
  const ends = year + end.getUTCFullYear() - start.getUTCFullYear();
  return {
    from: Date.UTC(year, start.getUTCMonth(), start.getUTCDate()),
    to: Date.UTC(ends, end.getUTCMonth(), end.getUTCDate()),
  };
}

/** Days from the span to `time`: 0 within, above 0 after its end, below 0 before its start. */
export function distance({ from, to }: Span, time: number): number {
  if (time < from) return (time - from) / DAY_MS;
  return time < to ? 0 : (time - to) / DAY_MS;
}
