import fc from "fast-check";
import { expect, test } from "vitest";
import { clip, layout, listed } from "../../../src/cli/terminal/layout.ts";
import { clusters, textWidth } from "../../../src/cli/terminal/width.ts";

const input = { prompt: "> ", continuation: ". ", cursor: 0, columns: 10 };

test.each([
  ["a short line", "abc", ["> abc"]],
  ["a long one", "0123456789abc", ["> 01234567", "89abc"]],
  ["several lines", "a\n\nb", ["> a", ". ", ". b"]],
  ["a wide character that does not fit", "0123456漢", ["> 0123456", "漢"]],
  ["control characters, tabs and separators", "\x1b[\t\u2028\u202e", ["> ␛[    ␤\ufffd"]],
])("%s is broken into rows", (_, text, rows) => {
  expect(layout({ ...input, text }).rows.map((row) => row.text)).toEqual(rows);
});

test("a prompt wider than the window is left out, colours do not count", () => {
  expect(layout({ ...input, prompt: "a very long prompt> ", text: "x" }).rows[0]?.text).toBe("x");
  expect(layout({ ...input, prompt: "\x1b[1m> \x1b[22m", text: "01234567" }).rows).toHaveLength(1);
});

test("rows fit the window and hold the text once, and the cursor is at its text", () => {
  const texts = fc
    .array(fc.constantFrom("a", "bc", " ", "\n", "漢", "👨‍👩‍👧", "é", "🇵🇹", "⚠️"))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, fc.nat(), fc.integer({ min: 6, max: 12 }), (text, place, columns) => {
      const starts = [...clusters(text).keys()].map((index) => clusters(text).slice(0, index).join("").length);
      const cursor = [...starts, text.length][place % (starts.length + 1)] ?? 0;

      const { rows, cursor: shown } = layout({ prompt: "", continuation: "", text, cursor, columns });

      expect(rows.every((row) => row.width <= columns && textWidth(row.text) <= row.width)).toBe(true);
      expect(rows.map((row) => row.text).join("")).toBe(text.replaceAll("\n", ""));
      const before = [...rows.slice(0, shown.row).map((row) => row.text), shown.head].join("");
      expect(before).toBe(text.slice(0, cursor).replaceAll("\n", ""));
    }),
  );
});

test("shows the rows around the cursor if not all fit", () => {
  const whole = layout({ ...input, text: "a\nb\nc\nd\ne", cursor: 9 });

  const bottom = clip(whole, 3, 0);
  const top = clip({ ...whole, cursor: { ...whole.cursor, row: 0 } }, 3, bottom.scrolled);

  expect(bottom.shown.rows.map((row) => row.text)).toEqual([". c", ". d", ". e"]);
  expect(bottom.shown.cursor.row).toBe(2);
  expect(top.shown.rows.map((row) => row.text)).toEqual(["> a", ". b", ". c"]);
});

test.each([
  ["side by side", ["/a", "/bcd", "漢字"], 20, 5, ["/a    /bcd  漢字"]],
  ["in as many rows as it takes", ["/a", "/bcd", "漢字"], 14, 5, ["/a    /bcd", "漢字"]],
  ["cut where there is no room", ["/a", "/b", "/c", "/d"], 5, 3, ["/a", "/b", "... "]],
  ["without what acts on a terminal", ["\x1b[2J"], 20, 1, ["␛[2J"]],
  ["nowhere if there is no row", ["/a"], 20, 0, []],
])("candidates are listed %s", (_, names, columns, height, rows) => {
  expect(listed(names, columns, height).map((row) => row.text)).toEqual(rows);
});
