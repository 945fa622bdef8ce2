/** A calendar day as envelopes and search results write it: `2026-11-21`; empty if unknown. */
export type Day = string;

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** Reads the day at the head of `2026-11-21 01:40:27 AM UTC+0000` or of an ISO 8601 time. */
export function dayOf(time: string): Day | undefined {
  return /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])/.exec(time)?.[0];
}

/** The time of an envelope so that later ones sort after earlier ones: `2026-11-21 13:40:27`. */
export function sortable(time: string): string {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d):(\d\d:\d\d) ([AP])M/.exec(time);
  if (found === null) return time;
  const [, day = "", hour = "", rest = "", half] = found;
  return `${day} ${String((Number(hour) % 12) + (half === "P" ? 12 : 0)).padStart(2, "0")}:${rest}`;
}

/** `21 November 2026`. */
export function longDay(day: Day): string {
  return `${dayAndMonth(day)} ${day.slice(0, 4)}`;
}

/** `21 November`. */
export function dayAndMonth(day: Day): string {
  return `${Number(day.slice(8, 10))} ${MONTHS[Number(day.slice(5, 7)) - 1] ?? ""}`;
}

const MONTH = `(?:${MONTHS.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join("|")}|sept)`;
const YEAR = "(?:,? \\d{4})?";
const DATE = `\\d{4}-\\d\\d(?:-\\d\\d)?|\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH}${YEAR}|${MONTH} \\d{1,2}(?:st|nd|rd|th)?${YEAR}`;

/** `3 May`, `May 3rd`, `3 May 1990`, as a regular expression's source. */
export const CALENDAR_DAY = `(?:the )?(?:${DATE})`;

/** The words of a question that say when. A search understands them; what was said then seldom has them. */
export const WHEN = new RegExp(
  `(?<![\\p{L}\\d-])(?:${DATE}|yesterday|today|[\\p{L}\\d]{1,9} (?:day|week|month|year)s? ago|(?:in|since|during) (?:${MONTH}${YEAR}|\\d{4})|` +
    `(?:last|this) (?:week|weekend|month|year|spring|summer|autumn|fall|winter|${MONTH}|\\p{L}+day))(?![\\p{L}\\d])`,
  "giu",
);
