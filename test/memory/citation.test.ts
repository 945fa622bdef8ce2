import { expect, test } from "vitest";
import { citationOf } from "../../src/memory/citation.ts";

test.each([
  [
    { document: "papers/memgpt.pdf", page: 5, line: null, heading: "Deep memory retrieval" },
    "memgpt.pdf, p. 5, Deep memory retrieval",
  ],
  [{ document: "notes.md", page: null, line: 12, heading: null }, "notes.md, line 12"],
  [{ document: "notes.md", page: null, line: 1, heading: "Tea" }, "notes.md, Tea"],
  [{ document: "https://example.org/a/", page: null, line: null, heading: null }, "a"],
  [{ document: "a.txt", page: null, line: null, heading: "Two\nlines" }, "a.txt, Two lines"],
])("%j is cited as %s", (origin, citation) => {
  expect(citationOf({ position: 1, ...origin })).toBe(citation);
});
