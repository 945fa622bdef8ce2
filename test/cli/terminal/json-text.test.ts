import { expect, test } from "vitest";
import { jsonText } from "../../../src/cli/terminal/json-text.ts";

test("escapes characters that act on a terminal or end a line, without changing the value", () => {
  const value = {
    "\u009b2J": ["\u007f", "\u2028\u2029", "\u202eabc\u2069", "\u200f\u061c", "\u001b", "Zoë 漢字 🙂 \ud800"],
  };

  const compact = jsonText(value);
  const indented = jsonText(value, 2);

  expect(compact).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Surrogate}]/u);
  expect(compact).toContain("\\u009b2J");
  expect(compact).toContain("Zoë 漢字 🙂");
  expect(JSON.parse(compact)).toEqual(value);
  expect(indented).toContain('{\n  "');
  expect(JSON.parse(indented)).toEqual(value);
});
