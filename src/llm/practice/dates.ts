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
const PAST =
  `${DATE}|yesterday|today|(?:\\d{1,3}|an?|one|two|three|four|five|six|a few|a couple of) (?:day|week|month|year)s? ago|` +
  `(?:last|past|this) (?:week|weekend|month|year|spring|summer|autumn|fall|winter|\\w+day|${MONTH})|` +
  `(?:on|last) (?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:in|during|since) (?:${MONTH}${YEAR}|(?:19|20)\\d\\d)`;
const DAYS = new RegExp(
  `\\b(?:between|from) (${PAST}) (?:and|to|until|till) (${PAST})(?![\\p{L}\\d])|(?<![\\p{L}\\d])(${PAST})(?![\\p{L}\\d])`,
  "iu",
);
/** The same in other languages, and as the search by date understands it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  yesterday: "\\bgestern\\b|\\bayer\\b|\\bhier\\b|昨天|أمس",
  today: "\\bheute\\b|\\bhoy\\b|\\baujourd['’]hui\\b|今天|اليوم",
  "last week": "\\bletzte[rn]? woche\\b|\\bla semana pasada\\b|\\bla semaine dernière\\b|上周|上个?星期|الأسبوع الماضي",
};

/** The past days that a question names, in words the search by date understands; `said` is how it named them. */
export type Past = { readonly from: string; readonly to: string; readonly said: string };

export function pastIn(question: string): Past | undefined {
  const text = question.slice(0, 1000);
  const [said = "", first, second, one = ""] = DAYS.exec(text) ?? [];
  const bare = (words: string): string => words.replace(/^(?:on|in|during|since) /i, "");
  if (first !== undefined) return { from: bare(first), to: bare(second ?? ""), said };
  if (one !== "") return { from: bare(one), to: /^since/i.test(one) ? "today" : bare(one), said };
  return Object.entries(ELSEWHERE).flatMap(([words, pattern]) => {
    const named = new RegExp(pattern, "iu").exec(text)?.[0];
    return named === undefined ? [] : [{ from: words, to: words, said: named }];
  })[0];
}

/** `3 May`, `May 3rd`, `3 May 1990`, as a regular expression's source. */
export const CALENDAR_DAY = `(?:the )?(?:${DATE})`;
