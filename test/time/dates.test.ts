import { expect, test } from "vitest";
import { clockOf } from "../../src/time/clock.ts";
import { dateRange, moment } from "../../src/time/dates.ts";
import { timesIn } from "../../src/time/when.ts";

/** A Saturday. */
const NOW = "2026-11-21T12:00:00.000Z";

function localDay(iso: string): string {
  const date = new Date(iso);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}

test.each([
  ["2023-05-07", "2023-05-07", "2023-05-08"],
  ["20230507", "2023-05-07", "2023-05-08"],
  ["2023-05-07T23:00:00Z", "2023-05-07", "2023-05-08"],
  ["2023-05", "2023-05-01", "2023-06-01"],
  ["May 2023", "2023-05-01", "2023-06-01"],
  ["2022", "2022-01-01", "2023-01-01"],
  ["in 2022", "2022-01-01", "2023-01-01"],
  ["December", "2025-12-01", "2026-01-01"],
  ["7 May", "2026-05-07", "2026-05-08"],
  ["December 24", "2025-12-24", "2025-12-25"],
  ["today", "2026-11-21", "2026-11-22"],
  ["yesterday", "2026-11-20", "2026-11-21"],
  ["Monday", "2026-11-16", "2026-11-17"],
  ["this week", "2026-11-16", "2026-11-23"],
  ["last week", "2026-11-09", "2026-11-16"],
  ["last month", "2026-10-01", "2026-11-01"],
  ["last year", "2025-01-01", "2026-01-01"],
  ["two weeks ago", "2026-11-04", "2026-11-11"],
  ["last 7 days", "2026-11-14", "2026-11-22"],
  ["past 3 months", "2026-08-21", "2026-11-22"],
  ["the past two weeks", "2026-11-07", "2026-11-22"],
  ["last ten days", "2026-11-11", "2026-11-22"],
  ["the last couple of months", "2026-09-21", "2026-11-22"],
  ["past few days", "2026-11-17", "2026-11-22"],
  ["last couple weeks", "2026-11-07", "2026-11-22"],
  ["the past several days", "2026-11-15", "2026-11-22"],
  ["last thirty days", "2026-10-22", "2026-11-22"],
  ["the week before 9 June 2023", "2023-05-29", "2023-06-05"],
  ["last May", "2026-05-01", "2026-06-01"],
  ["last august", "2026-08-01", "2026-09-01"],
  ["this May", "2026-05-01", "2026-06-01"],
  ["last summer", "2026-06-01", "2026-09-01"],
  ["summer 2026", "2026-06-01", "2026-09-01"],
  ["in the summer of 2024", "2024-06-01", "2024-09-01"],
  ["winter", "2025-12-01", "2026-03-01"],
  ["fall", "2026-09-01", "2026-12-01"],
  ["next winter", "2026-12-01", "2027-03-01"],
  ["christmas", "2025-12-24", "2025-12-27"],
  ["last Christmas", "2025-12-24", "2025-12-27"],
  ["at Christmas 2024", "2024-12-24", "2024-12-27"],
  ["Halloween", "2026-10-31", "2026-11-01"],
  ["New Year's 2025", "2024-12-31", "2025-01-02"],
  ["new year's eve", "2025-12-31", "2026-01-01"],
  ["Q2 2026", "2026-04-01", "2026-07-01"],
  ["2025 Q4", "2025-10-01", "2026-01-01"],
  ["Q4", "2026-10-01", "2027-01-01"],
  ["Q2", "2026-04-01", "2026-07-01"],
  ["last Q4", "2026-10-01", "2027-01-01"],
  ["3 Jul 2026", "2026-07-03", "2026-07-04"],
  ["1850", "1850-01-01", "1851-01-01"],
  ["Saturday", "2026-11-14", "2026-11-15"],
  ["on Monday", "2026-11-16", "2026-11-17"],
  ["this winter", "2026-12-01", "2027-03-01"],
  ["two months ago", "2026-09-06", "2026-10-07"],
  ["half a year ago", "2026-05-06", "2026-06-06"],
  ["February 2024", "2024-02-01", "2024-03-01"],
  ["February", "2026-02-01", "2026-03-01"],
  ["7.5.2026", "2026-05-07", "2026-05-08"],
  ["7.5.26", "2026-05-07", "2026-05-08"],
  ["12.25.2025", "2025-12-25", "2025-12-26"],
])("%s is from %s up to, not including, %s", async (text, from, to) => {
  const range = await dateRange(text, text, NOW);

  expect([localDay(range.from), localDay(range.to)]).toEqual([from, to]);
});

