import stringWidth from "string-width";
import { expect, test } from "vitest";
import { clusters, textWidth, widestWidth } from "../../../src/cli/terminal/width.ts";

/** All characters of the blocks around those that are measured without tables. */
const CHARACTERS = [range(0x20, 0x400), range(0x2000, 0x2100), range(0x1f3f0, 0x1f520), range(0x1f9a0, 0x1fa20)].flat();

function range(start: number, end: number): string[] {
  return Array.from({ length: end - start }, (_, n) => String.fromCodePoint(start + n));
}

test("each character is as wide as the tables for all of Unicode say", () => {
  expect(CHARACTERS.filter((character) => textWidth(character) !== stringWidth(character))).toEqual([]);
  expect(CHARACTERS.filter((character) => widestWidth(character) < stringWidth(character))).toEqual([]);
});

test("characters are joined as Unicode says, whatever follows them", () => {
  const segmenter = new Intl.Segmenter();
  const joined = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);
  const texts = CHARACTERS.flatMap((character) => [`${character}a`, `${character}\u0301`, `${character}\u200d🧠`]);

  expect(texts.filter((text) => clusters(text).join("|") !== joined(text).join("|"))).toEqual([]);
});
