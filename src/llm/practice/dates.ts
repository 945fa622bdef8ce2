/** A calendar day as written in an envelope, as midnight UTC so that days can be counted. */
export type Day = number;
export type DayRange = { readonly from: Day; readonly to: Day };

const MS_PER_DAY = 86_400_000;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
const MONTH =
  "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
const NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    a: 1,
    an: 1,
    one: 1,
    two: 2,
    couple: 2,
    three: 3,
    few: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
  }),
);

/** Reads the day at the head of `2026-11-21 01:40:27 AM UTC+0000` or of an ISO 8601 time. */
export function dayOf(time: string): Day | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(time);
  return found === null ? undefined : valid(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
}

/** `2026-11-21`, as the date search takes it. */
export function isoDay(day: Day): string {
  return new Date(day).toISOString().slice(0, 10);
}

/** `21 November 2026`. */
export function longDay(day: Day): string {
  return `${dayAndMonth(day)} ${new Date(day).getUTCFullYear()}`;
}

/** `21 November`. */
export function dayAndMonth(day: Day): string {
  const date = new Date(day);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ""}`;
}

export function addDays(day: Day, count: number): Day {
  return day + count * MS_PER_DAY;
}

/** Whether a text speaks of a day or a span of days at all. */
export const TIME_WORDS = new RegExp(
  `\\b(?:today|tonight|tomorrow|yesterday|next|this (?:week|weekend|month|year|summer|winter|autumn|fall|spring|evening|afternoon)|on (?:${WEEKDAYS.join("|")})|(?:in|on|until|by|around|from) (?:the )?(?:\\d{1,2}(?:st|nd|rd|th)? )?(?:of )?(?:${MONTH})|in (?:a|one|two|three|\\d+) (?:days?|weeks?|months?|years?)|20\\d\\d)\\b`,
  "i",
);

/** The past days a question such as "what did we talk about last week?" asks for, if it names any. */
export function pastRange(text: string, today: Day): DayRange | undefined {
  const asked = text.toLowerCase().slice(0, 1000);
  const days = namedDays(asked, today);
  const [first, second] = days;
  if (first !== undefined && second !== undefined)
    return { from: Math.min(first, second), to: Math.max(first, second) };
  if (first !== undefined) return /\bsince\b/.test(asked) ? { from: first, to: today } : { from: first, to: first };
  return relativeRange(asked, today) ?? monthRange(asked, today);
}

function namedDays(text: string, today: Day): Day[] {
  const found: { index: number; day: Day | undefined }[] = [];
  for (const m of text.matchAll(/\b(\d{4})-(\d{1,2})-(\d{1,2})\b/g)) {
    found.push({ index: m.index, day: valid(Number(m[1]), Number(m[2]) - 1, Number(m[3])) });
  }
  const dayFirst = new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${MONTH})\\b(?:,? (\\d{4})\\b)?`, "g");
  for (const m of text.matchAll(dayFirst)) {
    found.push({ index: m.index, day: pastDay(Number(m[1]), m[2], m[3], today) });
  }
  const monthFirst = new RegExp(
    `\\b(${MONTH})\\.? (?:the )?(\\d{1,2})(?:st|nd|rd|th)?\\b(?!\\d)(?:,? (\\d{4})\\b)?`,
    "g",
  );
  for (const m of text.matchAll(monthFirst)) {
    if (found.some(({ index }) => Math.abs(index - m.index) < 8)) continue;
    found.push({ index: m.index, day: pastDay(Number(m[2]), m[1], m[3], today) });
  }
  found.sort((a, b) => a.index - b.index);
  return found.flatMap(({ day }) => (day === undefined ? [] : [day]));
}

