/** First millisecond and the one after the last, both in UTC. */
export type Span = { readonly from: number; readonly to: number };

export const DAY_MS = 86_400_000;

const MONTHS = "january february march april may june july august september october november december".split(" ");

/** First month of each season, as most people north of the equator mean it. */
const SEASONS: Readonly<Record<string, number>> = { spring: 2, summer: 5, autumn: 8, fall: 8, winter: 11 };

/** How feasts are written, month and day they begin on, and how many days they are talked of. */
const FEASTS: readonly (readonly [words: string, month: number, day: number, days: number])[] = [
  ["new year['’]?s? eve", 11, 31, 1],
  ["new year['’]?s?(?! eve)", 0, 0, 2],
  ["valentine['’]?s?", 1, 14, 1],
  ["halloween", 9, 31, 1],
  ["thanksgiving", 10, 22, 7],
  ["christmas", 11, 24, 3],
];

/** Sources of patterns. A month is its name or the first three letters of it. */
export const MONTH = `(?:${MONTHS.map((month) => (month.length > 4 ? `${month.slice(0, 3)}(?:${month.slice(3)})?` : month)).join("|")}|sept)\\.?`;
export const SEASON = `(?:${Object.keys(SEASONS).join("|")})`;
export const FEAST = `(?:${FEASTS.map(([words]) => words).join("|")})`;

/** The month, season or feast of that name. A winter is of the year in which it begins. */
export function named(name: string, year: number): Span {
  const season = SEASONS[name.toLowerCase()];
  if (season !== undefined) return months(year, season, 3);
  const feast = FEASTS.find(([words]) => new RegExp(`^${words}$`, "i").test(name));
  if (feast === undefined) return months(year, monthOf(name), 1);
  const [, month, date, count] = feast;
  return days(Date.UTC(year, month, date), count);
}

export function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.toLowerCase().slice(0, 3)));
}

/** Undefined for a day that is not in the calendar. Months are counted from 0. */
export function day(year: number, month: number, date: number): Span | undefined {
  const from = Date.UTC(year, month, date);
  const is = new Date(from);
  return is.getUTCMonth() === month && is.getUTCDate() === date ? days(from, 1) : undefined;
}

export function days(from: number, count: number): Span {
  return { from, to: from + count * DAY_MS };
}

export function months(year: number, first: number, count: number): Span {
  return { from: Date.UTC(year, first, 1), to: Date.UTC(year, first + count, 1) };
}

/** Days from the span to `time`: 0 within, above 0 after its end, below 0 before its start. */
export function distance({ from, to }: Span, time: number): number {
  if (time < from) return (time - from) / DAY_MS;
  return time < to ? 0 : (time - to) / DAY_MS;
}
