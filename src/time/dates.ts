import type { ParsedComponents } from "chrono-node";

/**
 * The time from the start of `start` to the end of `end`, both included, as the days of the local time zone. Takes ISO
 * dates and what people write: `7 May 2023`, `May 2023`, `2023`, `yesterday`, `last week`, `last summer`.
 *
 * @throws Error, for the model to read, if either is not a date or they are the wrong way round.
 */
export async function dateRange(start: string, end: string, now: string): Promise<{ from: string; to: string }> {
  const [first, last] = [await period(start, now), await period(end, now)];
  if (first.from >= last.to) throw new Error(`the first day, ${start}, is after the last, ${end}`);
  return { from: first.from.toISOString(), to: (last.to > LATEST ? LATEST : last.to).toISOString() };
}

/** After it years have another number of digits, and times written down no longer sort. */
const LATEST = new Date("9999-12-31T23:59:59.999Z");

/** The moment, in ISO 8601, that words such as `yesterday 17:00` mean, in the past if they leave it open; undefined if none. */
export async function moment(text: string, now: string): Promise<string | undefined> {
  const trimmed = text.trim();
  // A day stands for all of it.
  const day = numericPeriod(trimmed);
  if (day !== undefined && !/[T:]/.test(trimmed)) return new Date(day.to.getTime() - 1).toISOString();
  const { parse } = await import("chrono-node");
  const asWritten = trimmed.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, "$1T").replace(/^(?:at|on)\s+/i, "");
  const [found] = parse(asWritten, new Date(now));
  // "my monday backup" holds a time and is none.
  if (found === undefined || found.text.trim() !== asWritten) return undefined;
  const { start } = found;
  const date = start.date();
  // "14:30" is today's, or yesterday's if it is not yet that late; "Monday" is the last one.
  if (!start.isCertain("day") && date > new Date(now)) {
    if (start.isCertain("weekday")) date.setDate(date.getDate() - 7);
    else if (start.isCertain("hour")) date.setDate(date.getDate() - 1);
  }
  // The end of what was meant: of the day, the minute or the second.
  if (!start.isCertain("hour")) date.setHours(23, 59, 59, 999);
  else if (!start.isCertain("second")) date.setSeconds(59, 999);
  else if (!start.isCertain("millisecond")) date.setMilliseconds(999);
  return date.toISOString();
}

type Period = { from: Date; to: Date };

async function period(text: string, now: string): Promise<Period> {
  const trimmed = text.trim().replace(/^(?:in|on|at|during|since|the year)\s+/i, "");
  const at = new Date(now);
  const known = numericPeriod(trimmed) ?? recentPeriod(trimmed, at) ?? namedPeriod(trimmed, at);
  if (known !== undefined) return known;
  const { parse } = await import("chrono-node");
  // To chrono "last may" is a verb; a bare month means the last one anyway.
  const components = parse(trimmed.replace(/^(?:last|this)\s+(?=may\b)/i, ""), at)[0]?.start;
  if (components === undefined) {
    throw new Error(
      `${JSON.stringify(text)} is not a date; write YYYY-MM-DD, or for example "last week" or "May 2023"`,
    );
  }
  return around(components, trimmed, at);
}

/**
 * `2023`, `2023-05`, `2023-05-07`, `20230507`, `7.5.2023`. A time after the day means its day; chrono would move
 * it by its zone.
 */
function numericPeriod(text: string): Period | undefined {
  if (/^\d{4}$/.test(text)) return months(Number(text), 0, 12);
  const month = /^(\d{4})-(\d{1,2})$/.exec(text);
  if (month !== null) return months(Number(month[1]), Number(month[2]) - 1, 1);
  // Whoever writes dots begins with the day.
  const dotted = /^(\d{1,2})\.(0?[1-9]|1[0-2])\.(\d{4}|\d{2})$/.exec(text);
  if (dotted !== null) return isoDay(text, fullYear(Number(dotted[3])), Number(dotted[2]), Number(dotted[1]));
  const day = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  return day === null ? undefined : isoDay(text, Number(day[1]), Number(day[2]), Number(day[3]));
}

const NUMERALS = "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty sixty ninety";
const VALUES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 60, 90];
const COUNTS: ReadonlyMap<string, number> = new Map([
  ...NUMERALS.split(" ").map((word, i) => [word, VALUES[i] ?? 0] as const),
  ["couple", 2],
  ["couple of", 2],
  ["few", 3],
  ["several", 3],
]);

