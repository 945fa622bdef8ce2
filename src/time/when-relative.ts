import {
  DAY_MS,
  HOLIDAY,
  MONTH,
  QUARTER,
  SEASON,
  type Span,
  WEEKDAYS,
  days,
  distance,
  months,
  named,
} from "./calendar.ts";

/** What the named groups of a pattern matched. */
export type Groups = Readonly<Record<string, string | undefined>>;

/**
 * Words for a time relative to now. The group `kept`, if the pattern has one, is the part that does not depend on now:
 * `May` in `last May`.
 */
export type RelativeTime = {
  readonly pattern: RegExp;
  readonly read: (groups: Groups, now: Now) => Span | undefined;
};

/** In UTC. Months and weekdays count from 0 (Sunday); `today` and `monday` (of this week) are at midnight. */
export type Now = {
  readonly time: number;
  readonly today: number;
  readonly monday: number;
  readonly year: number;
  readonly month: number;
  readonly date: number;
  readonly weekday: number;
};

/** @param time Milliseconds since 1970, in UTC. */
export function nowAt(time: number): Now {
  const date = new Date(time);
  const today = Math.floor(time / DAY_MS) * DAY_MS;
  const weekday = date.getUTCDay();
  return {
    time,
    today,
    monday: today - ((weekday + 6) % 7) * DAY_MS,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    date: date.getUTCDate(),
    weekday,
  };
}

const NUMBERS = (
  "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
  "eighteen nineteen"
).split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** Limit of amounts, which keeps dates in range. */
const MOST = 10_000;

/** Number of days meant by "recently". */
const RECENT = 14;

const NUMBER = `(?<!\\d[.,])\\d+|(?:(?:${TENS.join("|")})[ -])?(?:${NUMBERS.join("|")})|${TENS.join("|")}`;
const AMOUNT = `(?<amount>an?|(?:a )?couple(?: of)?|(?:a )?few|several|${NUMBER})`;
const UNIT = "(?<unit>day|week|month|year)";
const WITHIN = "(?:in|over|during|within|for)";

/** "The last week of May" is not relative to now, and "last May 2023" names its year. */
const ALONE = "(?! of\\b)";
const WITHOUT_DATE = "(?!\\.?,? (?:of |in )?\\d)";

/** Longer expressions come before those they contain. */
export const RELATIVE_TIMES: readonly RelativeTime[] = [
  relative("(?:the )?day before yesterday", (_, { today }) => days(today - 2 * DAY_MS, 1)),
  relative("yesterday|last night", (_, { today }) => days(today - DAY_MS, 1)),
  relative("today|tonight|this (?:morning|afternoon|evening)", (_, { today }) => days(today, 1)),
  relative("recently|lately", (_, now) => upToNow(RECENT, "day", now)),
  relative("half a year ago", (_, now) => ago(6, "month", now)),
  relative(`${AMOUNT} ${UNIT}s? ago`, ({ amount, unit = "" }, now) => {
    const { least, most } = amountOf(amount);
    return { from: ago(most, unit, now).from, to: ago(least, unit, now).to };
  }),
  relative(`(?:${WITHIN} )?(?:the |these )?(?:last|past) ${AMOUNT} ${UNIT}s?${ALONE}`, ({ amount, unit = "" }, now) =>
    upToNow(amountOf(amount).most, unit, now),
  ),
  relative(`(?:(?:${WITHIN} )?(?:the |this )?past|${WITHIN} the last) ${UNIT}${ALONE}`, ({ unit = "" }, now) =>
    upToNow(1, unit, now),
  ),
  relative("last weekend", (_, { monday }) => days(monday - 2 * DAY_MS, 2)),
  relative(`(?<which>last|this|next) (?<unit>week|month|year)${ALONE}`, whole),
  relative(`(?:last|this) (?<kept>${WEEKDAYS.join("|")})`, ({ kept }, now) => weekdayBefore(kept, now)),
  relative(`(?<kept>on (?<name>${WEEKDAYS.join("|")}))`, ({ name }, now) => weekdayBefore(name, now)),
  relative(`(?<which>last) (?<kept>${MONTH})${WITHOUT_DATE}`, occurrence),
  relative(`(?<which>last|this past|this|next) (?<kept>${SEASON}|${HOLIDAY}|${QUARTER})${WITHOUT_DATE}`, occurrence),
];

