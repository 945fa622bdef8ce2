import type { ParsedComponents } from "chrono-node";
import { type Span, days, months } from "./calendar.ts";
import { MemGPTError } from "../errors.ts";
import { clockOf } from "./clock.ts";
import { wholeTime } from "./when.ts";

/**
 * The time from the start of `start` to the end of `end`, both included, in days of the local time zone. Accepts ISO
 * dates and what people write: `7 May 2023`, `May 2023`, `2023`, `yesterday`, `last week`, `last summer`.
 *
 * @throws Error, for the model to read, if either is not a date or they are in the wrong order.
 */
export async function dateRange(start: string, end: string, now: string): Promise<{ from: string; to: string }> {
  const at = Date.parse(now);
  const [first, last] = [await spanOf(start, at), await spanOf(end, at)];
  if (first.from >= last.to) throw new Error(`the first day, ${start}, is after the last, ${end}`);
  return { from: new Date(first.from).toISOString(), to: new Date(Math.min(last.to, LATEST)).toISOString() };
}

/** Later years have more digits, with which times as text no longer sort. */
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * The moment, in ISO 8601, that words such as `yesterday 17:00` mean, in the past if ambiguous; undefined if they mean
 * none.
 *
 * @throws MemGPTError `not_found` if the moment is in the future.
 */
export async function moment(text: string, now: string): Promise<string | undefined> {
  const trimmed = text.trim();
  // A day, month or year means its end.
  const known = wholeTime(trimmed);
  if (known !== undefined) {
    const clock = clockOf(Date.parse(now));
    checkBegun(clock.timeOf(known.from), trimmed, now);
    return new Date(clock.timeOf(known.to) - 1).toISOString();
  }
  const { parse } = await import("chrono-node");
  const asWritten = trimmed.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, "$1T").replace(/^(?:at|on)\s+/i, "");
  const [found] = parse(asWritten, new Date(now));
  // "my monday backup" contains a time but is not one.
  if (found === undefined || found.text.trim() !== asWritten) return undefined;
  const { start } = found;
  const date = start.date();
  // "14:30" means today, or yesterday if that is still ahead; "Monday" and "24 December" mean the last ones.
  if (!start.isCertain("day") && date > new Date(now)) {
    if (start.isCertain("weekday")) date.setDate(date.getDate() - 7);
    else if (start.isCertain("hour")) date.setDate(date.getDate() - 1);
  } else if (!start.isCertain("year") && date > new Date(now)) date.setFullYear(date.getFullYear() - 1);
  if (!start.isCertain("hour")) date.setHours(0, 0, 0, 0);
  checkBegun(date.getTime(), trimmed, now);
  // The end of what was meant: of the day, the minute or the second.
  if (!start.isCertain("hour")) date.setHours(23, 59, 59, 999);
  else if (!start.isCertain("second")) date.setSeconds(59, 999);
  else if (!start.isCertain("millisecond")) date.setMilliseconds(999);
  return date.toISOString();
}

function checkBegun(from: number, text: string, now: string): void {
  if (from <= Date.parse(now)) return;
  throw new MemGPTError("not_found", `${JSON.stringify(text)} is in the future. Nothing was changed.`);
}

/** A day with a time of day, which is dropped: chrono would shift it by its time zone. */
const TIME_OF_DAY = /^(\d{4}-\d{1,2}-\d{1,2})[T ]\d.*$/;
/** Text that can only be a date. */
const NUMERIC = /^(?:\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d{4}-\d{1,2}|\d{8})$/;

async function spanOf(text: string, now: number): Promise<Span> {
  const trimmed = text.trim().replace(TIME_OF_DAY, "$1");
  const clock = clockOf(now);
  const shown = clock.shown(now);
  const span = wholeTime(trimmed, shown) ?? (NUMERIC.test(trimmed) ? undefined : await spanByChrono(trimmed, now));
  if (span !== undefined) return { from: clock.timeOf(span.from), to: clock.timeOf(span.to) };
  throw new Error(
    NUMERIC.test(trimmed)
      ? `${JSON.stringify(text)} is not a day of the calendar`
      : `${JSON.stringify(text)} is not a date; write YYYY-MM-DD, or for example "last week" or "May 2023"`,
  );
}

/** Parses with chrono what our own grammar does not know, such as "the week before 9 June 2023". */
async function spanByChrono(text: string, now: number): Promise<Span | undefined> {
  const { parse } = await import("chrono-node");
  const components = parse(text, new Date(now))[0]?.start;
  return components && around(components, text, now);
}

/** The day, week, month or year around the parsed date, whichever the words mean, as the local clock shows it. */
function around(components: ParsedComponents, text: string, now: number): Span {
  const date = components.date();
  const [year, month] = [date.getFullYear(), date.getMonth()];
  const dayAt = (shift: number): number => Date.UTC(year, month, date.getDate() + shift);
  if (/\bweek\b/i.test(text) && !/\bago\b/i.test(text)) return days(dayAt(-((date.getDay() + 6) % 7)), 7);
  // A search looks for the past: a bare weekday, month or day of the year means the last one.
  const isAhead = date.getTime() > now;
  const years = !components.isCertain("year") && isAhead ? year - 1 : year;
  if (components.isCertain("day")) return days(Date.UTC(years, month, date.getDate()), 1);
  if (components.isCertain("weekday")) return days(dayAt(isAhead ? -7 : 0), 1);
  return components.isCertain("month") ? months(years, month, 1) : months(year, 0, 12);
}
