import type { ParsedComponents } from "chrono-node";

/**
 * The time from the start of `start` to the end of `end`, both included, as the days of the local time zone. Takes ISO
 * dates and what people write: `7 May 2023`, `May 2023`, `2023`, `yesterday`, `last week`.
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
  const trimmed = text.trim().replace(/^(?:in|on|during|since|the year)\s+/i, "");
  const numeric = numericPeriod(trimmed) ?? recentPeriod(trimmed, new Date(now));
  if (numeric !== undefined) return numeric;
  const { parse } = await import("chrono-node");
  const components = parse(trimmed, new Date(now))[0]?.start;
  if (components === undefined) {
    throw new Error(
      `${JSON.stringify(text)} is not a date; write YYYY-MM-DD, or for example "last week" or "May 2023"`,
    );
  }
  return around(components, trimmed, new Date(now));
}

/** `2023`, `2023-05`, `2023-05-07`, `20230507`. A time after the day means its day; chrono would move it by its zone. */
function numericPeriod(text: string): Period | undefined {
  if (/^\d{4}$/.test(text)) return year(Number(text));
  const month = /^(\d{4})-(\d{1,2})$/.exec(text);
  if (month !== null) return wholeMonth(Number(month[1]), Number(month[2]) - 1);
  const day = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  return day === null ? undefined : isoDay(text, Number(day[1]), Number(day[2]), Number(day[3]));
}

/** `last week`, `this week`, `last 7 days`, `past 3 months`: reckoned from today, not from one day that is meant. */
function recentPeriod(text: string, now: Date): Period | undefined {
  const [y, m, d] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const week = /^(?:the )?(this|last|previous|next) week$/i.exec(text)?.[1]?.toLowerCase();
  if (week !== undefined) {
    const shift = week === "this" ? 0 : week === "next" ? 7 : -7;
    return days(y, m, d - ((now.getDay() + 6) % 7) + shift, 7);
  }
  const [, count = "", unit = ""] =
    /^(?:the )?(?:last|past|previous) (\d{1,4}) (day|week|month|year)s?$/i.exec(text) ?? [];
  if (count === "") return undefined;
  const n = Number(count);
  const from = {
    day: new Date(y, m, d - n),
    week: new Date(y, m, d - 7 * n),
    month: new Date(y, m - n, d),
    year: new Date(y - n, m, d),
  };
  return { from: from[unit.toLowerCase() as keyof typeof from], to: new Date(y, m, d + 1) };
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
  if (!components.isCertain("month")) return year(date.getFullYear());
  return wholeMonth(date.getFullYear() - yearsBack, date.getMonth());
}

function wholeMonth(y: number, month: number): Period {
  return { from: new Date(y, month, 1), to: new Date(y, month + 1, 1) };
}

function isoDay(text: string, y: number, m: number, d: number): Period {
  const found = days(y, m - 1, d, 1);
  if (found.from.getMonth() !== m - 1) throw new Error(`${JSON.stringify(text)} is not a day of the calendar`);
  return found;
}

function days(y: number, month: number, day: number, count: number): Period {
  return { from: new Date(y, month, day), to: new Date(y, month, day + count) };
}

function year(y: number): Period {
  return { from: new Date(y, 0, 1), to: new Date(y + 1, 0, 1) };
}