function relative(words: string, read: RelativeTime["read"]): RelativeTime {
  return { pattern: new RegExp(` ?\\b(?:${words})(?:['’]s)?(?!\\w)`, "gi"), read };
}

/** "Few" and "several" are ranges. */
function amountOf(text = ""): { readonly least: number; readonly most: number } {
  const words = text.toLowerCase();
  if (words.includes("few")) return { least: 2, most: 4 };
  if (words === "several") return { least: 3, most: 6 };
  const exactly = numberOf(words);
  return { least: exactly, most: exactly };
}

function numberOf(words: string): number {
  if (/^\d+$/.test(words)) return Math.min(Number(words), MOST);
  if (words.includes("couple")) return 2;
  if (/^an?$/.test(words)) return 1;
  return words.split(/[ -]/).reduce((sum, word) => {
    const tens = TENS.indexOf(word);
    return sum + (tens === -1 ? 1 + NUMBERS.indexOf(word) : 20 + 10 * tens);
  }, 0);
}

/** A span as wide as the words are vague: "two weeks ago" is any day of a week. */
function ago(count: number, unit: string, now: Now): Span {
  const from = before(count, unit, now);
  switch (unit.toLowerCase()) {
    case "day":
      return days(from, 1);
    case "week":
      return days(from - 3 * DAY_MS, 7);
    case "month":
      return days(from - 15 * DAY_MS, 31);
    default:
      return months(now.year - count, 0, 12);
  }
}

function upToNow(count: number, unit: string, now: Now): Span {
  return { from: before(count, unit, now), to: now.today + DAY_MS };
}

/** Midnight of the day `count` units before today. */
function before(count: number, unit: string, { today, year, month, date }: Now): number {
  switch (unit.toLowerCase()) {
    case "day":
      return today - count * DAY_MS;
    case "week":
      return today - 7 * count * DAY_MS;
    case "month":
      return Date.UTC(year, month - count, date);
    default:
      return Date.UTC(year - count, month, date);
  }
}

/** The last, this or next calendar week, month or year. */
function whole({ which = "", unit = "" }: Groups, { monday, year, month }: Now): Span {
  const shift = offset(which);
  switch (unit.toLowerCase()) {
    case "week":
      return days(monday + 7 * shift * DAY_MS, 7);
    case "month":
      return months(year, month + shift, 1);
    default:
      return months(year + shift, 0, 12);
  }
}

function offset(which: string): number {
  const word = which.toLowerCase();
  return word === "this" ? 0 : word === "next" ? 1 : -1;
}

function weekdayBefore(name = "", { today, weekday }: Now): Span {
  const back = (weekday - WEEKDAYS.indexOf(name.toLowerCase()) + 7) % 7;
  return days(today - (back === 0 ? 7 : back) * DAY_MS, 1);
}

/** An occurrence of a yearly time: the last that has begun, the next that has not, or, for "this", the nearest. */
function occurrence({ which = "", kept = "" }: Groups, { time, year }: Now): Span | undefined {
  const spans = [year - 1, year, year + 1, year + 2].map((each) => named(kept, each));
  switch (which.toLowerCase()) {
    case "next":
      return spans.find(({ from }) => from > time);
    case "this":
      return spans.reduce((best, span) =>
        Math.abs(distance(span, time)) < Math.abs(distance(best, time)) ? span : best,
      );
    default:
      return spans.findLast(({ from }) => from <= time);
  }
}
