import fc from "fast-check";
import { expect, test } from "vitest";
import { daysFrom, timesIn, withoutRelativeTimes } from "../../src/time/when.ts";

/** A Wednesday. */
const NOW = Date.parse("2026-11-18T15:30:00.000Z");

test.each([
  ["What did Ana do on 3 July 2023?", "2023-07-03", "2023-07-04"],
  ["the July 3rd, 2023 meeting", "2023-07-03", "2023-07-04"],
  ["on 2023-07-03", "2023-07-03", "2023-07-04"],
  ["on 7/3/2023", "2023-07-03", "2023-07-04"],
  ["on 31.12.2023", "2023-12-31", "2024-01-01"],
  ["in July 2023", "2023-07-01", "2023-08-01"],
  ["on 3 Jul 2023", "2023-07-03", "2023-07-04"],
  ["in Jun. 2023", "2023-06-01", "2023-07-01"],
  ["last Q2", "2026-04-01", "2026-07-01"],
  ["in December of 2023", "2023-12-01", "2024-01-01"],
  ["back in 2022", "2022-01-01", "2023-01-01"],
  ["in the summer of 2022", "2022-06-01", "2022-09-01"],
  ["What did she say yesterday?", "2026-11-17", "2026-11-18"],
  ["last week", "2026-11-09", "2026-11-16"],
  ["last weekend", "2026-11-14", "2026-11-16"],
  ["two weeks ago", "2026-11-01", "2026-11-08"],
  ["3 days ago", "2026-11-15", "2026-11-16"],
  ["last month", "2026-10-01", "2026-11-01"],
  ["last May", "2026-05-01", "2026-06-01"],
  ["last December", "2025-12-01", "2026-01-01"],
  ["last year", "2025-01-01", "2026-01-01"],
  ["on Monday", "2026-11-16", "2026-11-17"],
  ["eleven days ago", "2026-11-07", "2026-11-08"],
  ["twelve days ago", "2026-11-06", "2026-11-07"],
  ["fifteen days ago", "2026-11-03", "2026-11-04"],
  ["twenty-one days ago", "2026-10-28", "2026-10-29"],
  ["thirty days ago", "2026-10-19", "2026-10-20"],
  ["a couple weeks ago", "2026-11-01", "2026-11-08"],
  ["a couple of weeks ago", "2026-11-01", "2026-11-08"],
  ["a few days ago", "2026-11-14", "2026-11-17"],
  ["several weeks ago", "2026-10-04", "2026-11-01"],
  ["half a year ago", "2026-05-03", "2026-06-03"],
  ["in the last 3 days", "2026-11-15", "2026-11-19"],
  ["the past two weeks", "2026-11-04", "2026-11-19"],
  ["in the past month", "2026-10-18", "2026-11-19"],
  ["over the last year", "2025-11-18", "2026-11-19"],
  ["the last few days", "2026-11-14", "2026-11-19"],
  ["last few days", "2026-11-14", "2026-11-19"],
  ["What was I reading recently?", "2026-11-04", "2026-11-19"],
  ["on 2025/12/25", "2025-12-25", "2025-12-26"],
  ["2025-12-25T18:00", "2025-12-25", "2025-12-26"],
  ["in 12/2025", "2025-12-01", "2026-01-01"],
  ["in 2025-12", "2025-12-01", "2026-01-01"],
  ["sales of Q2 2025", "2025-04-01", "2025-07-01"],
  ["sales of 2025 Q4", "2025-10-01", "2026-01-01"],
  ["on 7.5.2026", "2026-05-07", "2026-05-08"],
  ["on 02.08.2026", "2026-08-02", "2026-08-03"],
  ["on 25.12.25", "2025-12-25", "2025-12-26"],
  ["on 24.12.98.", "1998-12-24", "1998-12-25"],
  ["on 12/25/25", "2025-12-25", "2025-12-26"],
  ["on 13/7/2026", "2026-07-13", "2026-07-14"],
  ["on May the 7th, 2025", "2025-05-07", "2025-05-08"],
  ["last summer", "2026-06-01", "2026-09-01"],
  ["last winter", "2025-12-01", "2026-03-01"],
  ["last spring", "2026-03-01", "2026-06-01"],
  ["last fall", "2026-09-01", "2026-12-01"],
  ["last autumn in Rome", "2026-09-01", "2026-12-01"],
  ["this summer", "2026-06-01", "2026-09-01"],
  ["this winter", "2026-12-01", "2027-03-01"],
  ["next summer", "2027-06-01", "2027-09-01"],
  ["last Christmas", "2025-12-24", "2025-12-27"],
  ["last Halloween", "2026-10-31", "2026-11-01"],
  ["last Thanksgiving", "2025-11-22", "2025-11-29"],
  ["last New Year's Eve", "2025-12-31", "2026-01-01"],
  ["next Christmas", "2026-12-24", "2026-12-27"],
  ["last November", "2026-11-01", "2026-12-01"],
  ["the last week of May 2023", "2023-05-01", "2023-06-01"],
  ["last May 2023", "2023-05-01", "2023-06-01"],
  ["at Christmas 2024", "2024-12-24", "2024-12-27"],
  ["on New Year's 2025", "2024-12-31", "2025-01-02"],
])("%s is from %s to %s", (text, from, to) => {
  const [hint, ...others] = timesIn(text, NOW);

  expect(others).toEqual([]);
  expect([hint?.from, hint?.to]).toEqual([Date.parse(`${from}T00:00:00Z`), Date.parse(`${to}T00:00:00Z`)]);
  expect(hint?.isYearly).toBe(false);
});