function relativeRange(text: string, today: Day): DayRange | undefined {
  if (/\bday before yesterday\b/.test(text)) return single(addDays(today, -2));
  if (/\b(?:yesterday|last night)\b/.test(text)) return single(addDays(today, -1));
  if (/\b(?:today|this (?:morning|afternoon|evening)|earlier today)\b/.test(text)) return single(today);
  const ago =
    /\b(\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|(?:a )?couple(?: of)?|(?:a )?few) (day|week|month|year)s? ago\b/.exec(
      text,
    );
  if (ago !== null) return agoRange(count(ago[1]), ago[2] ?? "day", today);
  const past =
    /\b(?:last|past|previous) (\d{1,4}|two|three|four|five|six|seven|ten|few|couple of) (day|week|month|year)s\b/.exec(
      text,
    );
  if (past !== null) return { from: addDays(today, -count(past[1]) * unitDays(past[2] ?? "day")), to: today };
  const date = new Date(today);
  const monday = addDays(today, -((date.getUTCDay() + 6) % 7));
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (/\b(?:last|previous) weekend\b/.test(text)) return { from: addDays(monday, -2), to: addDays(monday, -1) };
  if (/\b(?:last|previous|past) week\b/.test(text)) return { from: addDays(monday, -7), to: addDays(monday, -1) };
  if (/\bthis week\b/.test(text)) return { from: monday, to: today };
  if (/\b(?:last|previous|past) month\b/.test(text))
    return { from: Date.UTC(year, month - 1, 1), to: Date.UTC(year, month, 0) };
  if (/\bthis month\b/.test(text)) return { from: Date.UTC(year, month, 1), to: today };
  if (/\b(?:last|previous) year\b/.test(text))
    return { from: Date.UTC(year - 1, 0, 1), to: Date.UTC(year - 1, 11, 31) };
  if (/\bthis year\b/.test(text)) return { from: Date.UTC(year, 0, 1), to: today };
  const weekday = new RegExp(`\\b(?:on|last|this|past) (${WEEKDAYS.join("|")})\\b`).exec(text)?.[1];
  const index = WEEKDAYS.findIndex((name) => name === weekday);
  return index < 0 ? undefined : single(addDays(today, -((date.getUTCDay() - index + 6) % 7) - 1));
}

function monthRange(text: string, today: Day): DayRange | undefined {
  const named = new RegExp(`\\b(?:in|during|last|of|since) (${MONTH})\\b(?:,? (\\d{4})\\b)?`).exec(text);
  if (named !== null) {
    const from = pastDay(1, named[1], named[2], today);
    if (from === undefined) return undefined;
    const date = new Date(from);
    const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0);
    return { from, to: /\bsince\b/.test(text) ? today : end };
  }
  const year = /\b(?:in|during|since) (19\d\d|20\d\d)\b/.exec(text)?.[1];
  return year === undefined ? undefined : { from: Date.UTC(Number(year), 0, 1), to: Date.UTC(Number(year), 11, 31) };
}

function agoRange(amount: number, unit: string, today: Day): DayRange {
  const day = addDays(today, -amount * unitDays(unit));
  const slack = unit === "day" ? 0 : unit === "week" ? 3 : 15;
  return { from: addDays(day, -slack), to: Math.min(today, addDays(day, slack)) };
}

function unitDays(unit: string): number {
  return unit === "year" ? 365 : unit === "month" ? 30 : unit === "week" ? 7 : 1;
}

function count(text: string | undefined): number {
  const word = (text ?? "1").replace(/^a (?=couple|few)| of$/g, "");
  return NUMBERS.get(word) ?? (Number(word) || 1);
}

function single(day: Day): DayRange {
  return { from: day, to: day };
}

/** A day of a month; without a year, its last occurrence up to today. */
function pastDay(day: number, month: string | undefined, year: string | undefined, today: Day): Day | undefined {
  const index = MONTHS.findIndex((name) => name.toLowerCase().startsWith((month ?? "?").slice(0, 3)));
  if (index < 0) return undefined;
  if (year !== undefined) return valid(Number(year), index, day);
  const thisYear = new Date(today).getUTCFullYear();
  const candidate = valid(thisYear, index, day);
  return candidate !== undefined && candidate > today ? valid(thisYear - 1, index, day) : candidate;
}

function valid(year: number, month: number, day: number): Day | undefined {
  const time = Date.UTC(year, month, day);
  const date = new Date(time);
  return date.getUTCMonth() === month && date.getUTCDate() === day ? time : undefined;
}