test.each([
  "yesterday",
  "the last few days",
  "several weeks ago",
  "a couple of months ago",
  "two weeks ago",
  "last month",
  "last winter",
  "this summer",
  "on Monday",
  "last Thanksgiving",
  "7 May 2023",
  "summer of 2024",
  "Q3 2025",
])("%s is the same time in a range of dates as in a search", async (text) => {
  const clock = clockOf(Date.parse(NOW));
  const [hint] = timesIn(text, clock.shown(Date.parse(NOW)));

  const range = await dateRange(text, text, NOW);

  expect([range.from, range.to].map((iso) => clock.shown(Date.parse(iso)))).toEqual([hint?.from, hint?.to]);
});

test.each([
  "summer holidays",
  "a christmas carol",
  "Q5 2026",
  "31.2.2026",
  "2023-13",
  "last constructor days",
  "last proof days",
])("%s is refused", async (text) => {
  await expect(dateRange(text, text, NOW)).rejects.toThrow(/is not a (date|day)/);
});

/** As an instant of the local zone, to the second. */
function localMoment(iso: string | undefined): string {
  if (iso === undefined) return "none";
  const date = new Date(iso);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, "0"));
  return `${localDay(iso)} ${clock.join(":")}`;
}

test.each([
  ["2026-11-20", "2026-11-20 23:59:59"],
  ["2026-11-20 14:30", "2026-11-20 14:30:59"],
  ["2026-11-20 14:30:07", "2026-11-20 14:30:07"],
  ["2026-11", "2026-11-30 23:59:59"],
  ["May 2026", "2026-05-31 23:59:59"],
  ["yesterday", "2026-11-20 23:59:59"],
  ["yesterday 17:00", "2026-11-20 17:00:59"],
  ["monday at 9am", "2026-11-16 09:00:59"],
  ["00:01", "2026-11-21 00:01:59"],
  ["December 24", "2025-12-24 23:59:59"],
  ["my monday backup", "none"],
  ["before the trip", "none"],
])("%s is the moment %s, the end of what was meant", async (text, expected) => {
  expect(localMoment(await moment(text, NOW))).toBe(expected);
});

test.each(["tomorrow", "tomorrow 9:00", "2026-11-22", "December 2026", "2027", "in two hours"])(
  "%s is refused as in the future",
  async (text) => {
    await expect(moment(text, NOW)).rejects.toMatchObject({
      code: "not_found",
      message: `"${text}" is in the future. Nothing was changed.`,
    });
  },
);

test("a time of day still to come is yesterday's, and hours ago are hours ago", async () => {
  const later = new Date(Date.parse(NOW) + 7_200_000);
  const clock = `${later.getHours()}:${String(later.getMinutes()).padStart(2, "0")}`;

  expect(Date.parse((await moment(clock, NOW)) ?? "")).toBeLessThan(Date.parse(NOW));
  const ago = Date.parse((await moment("2 hours ago", NOW)) ?? "");
  expect(Math.abs(ago - (Date.parse(NOW) - 7_200_000))).toBeLessThan(60_000);
});

test("an end beyond the year 9999 is the last possible time, and a day after its end is refused", async () => {
  const range = await dateRange("2023-01-01", "9999-12-31", "2026-11-18T12:00:00.000Z");

  expect(range.to).toBe("9999-12-31T23:59:59.999Z");
  await expect(dateRange("2023-05-02", "2023-05-01", "2026-11-18T12:00:00.000Z")).rejects.toThrow("is after the last");
});
