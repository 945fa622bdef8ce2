import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as edit from "../../../src/cli/terminal/line-buffer.ts";
import type { Edit, LineBuffer } from "../../../src/cli/terminal/line-buffer.ts";

/** A buffer written with `|` for the cursor. */
function buffer(text: string, killed = ""): LineBuffer {
  return { text: text.replace("|", ""), cursor: text.indexOf("|"), killed };
}

function written({ text, cursor }: LineBuffer): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const FAMILY = "👨‍👩‍👧";

describe.each<[name: string, Edit, cases: [before: string, after: string][]]>([
  [
    "left",
    edit.left,
    [
      ["a|b", "|ab"],
      ["|ab", "|ab"],
      ["a\n|b", "a|\nb"],
      [`a${FAMILY}|`, `a|${FAMILY}`],
      ["é|", "|é"],
    ],
  ],
  [
    "right",
    edit.right,
    [
      ["a|b", "ab|"],
      ["ab|", "ab|"],
      ["a|\nb", "a\n|b"],
      [`|🇵🇹🇫🇷`, `🇵🇹|🇫🇷`],
      [`🇵🇹|🇫🇷`, `🇵🇹🇫🇷|`],
    ],
  ],
  [
    "wordLeft",
    edit.wordLeft,
    [
      ["one two|", "one |two"],
      ["one |two", "|one two"],
      ["a.b  |", "|a.b  "],
      ["|", "|"],
    ],
  ],
  [
    "wordRight",
    edit.wordRight,
    [
      ["|one two", "one| two"],
      ["one| two", "one two|"],
      ["one|  !", "one  !|"],
    ],
  ],
  [
    "home",
    edit.home,
    [
      ["one|", "|one"],
      ["a\nb|c\nd", "a\n|bc\nd"],
    ],
  ],
  [
    "end",
    edit.end,
    [
      ["|one", "one|"],
      ["a\nb|c\nd", "a\nbc|\nd"],
    ],
  ],
  [
    "deleteBackward",
    edit.deleteBackward,
    [
      ["ab|", "a|"],
      ["|ab", "|ab"],
      ["a\n|b", "a|b"],
      [`${FAMILY}|x`, "|x"],
    ],
  ],
  [
    "deleteForward",
    edit.deleteForward,
    [
      ["|ab", "|b"],
      ["ab|", "ab|"],
      ["a|\nb", "a|b"],
      [`|${FAMILY}x`, "|x"],
    ],
  ],
  [
    "killWordLeft",
    edit.killWordLeft,
    [
      ["one two|", "one |"],
      ["/a/path|", "/a/|"],
    ],
  ],
  [
    "killBlankWordLeft",
    edit.killBlankWordLeft,
    [
      ["see /a/path  |x", "see |x"],
      ["|x", "|x"],
    ],
  ],
  [
    "killWordRight",
    edit.killWordRight,
    [
      ["|one two", "| two"],
      ["one| two", "one|"],
    ],
  ],
  ["killToStart", edit.killToStart, [["a\nb c|d", "a\n|d"]]],
  [
    "killToEnd",
    edit.killToEnd,
    [
      ["a\n|bc\nd", "a\n|\nd"],
      ["a\n|\nd", "a\n|d"],
      ["a|", "a|"],
    ],
  ],
  [
    "transpose",
    edit.transpose,
    [
      ["a|b", "ba|"],
      ["ab|", "ba|"],
      ["|ab", "|ab"],
      ["a\n|b", "a\n|b"],
      [`${FAMILY}|b`, `b${FAMILY}|`],
    ],
  ],
])("%s", (_, change, cases) => {
  test.each(cases)("makes %j %j", (before, after) => {
    expect(written(change(buffer(before)))).toBe(after);
  });
});

test.each([
  ["ab\nc|d", "a|b\ncd"],
  ["漢字\nab|", "漢字|\nab"],
  ["a\nbcd|", "a|\nbcd"],
])("up from %j is %j", (before, after) => {
  expect(written(edit.up(buffer(before)) ?? buffer("none|"))).toBe(after);
});

test("up in the first line and down in the last line find nothing", () => {
  expect(edit.up(buffer("a|b\nc"))).toBeUndefined();
  expect(edit.down(buffer("a\nb|c"))).toBeUndefined();
  expect(written(edit.down(buffer("a|b\nc")) ?? buffer("none|"))).toBe("ab\nc|");
});

test("yank inserts the killed text", () => {
  expect(written(edit.yank(edit.killToStart(buffer("one |two"))))).toBe("one |two");
  expect(written(edit.yank(edit.killToEnd(buffer("one| two"))))).toBe("one two|");
});

test("inserting normalises line ends", () => {
  expect(edit.insert(edit.EMPTY_BUFFER, "a\r\nb\rc\nd").text).toBe("a\nb\nc\nd");
});

test("the cursor always lies between two characters", () => {
  const pieces = fc.constantFrom(
    "a",
    " ",
    "\n",
    "\r\n",
    FAMILY,
    "\u200d",
    "\u0301",
    "👩",
    "🇵",
    "漢",
    "\x1b",
    "\u1100",
    "\u1161",
  );
  const changes: Edit[] = [
    ...[edit.left, edit.right, edit.wordLeft, edit.wordRight, edit.home, edit.end, edit.deleteBackward],
    ...[edit.deleteForward, edit.killWordLeft, edit.killWordRight, edit.killBlankWordLeft, edit.killToStart],
    ...[
      edit.killToEnd,
      edit.yank,
      edit.transpose,
      (b: LineBuffer) => edit.up(b) ?? b,
      (b: LineBuffer) => edit.down(b) ?? b,
    ],
  ];
  const edits = fc.oneof(
    {
      weight: 2,
      arbitrary: pieces.map(
        (piece): Edit =>
          (b) =>
            edit.insert(b, piece),
      ),
    },
    fc.constantFrom(...changes),
  );

  fc.assert(
    fc.property(fc.array(edits), (sequence) => {
      const { text, cursor } = sequence.reduce((b, change) => change(b), edit.EMPTY_BUFFER);
      const boundaries = Array.from(new Intl.Segmenter().segment(text), ({ index }) => index);
      expect([...boundaries, text.length]).toContain(cursor);
    }),
    { numRuns: 1_000 },
  );
});
