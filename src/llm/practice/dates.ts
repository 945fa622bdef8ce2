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
const DATE = `\\d{4}-\\d\\d(?:-\\d\\d)?|\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH}(?:,? \\d{4})?|${MONTH} \\d{1,2}(?:st|nd|rd|th)?(?:,? \\d{4})?`;
const COUNT = "\\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|a few|a couple of";
const PAST =
  `${DATE}|(?:the day before )?yesterday|today|(?:${COUNT}) (?:day|week|month|year)s? ago|` +
  `(?:last|past|previous|this) (?:week|weekend|month|year|spring|summer|autumn|fall|winter|\\w+day|${MONTH})|` +
  `(?:on|last|this) (?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:in|during|since) (?:${MONTH}(?: \\d{4})?|(?:19|20)\\d\\d)`;
const RANGE = new RegExp(`\\b(?:between|from) (${PAST}) (?:and|to|until|till) (${PAST})(?![\\p{L}\\d])`, "iu");
const ONE = new RegExp(`(?<![\\p{L}\\d])(${PAST})(?![\\p{L}\\d])`, "iu");
/** The same in other languages, by what the search by date understands. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/\bgestern\b|\bayer\b|\bhier\b|昨天|أمس/iu, "yesterday"],
  [/\bheute\b|\bhoy\b|\baujourd['’]hui\b|今天|اليوم/iu, "today"],
  [
    /\bletzte(?:r|n)? woche\b|\bla semana pasada\b|\bla semaine dernière\b|上周|上个?星期|الأسبوع الماضي/iu,
    "last week",
  ],
  [/\bletzten monat\b|\bel mes pasado\b|\ble mois dernier\b|上个月|الشهر الماضي/iu, "last month"],
];

/** The past days that a question names, in words the search by date understands; `said` is how it named them. */
export type Past = { readonly from: string; readonly to: string; readonly said: string };

export function pastIn(question: string): Past | undefined {
  const text = question.slice(0, 1000);
  const range = RANGE.exec(text);
  if (range !== null) return { from: bare(range[1]), to: bare(range[2]), said: range[0] };
  const one = ONE.exec(text);
  if (one !== null) return { from: bare(one[1]), to: /^since/i.test(one[0]) ? "today" : bare(one[1]), said: one[0] };
  for (const [pattern, words] of ELSEWHERE) {
    const said = pattern.exec(text)?.[0];
    if (said !== undefined) return { from: words, to: words, said };
  }
  return undefined;
}

function bare(words = ""): string {
  return words.replace(/^(?:on|in|during|since) /i, "");
}

/** `3 May`, `May 3rd`, `3 May 1990`, as a regular expression's source. */
export const CALENDAR_DAY = `(?:the )?(?:${DATE})`;
