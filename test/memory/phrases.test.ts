import fc from "fast-check";
import { expect, test } from "vitest";
import { containsAny } from "../../src/memory/phrases.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "é", "😀"), minLength: 2, maxLength: 6 });

test("finds the same as comparing a text with each phrase", () => {
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 17, maxLength: 40 }),
      fc.array(letters, { maxLength: 6 }),
      (phrases, parts) => {
        const text = parts.join("a");

        expect(containsAny(text, phrases)).toBe(phrases.some((phrase) => text.includes(phrase)));
      },
    ),
    { seed: 1 },
  );
});
