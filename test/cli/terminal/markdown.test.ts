import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderMarkdown } from "../../../src/cli/terminal/markdown.ts";

function plain(text: string, width = 30): string {
  return renderMarkdown(text, { width, color: false });
}

describe("without colour", () => {
  test.each([
    ["headings and emphasis are their text", "# A *b*\nc **d** ~~e~~ `f`", "A b\n\nc d e f"],
    [
      "links show where they lead, unless their text does",
      "[a](http://b) <http://c> d@e.f",
      "a (http://b) http://c d@e.f",
    ],
    ["images are like links", "![cat](cat.png)", "cat (cat.png)"],
    ["link definitions stay as they are written", "[a][b]\n\n[b]: http://c", "[a][b]\n\n[b]: http://c"],
    [
      "paragraphs are wrapped and keep their line breaks",
      "one two three four five six seven\neight",
      "one two three four five six\nseven\neight",
    ],
    ["blocks are parted by one blank line", "a\n\n\n\nb\n***\nc", `a\n\nb\n\n${"─".repeat(30)}\n\nc`],
    ["list items hang", "- one two three four five six seven\n- b", "• one two three four five six\n  seven\n• b"],
    ["numbers are aligned", "9. a\n10. b\n    - c", " 9. a\n10. b\n    • c"],
    ["loose lists are loose", "- a\n\n- b\n\n  c", "• a\n\n• b\n\n  c"],
    ["tasks show their box", "- [x] a\n- [ ] b", "• [x] a\n• [ ] b"],
    ["quotes have a bar on each line", "> a\n> > b\n>\n> c", "│ a\n│\n│ │ b\n│\n│ c"],
    [
      "code is indented and not wrapped",
      `\`\`\`js\n\tif (a)\n\n${"x".repeat(40)}\n\`\`\``,
      `      if (a)\n\n  ${"x".repeat(40)}`,
    ],
    ["tables are aligned by what they show", "|a|漢字|\n|-|-:|\n|**bold**|1|", "a    │ 漢字\n─────┼─────\nbold │    1"],
    [
      "tables too wide become lines",
      `|a|b|\n|-|-|\n|1|${"x".repeat(30)}|\n|2|y|`,
      `a: 1\nb:\n${"x".repeat(30)}\n\na: 2\nb: y`,
    ],
    ["HTML is text", "<b>a</b>\n\n<div>\nb\n</div>", "<b>a</b>\n\n<div>\nb\n</div>"],
    ["character references are characters", "a &amp; &lt;b&gt;", "a & <b>"],
    ["nothing is nothing", " \n\n", ""],
  ])("%s", (_, text, shown) => {
    expect(plain(text)).toBe(shown);
  });
});

test("colour does not change the layout or leak past the end of a line", () => {
  const text = "**strong words that go on over the end of the line** and `code`\n\n> *em*\n\n- [a](b)";
  const painted = renderMarkdown(text, { width: 20, color: true });

  expect(stripVTControlCharacters(painted)).toBe(plain(text, 20));
  expect(painted.split("\n").slice(0, 2)).toEqual([
    "\x1b[1mstrong words that go\x1b[22m",
    "\x1b[1mon over the end of\x1b[22m",
  ]);
});

test("control characters never get through, not even as character references", () => {
  expect(plain("a\x1b[2J &#27;[2J &#x9b; `\x07` [x](<\x1b>)")).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test("renders any text, with or without colour", () => {
  const fragments = fc.constantFrom(
    "# ",
    "- ",
    "1. ",
    "> ",
    "|a|",
    "|-|",
    "\n",
    "\n\n",
    "  ",
    "`",
    "```",
    "**",
    "_",
    "[",
    "](",
    ")",
    "<",
    "漢",
    "\x1b",
    "&#27;",
    "\t",
  );
  const texts = fc.array(fc.oneof(fragments, fc.string())).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, fc.integer({ min: -1, max: 60 }), (text, width) => {
      const painted = renderMarkdown(text, { width, color: true });

      expect(stripVTControlCharacters(painted)).toBe(plain(text, width));
      expect(plain(text, width)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["prose", "lorem ipsum *dolor* sit **amet** `code` ".repeat(2_500)],
  ["quotes in quotes", ">".repeat(100_000)],
  ["brackets", "[".repeat(100_000)],
  ["emphasis without end", "_a".repeat(50_000)],
  ["a long table", `|a|b|\n|-|-|\n${"|1|2|\n".repeat(16_000)}`],
  ["a long word", "漢".repeat(30_000)],
])("renders a hundred thousand characters of %s, and loses no letter", (_, text) => {
  const letters = (shown: string): number => shown.match(/[\p{L}\d]/gu)?.length ?? 0;

  // Steps that grew with the square of the length would take an hour.
  const rendered = renderMarkdown(text, { width: 80, color: false });

  expect(letters(rendered)).toBe(letters(text));
});