test.each([
  "May I ask something?",
  "they march on",
  "What may she do?",
  "this may be wrong",
  "fall in love",
  "spring out of bed",
  "last",
  "the last day of the trip",
  "May the 4 of us come?",
  "May the best one win",
  "host 10.10.12.25",
  "version v1.12.25",
  "Q5 and Q2",
  "1,000 days ago",
  "1.5 years ago",
])("there is no time in %j", (text) => {
  expect(timesIn(text, NOW)).toEqual([]);
});

test.each([
  ["in May", "2019-05-20", 0],
  ["the trip this may", "2019-05-20", 0],
  ["in May", "2024-06-03", 2],
  ["in May", "2024-04-28", -3],
  ["on 31 October", "2022-10-31", 0],
  ["at Christmas", "2021-12-25", 0],
  ["on New Year's", "2022-01-01", 0],
  ["May the 7th", "2022-05-07", 0],
  ["the 7th of May", "2022-05-09", 1],
])("%s recurs every year: %s is %d days from it", (text, day, days) => {
  const [hint] = timesIn(text);

  expect(hint?.isYearly).toBe(true);
  expect(hint === undefined ? undefined : daysFrom(hint, Date.parse(`${day}T00:00:00Z`))).toBeCloseTo(days, 5);
});

test("relative times mean nothing if now is unknown", () => {
  expect(timesIn("What did she say last week?")).toEqual([]);
});

test.each(["last summer", "last Christmas", "this winter"])("%s recurs every year if now is unknown", (text) => {
  expect(timesIn(text)).toMatchObject([{ isYearly: true }]);
});

test.each([
  ["2027-01-10", "last winter", "2026-12-01"],
  ["2026-12-25", "last Christmas", "2026-12-24"],
  ["2026-12-31", "next New Year's", "2027-12-31"],
  ["2027-02-10", "this winter", "2026-12-01"],
  ["2027-04-10", "this winter", "2026-12-01"],
])("on %s, %s is the one that begins on %s", (today, text, from) => {
  expect(timesIn(text, Date.parse(today))).toMatchObject([{ from: Date.parse(from), isYearly: false }]);
});

test.each([
  ["What did she say yesterday?", "What did she say?"],
  ["Who called the day before yesterday about the boat?", "Who called about the boat?"],
  ["the harbour three days ago", "the harbour"],
  ["What did I cook\n in the last  3 days?", "What did I cook?"],
  ["last week's soup", "soup"],
  ["What have I read recently", "What have I read"],
  ["Half a year ago we met", "we met"],
  ["Where was I last May?", "Where was I May?"],
  ["Last summer in Rome", "summer in Rome"],
  ["next Christmas with Ana", "Christmas with Ana"],
  ["what Tom said last Monday", "what Tom said Monday"],
  ["what Tom said on Monday", "what Tom said on Monday"],
  ["the summer of 2022, or 3 July 2023", "the summer of 2022, or 3 July 2023"],
  ["the last day of the trip", "the last day of the trip"],
  ['who sang "See you yesterday" last night', 'who sang "See you yesterday"'],
  ["yesterday", ""],
])("%j without times relative to now is %j", (text, expected) => {
  expect(withoutRelativeTimes(text)).toBe(expected);
});

test("any text can be parsed, and the times found are in order", () => {
  const words = fc.constantFrom(
    "may",
    "on",
    "3",
    "31st",
    "of",
    "2023",
    "last",
    "week",
    "-",
    "/",
    "ago",
    "two",
    "July",
    "ıİ",
    "1999-13-45",
    "past",
    "next",
    "summer",
    "Christmas",
    "few",
    "Q2",
    "25.12.25",
    '"',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.array(words).map((it) => it.join(" ")),
      ),
      (text) => {
        for (const { from, to } of timesIn(text, NOW)) expect(to).toBeGreaterThan(from);
        expect(withoutRelativeTimes(text).length).toBeLessThanOrEqual(text.length);
      },
    ),
  );
});
