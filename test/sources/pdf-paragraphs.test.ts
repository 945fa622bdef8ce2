import { expect, test } from "vitest";
import type { MarkedLine } from "../../src/sources/pdf/headings.ts";
import { paragraphsOf } from "../../src/sources/pdf/paragraphs.ts";

/** Lines of one page after another, evenly spaced and without indents. */
function book(texts: readonly string[], linesOfPage = 45): MarkedLine[] {
  return texts.map((text, i) => ({
    text,
    page: 1 + Math.floor(i / linesOfPage),
    x: 72,
    y: 740 - (i % linesOfPage) * 15,
    height: 10,
  }));
}

test("a book that is one paragraph is joined line by line, at the same cost for each line", () => {
  // Looking at the whole paragraph for every line would take minutes, and fail by the time limit of tests.
  const lines = Array.from({ length: 40_000 }, (_, i) => `line ${i} of a book without any in-`);

  const [paragraph, ...others] = [...paragraphsOf(book(lines))];

  expect(others).toEqual([]);
  expect(paragraph?.page).toBe(1);
  expect(paragraph?.text.startsWith("line 0 of a book without any inline 1 of a book")).toBe(true);
  expect(paragraph?.text.endsWith("without any inline 39999 of a book without any in-")).toBe(true);
});

test("a line goes on after the next page, unless its sentence has ended", () => {
  const goesOn = book(["It was late, and", "nobody came."], 1);
  const ends = book(["It was late (very).", "nobody came."], 1);

  expect([...paragraphsOf(goesOn)].map(({ text }) => text)).toEqual(["It was late, and nobody came."]);
  expect([...paragraphsOf(ends)].map(({ text }) => text)).toEqual(["It was late (very).", "nobody came."]);
});

test("an empty line between two changes nothing", () => {
  expect([...paragraphsOf(book(["inter-", "", "national law"]))].map(({ text }) => text)).toEqual([
    "international law",
  ]);
});
