import { MONTHS } from "./calendar.ts";

/** A calendar day in the form of envelopes and search results, `2026-11-21`; empty if unknown. */
export type Day = string;

/**
 * A time as the model reads it: local, with its zone, in the original's form, such as `2026-11-21 01:40:27 AM
 * UTC+0000`.
 */
export function localTime(time: string | Date): string {
  const date = typeof time === "string" ? new Date(time) : time;
  const two = (n: number): string => String(n).padStart(2, "0");
  const hour = date.getHours();
  const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(hour % 12 === 0 ? 12 : hour % 12)}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return `${day} ${clock} ${hour < 12 ? "AM" : "PM"} ${zoneName(date)}${zone}`;
}

/**
 * A time as people read it, the same in every locale: local time, `2026-11-21 03:01`. Numbers are milliseconds since
 * 1970.
 */
export function shownTime(time: string | number): string {
  const date = new Date(time);
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The time between two moments in words: `just now`, `5 minutes`, `7 days`, `14 months`. */
export function elapsed(from: string, to: string): string {
  const minutes = Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);
  if (!(minutes >= 1)) return "just now";
  if (minutes < 120) return plural(minutes, "minute");
  if (minutes < 48 * 60) return plural(Math.floor(minutes / 60), "hour");
  const days = Math.floor(minutes / (24 * 60));
  if (days < 60) return plural(days, "day");
  return days < 730 ? plural(Math.floor(days / 30.44), "month") : plural(Math.floor(days / 365.25), "year");
}

function plural(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}

let zoneFormat: Intl.DateTimeFormat | undefined;
/** Names of the local zone by offset, which differs between summer and winter. */
const zoneNames = new Map<number, string>();

/** Short names of common zones by their long names, because `Intl` takes 10 ms to find the first. */
const COMMON_ZONES: Readonly<Record<string, string>> = {
  "Coordinated Universal": "UTC",
  "Greenwich Mean": "GMT",
  "Eastern Standard": "EST",
  "Eastern Daylight": "EDT",
  "Central Standard": "CST",
  "Central Daylight": "CDT",
  "Mountain Standard": "MST",
  "Mountain Daylight": "MDT",
  "Pacific Standard": "PST",
  "Pacific Daylight": "PDT",
  "Central European Standard": "",
  "Central European Summer": "",
};

/** Short name of the local zone, such as `UTC` or `CET`; empty if it has none but its offset. */
function zoneName(date: Date): string {
  const offset = date.getTimezoneOffset();
  const known = zoneNames.get(offset);
  if (known !== undefined) return known;
  const name = COMMON_ZONES[/\(([^)]+) Time\)$/.exec(date.toString())?.[1] ?? ""] ?? shortName(date);
  zoneNames.set(offset, name);
  return name;
}

function shortName(date: Date): string {
  zoneFormat ??= new Intl.DateTimeFormat("en-US", { timeZoneName: "short" });
  const name = zoneFormat.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "";
  return /^[A-Z]+$/.test(name) ? name : "";
}

/** The day at the start of `2026-11-21 01:40:27 AM UTC+0000` or of an ISO 8601 time. */
export function dayOf(time: string): Day | undefined {
  return /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])/.exec(time)?.[0];
}

/** The time of an envelope in a form that sorts: `2026-11-21 13:40:27`. */
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
