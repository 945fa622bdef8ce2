import fc from "fast-check";
import { expect, test } from "vitest";
import { createSanitizer, visible } from "../../../src/cli/terminal/sanitize.ts";

/** Texts rich in characters that must not get through. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom("\r", "\n", "\x1b[", "\ud83d", "\ude00", "é", "\u2028"),
      fc.string({ unit: "binary" }),
      unit(),
    ),
  )
  .map((parts) => parts.join(""));

function unit(): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
}

test.each([
  ["plain text, newlines, tabs and emoji stay", "a\n\tb 漢字 👨‍👩‍👧", "a\n\tb 漢字 👨‍👩‍👧"],
  ["escape sequences lose their ESC", "\x1b[2J\x1b]0;title\x07", "␛[2J␛]0;title␇"],
  ["control characters become pictures", "\0\b\v\x7f", "␀␈␋␡"],
  ["CRLF is a line break, a lone CR a picture", "a\r\nb\rc\r\r\n", "a\nb␍c␍\n"],
  ["C1 controls are replaced", "a\u009b31m\u0085", "a\ufffd31m\ufffd"],
  ["bidirectional overrides are replaced", "\u202eevil\u202c\u2066\u2069", "\ufffdevil\ufffd\ufffd\ufffd"],
  ["Unicode line separators are line breaks", "a\u2028b\u2029c", "a\nb\nc"],
  ["lone surrogates are replaced", "\ud83d a \ude00 😀", "\ufffd a \ufffd 😀"],
])("%s", (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test("lets no control character through except newline and tab", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(visible(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(visible(text).isWellFormed()).toBe(true);
    }),
  );
});

test("leaves visible text unchanged", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(visible(visible(text))).toBe(visible(text));
    }),
  );
});

test("sanitizing pieces gives the same result as sanitizing the whole", () => {
  fc.assert(
    fc.property(fc.array(hostile), (pieces) => {
      const sanitize = createSanitizer();

      const shown = pieces.map((piece) => sanitize(piece)).join("") + sanitize("", true);

      expect(shown).toBe(visible(pieces.join("")));
    }),
  );
});

test.each([
  ["a line break", ["a\r", "\nb"], "a\nb"],
  ["an emoji", ["a \ud83d", "\ude00"], "a 😀"],
])("%s that is cut in two is shown whole", (_, pieces, shown) => {
  const sanitize = createSanitizer();

  expect(pieces.map((piece) => sanitize(piece)).join("") + sanitize("", true)).toBe(shown);
});

test("shows invisible characters as codes, and keeps joiners in emoji and words", () => {
  expect(visible("a\u200bb\u200e\u2060\ufeff\u{e0041}")).toBe("a<U+200B>b<U+200E><U+2060><U+FEFF><U+E0041>");
  for (const text of ["👩‍👩‍👧", "می‌خواهم", "❤️"]) expect(visible(text)).toBe(text);
});
