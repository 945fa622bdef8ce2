import type { ParsedComponents } from "chrono-node";
import type { TimeRange } from "../storage/interfaces.ts";

/**
 * The time from the start of `start` to the end of `end`, both included, as the days of the local time zone. Takes ISO
 * dates and what people write: `7 May 2023`, `May 2023`, `2023`, `yesterday`, `last week`.
 *
 * @throws Error, for the model to read, if either is not a date or they are the wrong way round.
 */
export async function dateRange(start: string, end: string, now: string): Promise<Required<TimeRange>> {
  const [first, last] = [await period(start, now), await period(end, now)];
  if (first.from > last.to) throw new Error(`the first day, ${start}, is after the last, ${end}`);
  return { from: first.from.toISOString(), to: last.to.toISOString() };
}

type Period = { from: Date; to: Date };

async function period(text: string, now: string): Promise<Period> {
  const trimmed = text.trim();
  if (/^\d{4}$/.test(trimmed)) return year(Number(trimmed));
  // Dates with a time part mean their day; chrono would read the zone and move it.
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(trimmed);
  if (iso !== null) return isoDay(trimmed, Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const { parse } = await import("chrono-node");
  const components = parse(trimmed, new Date(now))[0]?.start;
  if (components === undefined) {
    throw new Error(
      `${JSON.stringify(text)} is not a date; write YYYY-MM-DD, or for example "last week" or "May 2023"`,
    );
  }
  return around(components, trimmed, new Date(now));
}

/** As much time around the parsed date as the words meant: a day, a week, a month or a year. */
function around(components: ParsedComponents, text: string, now: Date): Period {
  const date = components.date();
  if (/\bweeks?\b/i.test(text) && !/\bago\b/i.test(text)) {
    const monday = date.getDate() - ((date.getDay() + 6) % 7);
    return days(date.getFullYear(), date.getMonth(), monday, 7);
  }
  if (components.isCertain("day") || components.isCertain("weekday")) {
    // A bare weekday means the last one: what is looked for has happened.
    const back = !components.isCertain("day") && date > now ? 7 : 0;
    return days(date.getFullYear(), date.getMonth(), date.getDate() - back, 1);
  }
  if (!components.isCertain("month")) return year(date.getFullYear());
  const past = !components.isCertain("year") && date > now ? 1 : 0;
  const first = new Date(date.getFullYear() - past, date.getMonth(), 1);
  return { from: first, to: new Date(first.getFullYear(), first.getMonth() + 1, 1) };
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
