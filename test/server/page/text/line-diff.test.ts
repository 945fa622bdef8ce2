import { expect, test } from "vitest";
import { changedLines, wordsOf } from "../../../../src/server/page/text/line-diff.ts";

/** As people see it: `-` went, `+` came. */
function shown(before: string, after: string): string[] {
  const marks = { same: "", removed: "-", added: "+" } as const;
  return changedLines(before, after).map((line) =>
    wordsOf(line)
      .map(({ kind, text }) => (kind === "same" ? text : `[${marks[kind]}${text}]`))
      .join(""),
  );
}

test("a line that was added stands whole, whatever words it shares with its neighbours", () => {
  const before = "Name is Mara.\nDog named Pixel.";
  const after = "Name is Mara.\nBoyfriend named James.\nDog named Pixel.";

  expect(shown(before, after)).toEqual(["[+Boyfriend named James.]"]);
});

test("a line that changed shows the words that changed in it, and others stay out of it", () => {
  const before = "Name is Mara.\nBoyfriend named James.\nLives in Setúbal.";
  const after = "Name is Mara.\nEx-boyfriend named James.\nLives in Setúbal.\nDog named Pixel.";

  expect(shown(before, after)).toEqual(["[-Boyfriend][+Ex-boyfriend] named James.", "[+Dog named Pixel.]"]);
});

test("lines that took the place of others are paired with what they came from", () => {
  const before = "Boyfriend named James.\nBoat named Aurora, keel of oak.";
  const after = "Keeps bees.\nBoyfriend named Jim.\nBoat named Aurora, keel of steel.";

  expect(shown(before, after)).toEqual([
    "[+Keeps bees.]",
    "Boyfriend named [-James][+Jim].",
    "Boat named Aurora, keel of [-oak][+steel].",
  ]);
});

test("a line that shares nothing with the one it replaces is shown whole, the old line above the new one", () => {
  expect(shown("Likes tea in the morning.", "Works night shifts at a bakery.")).toEqual([
    "[-Likes tea in the morning.]",
    "[+Works night shifts at a bakery.]",
  ]);
});

test("words that follow one another are one change", () => {
  expect(
    shown("The boat Aurora of Ines lies in the old harbour.", "The boat Aurora of Ines lies at our new pier."),
  ).toEqual(["The boat Aurora of Ines lies [-in the old harbour][+at our new pier]."]);
});

test("the same line twice, lines that moved and empty texts are distinguished", () => {
  expect(shown("a\nb", "a\nb\nb")).toEqual(["[+b]"]);
  expect(shown("one\ntwo", "two\none")).toEqual(["[-one]", "[+one]"]);
  expect(shown("", "one\ntwo")).toEqual(["[+one]", "[+two]"]);
  expect(shown("one", "")).toEqual(["[-one]"]);
  expect(shown("same", "same")).toEqual([]);
});
