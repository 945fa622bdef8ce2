/** A time that a query names. Without a year it comes round every year. `isDay`: it is a day or a weekend, not more. */
export type TimeHint = {
  /** First millisecond and the one after the last, both in UTC. */
  readonly from: number;
  readonly to: number;
  readonly isYearly: boolean;
  readonly isDay: boolean;
};

const DAY_MS = 86_400_000;
const MONTHS = "january february march april may june july august september october november december".split(" ");
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");
const NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

/** First month of each season, as most people north of the equator mean it. */
const SEASONS: Readonly<Record<string, number>> = { spring: 2, summer: 5, autumn: 8, fall: 8, winter: 11 };

/** Month and day of feasts, with how many days they are talked of. */
const FEASTS: readonly (readonly [pattern: RegExp, month: number, day: number, days: number])[] = [
  [/\bnew year'?s?\b/, 11, 31, 2],
  [/\bvalentine'?s?\b/, 1, 14, 1],
  [/\bhalloween\b/, 9, 31, 1],
  [/\bthanksgiving\b/, 10, 22, 7],
  [/\bchristmas\b/, 11, 24, 3],
];

/** A month by its name or the first three letters of it. "may" and "march" are verbs, too: see `namesMonth`. */
const MONTH = `(?:${MONTHS.map((month) => (month.length > 4 ? `${month.slice(0, 3)}(?:${month.slice(3)})?` : month)).join("|")}|sept)\\.?`;
const YEAR = "(?:,? (?:of |in )?((?:19|20)\\d\\d))?";
const ORDINAL = "(\\d{1,2})(?:st|nd|rd|th)?";

/**
 * The times named in `text`: dates, months, years, seasons, feasts and, where `now` is known, times relative to it.
 *
 * @param now milliseconds since 1970, in UTC.
 */
export function timesIn(text: string, now?: number): TimeHint[] {
  const hints: TimeHint[] = [];
  let rest = text.replace(/\s+/g, " ");
  const take: Take = (pattern, read) => {
    rest = rest.replace(pattern, (...parts: unknown[]) => {
      const match = parts.slice(
        0,
        parts.findIndex((part) => typeof part === "number"),
      );
      const hint = read(match.map((part) => (typeof part === "string" ? part : "")));
      if (hint === undefined) return String(match[0]);
      hints.push(hint);
      return " ";
    });
  };
  take(/\b(\d{4})-(\d{2})-(\d{2})\b/g, ([, y, m, d]) => day(Number(y), Number(m) - 1, Number(d)));
  take(/\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)\b/g, ([, a, b, y]) =>
    Number(a) > 12 ? day(Number(y), Number(b) - 1, Number(a)) : day(Number(y), Number(a) - 1, Number(b)),
  );
  if (now !== undefined) takeRelative(take, now);
  take(new RegExp(`\\b${ORDINAL} (?:of )?(${MONTH})(?!\\w)${YEAR}`, "gi"), ([, d, m, y]) => date(m, d, y));
  take(new RegExp(`\\b(${MONTH}) ${ORDINAL}(?![\\d:])${YEAR}`, "gi"), ([, m, d, y]) => date(m, d, y));
  take(new RegExp(`(\\b\\w+ )?\\b(${MONTH})(?![\\w'])${YEAR}`, "gi"), ([, before = "", m = "", y]) =>
    namesMonth(m, before.trim(), y) ? month(monthOf(m), y) : undefined,
  );
  take(
    new RegExp(`\\b(spring|summer|autumn|fall|winter)(?! out| in| for| off)\\b${YEAR}`, "gi"),
    ([, name = "", y]) => {
      const first = SEASONS[name.toLowerCase()] ?? 0;
      return span(Number(y || 2000), first, 1, 92, y === undefined || y === "");
    },
  );
  for (const [pattern, at, first, days] of FEASTS) {
    take(new RegExp(pattern, "gi"), () => ({ ...span(2000, at, first, days, true), isDay: days <= 3 }));
  }
  take(/\b((?:19|20)\d\d)\b/g, ([, y]) => span(Number(y), 0, 1, 366, false));
  return hints;
}

/** Days from the hinted time to `time`: 0 within, above 0 after its end, below 0 before its start. */
export function daysFrom({ from, to, isYearly }: TimeHint, time: number): number {
  if (!isYearly) return distance(from, to, time);
  const year = new Date(time).getUTCFullYear();
  const shifted = [year - 1, year, year + 1].map((target) => {
    const start = new Date(from);
    const shift = Date.UTC(target, start.getUTCMonth(), start.getUTCDate()) - from;
    return distance(from + shift, to + shift, time);
  });
  return shifted.reduce((best, days) => (Math.abs(days) < Math.abs(best) ? days : best), Number.POSITIVE_INFINITY);
}

function distance(from: number, to: number, time: number): number {
  if (time < from) return (time - from) / DAY_MS;
  return time < to ? 0 : (time - to) / DAY_MS;
}

type Take = (pattern: RegExp, read: (match: readonly string[]) => TimeHint | undefined) => void;

function takeRelative(take: Take, now: number): void {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const days = (from: number, count: number): TimeHint => ({
    from,
    to: from + count * DAY_MS,
    isYearly: false,
    isDay: count <= 3,
  });
  const { year, month: thisMonth, weekday } = partsOf(now);
  const week = today - ((weekday + 6) % 7) * DAY_MS;
  take(/\bthe day before yesterday\b/gi, () => days(today - 2 * DAY_MS, 1));
  take(/\b(yesterday|last night)\b/gi, () => days(today - DAY_MS, 1));
  take(/\b(today|this morning|tonight|this evening)\b/gi, () => days(today, 1));
  take(
    /\b(\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|a couple of|a few) (day|week|month|year)s? ago\b/gi,
    ([, n = "", unit = ""]) => {
      const count = amount(n.toLowerCase());
      switch (unit.toLowerCase()) {
        case "day":
          return days(today - count * DAY_MS, 1);
        case "week":
          return days(today - count * 7 * DAY_MS - 3 * DAY_MS, 7);
        case "month":
          return days(Date.UTC(year, thisMonth - count, new Date(today).getUTCDate()) - 15 * DAY_MS, 31);
        default:
          return span(year - count, 0, 1, 366, false);
      }
    },
  );
  take(/\blast weekend\b/gi, () => days(week - 2 * DAY_MS, 2));
  take(/\b(last|this|next|past) week\b/gi, ([, which = ""]) => days(week + 7 * DAY_MS * offset(which), 7));
  take(/\b(last|this|next|past) month\b/gi, ([, which = ""]) => month(thisMonth + offset(which), String(year)));
  take(/\b(last|this|next|past) year\b/gi, ([, which = ""]) => span(year + offset(which), 0, 1, 366, false));
  take(new RegExp(`\\b(?:last|on|this) (${WEEKDAYS.join("|")})\\b`, "gi"), ([, name = ""]) => {
    const back = (weekday - WEEKDAYS.indexOf(name.toLowerCase()) + 7) % 7;
    return days(today - (back === 0 ? 7 : back) * DAY_MS, 1);
  });
  take(new RegExp(`\\blast (${MONTH})(?!\\w)`, "gi"), ([, name = ""]) => {
    const index = monthOf(name);
    return month(index, String(index < thisMonth ? year : year - 1));
  });
}

function partsOf(time: number): { year: number; month: number; weekday: number } {
  const date = new Date(time);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), weekday: date.getUTCDay() };
}