/** `last week`, `this week`, `last 7 days`, `past three months`: reckoned from today, not from one day that is meant. */
function recentPeriod(text: string, now: Date): Period | undefined {
  const [y, m, d] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const week = /^(?:the )?(this|last|previous|next) week$/i.exec(text)?.[1]?.toLowerCase();
  if (week !== undefined) {
    const shift = week === "this" ? 0 : week === "next" ? 7 : -7;
    return days(y, m, d - ((now.getDay() + 6) % 7) + shift, 7);
  }
  const [, count = "", unit = ""] =
    /^(?:the )?(?:last|past|previous) (?:a )?(\d{1,4}|[a-z]+(?: of)?) (day|week|month|year)s?$/i.exec(text) ?? [];
  const n = /^\d/.test(count) ? Number(count) : COUNTS.get(count.toLowerCase());
  if (n === undefined) return undefined;
  const from = {
    day: new Date(y, m, d - n),
    week: new Date(y, m, d - 7 * n),
    month: new Date(y, m - n, d),
    year: new Date(y - n, m, d),
  };
  return { from: from[unit.toLowerCase() as keyof typeof from], to: new Date(y, m, d + 1) };
}

/** Seasons, as most people north of the equator mean them, quarters and feasts, by how they are written. */
const NAMED: readonly (readonly [words: RegExp, of: (year: number) => Period])[] = [
  [/^spring$/i, (y) => months(y, 2, 3)],
  [/^summer$/i, (y) => months(y, 5, 3)],
  [/^(?:autumn|fall)$/i, (y) => months(y, 8, 3)],
  [/^winter$/i, (y) => months(y, 11, 3)],
  [/^q1$/i, (y) => months(y, 0, 3)],
  [/^q2$/i, (y) => months(y, 3, 3)],
  [/^q3$/i, (y) => months(y, 6, 3)],
  [/^q4$/i, (y) => months(y, 9, 3)],
  [/^new year['’]?s? eve$/i, (y) => days(y, 11, 31, 1)],
  [/^new year['’]?s?$/i, (y) => days(y, 0, 0, 2)],
  [/^valentine['’]?s?(?: day)?$/i, (y) => days(y, 1, 14, 1)],
  [/^halloween$/i, (y) => days(y, 9, 31, 1)],
  [/^thanksgiving$/i, (y) => days(y, 10, 22, 7)],
  [/^christmas$/i, (y) => days(y, 11, 24, 3)],
];

const NAMED_PERIOD = /^(?:the )?(?:(?<which>last|this|next) )?(?<name>.+?)(?:,? (?:of |in )?(?<year>\d{4}))?$/i;

/** `summer 2026`, `last Christmas`, `2026 Q2`. Without a year it is the last that has begun, or the next. */
function namedPeriod(text: string, now: Date): Period | undefined {
  const match = NAMED_PERIOD.exec(text.replace(/^(\d{4})[ -]?(q\d)$/i, "$2 $1"));
  const { which, name = "", year } = match?.groups ?? {};
  const of = NAMED.find(([words]) => words.test(name))?.[1];
  if (of === undefined) return undefined;
  if (year !== undefined) return of(Number(year));
  const here = now.getFullYear();
  const periods = [here - 1, here, here + 1, here + 2].map(of);
  return which?.toLowerCase() === "next"
    ? periods.find(({ from }) => from > now)
    : periods.findLast(({ from }) => from <= now);
}

/** As much time around the parsed date as the words meant: a day, a week, a month or a year. */
function around(components: ParsedComponents, text: string, now: Date): Period {
  const date = components.date();
  if (/\bweek\b/i.test(text) && !/\bago\b/i.test(text)) {
    return days(date.getFullYear(), date.getMonth(), date.getDate() - ((date.getDay() + 6) % 7), 7);
  }
  // What is looked for has happened: a bare weekday, month or day of the year means the last one.
  const yearsBack = !components.isCertain("year") && date > now ? 1 : 0;
  if (components.isCertain("day")) return days(date.getFullYear() - yearsBack, date.getMonth(), date.getDate(), 1);
  if (components.isCertain("weekday")) {
    return days(date.getFullYear(), date.getMonth(), date.getDate() - (date > now ? 7 : 0), 1);
  }
  if (!components.isCertain("month")) return months(date.getFullYear(), 0, 12);
  return months(date.getFullYear() - yearsBack, date.getMonth(), 1);
}

function months(y: number, first: number, count: number): Period {
  return { from: new Date(y, first, 1), to: new Date(y, first + count, 1) };
}

/** Two digits are of the century that is nearer. */
function fullYear(y: number): number {
  if (y > 99) return y;
  return y < 70 ? 2000 + y : 1900 + y;
}

function isoDay(text: string, y: number, m: number, d: number): Period {
  const found = days(y, m - 1, d, 1);
  if (found.from.getMonth() !== m - 1) throw new Error(`${JSON.stringify(text)} is not a day of the calendar`);
  return found;
}

function days(y: number, month: number, day: number, count: number): Period {
  return { from: new Date(y, month, day), to: new Date(y, month, day + count) };
}
