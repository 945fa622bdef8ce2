import fc from "fast-check";
import { expect, test } from "vitest";
import { daysFrom, timesIn } from "../../src/search/when.ts";

/** A Wednesday. */
const NOW = Date.parse("2026-11-18T15:30:00.000Z");

test.each([
  ["What did Ana do on 3 July 2023?", "2023-07-03", "2023-07-04"],
  ["the July 3rd, 2023 meeting", "2023-07-03", "2023-07-04"],
  ["on 2023-07-03", "2023-07-03", "2023-07-04"],
  ["on 7/3/2023", "2023-07-03", "2023-07-04"],
  ["on 31.12.2023", "2023-12-31", "2024-01-01"],
  ["in July 2023", "2023-07-01", "2023-08-01"],
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
])("%s is from %s to %s", (text, from, to) => {
  const [hint, ...others] = timesIn(text, NOW);

  expect(others).toEqual([]);
  expect([hint?.from, hint?.to]).toEqual([Date.parse(`${from}T00:00:00Z`), Date.parse(`${to}T00:00:00Z`)]);
  expect(hint?.isYearly).toBe(false);
});

test.each(["May I ask something?", "they march on", "What may she do?", "fall in love", "spring out of bed", "last"])(
  "there is no time in %j",
  (text) => {
    expect(timesIn(text, NOW)).toEqual([]);
  },
);

test.each([
  ["in May", "2019-05-20", 0],
  ["in May", "2024-06-03", 2],
  ["in May", "2024-04-28", -3],
  ["on 31 October", "2022-10-31", 0],
  ["at Christmas", "2021-12-25", 0],
  ["on New Year's", "2022-01-01", 0],
])("%s comes round every year: %s is %d days from it", (text, day, days) => {
  const [hint] = timesIn(text);

  expect(hint?.isYearly).toBe(true);
  expect(hint === undefined ? undefined : daysFrom(hint, Date.parse(`${day}T00:00:00Z`))).toBeCloseTo(days, 5);
});

test("words such as last week say nothing where now is not known", () => {
  expect(timesIn("What did she say last week?")).toEqual([]);
});

test("any text is read, and what is found lies in the right order", () => {
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
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.array(words).map((it) => it.join(" ")),
      ),
      (text) => {
        for (const { from, to } of timesIn(text, NOW)) expect(to).toBeGreaterThan(from);
      },
    ),
  );
});