function offset(which: string): number {
  const word = which.toLowerCase();
  return word === "this" ? 0 : word === "next" ? 1 : -1;
}

function amount(text: string): number {
  if (/^\d+$/.test(text)) return Math.min(Number(text), 10_000);
  if (text === "a couple of") return 2;
  if (text === "a few") return 3;
  return Math.max(1, NUMBERS.indexOf(text));
}

/** Whether a word that may be a month is one: "may" and "march" need a sign of it, so do abbreviations. */
function namesMonth(word: string, before: string, year: string | undefined): boolean {
  if (year !== undefined && year !== "") return true;
  const name = word.toLowerCase();
  const isPlain = name.length > 4 && name !== "march";
  if (isPlain && !name.endsWith(".")) return true;
  return /^(in|of|last|this|since|until|till|by|during|early|late|mid|before|after|from|around)$/i.test(before);
}

function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.toLowerCase().slice(0, 3)));
}

function date(name = "", dayText = "", year: string | undefined): TimeHint | undefined {
  const hint = day(year === undefined || year === "" ? 2000 : Number(year), monthOf(name), Number(dayText));
  return hint === undefined ? undefined : { ...hint, isYearly: year === undefined || year === "" };
}

function day(year: number, month: number, date: number): TimeHint | undefined {
  const from = Date.UTC(year, month, date);
  const is = new Date(from);
  if (is.getUTCMonth() !== month || is.getUTCDate() !== date) return undefined;
  return { from, to: from + DAY_MS, isYearly: false, isDay: true };
}

function month(index: number, year: string | undefined): TimeHint {
  const isYearly = year === undefined || year === "";
  const of = isYearly ? 2000 : Number(year);
  return { from: Date.UTC(of, index, 1), to: Date.UTC(of, index + 1, 1), isYearly, isDay: false };
}

function span(year: number, month: number, date: number, days: number, isYearly: boolean): TimeHint {
  const from = Date.UTC(year, month, date);
  return { from, to: days === 366 ? Date.UTC(year + 1, 0, 1) : from + days * DAY_MS, isYearly, isDay: false };
}
