import { expect, test } from "vitest";
import { historyOfFact } from "../../../../src/server/page/text/fact-history.ts";
import { standingOf, withChange, withoutChange } from "../../../../src/server/page/text/standing.ts";

const james = { before: "Name is Mara.", after: "Name is Mara.\nBoyfriend named James." };

test("an edit holds, is gone or was changed since, whatever was written beside it", () => {
  expect(standingOf(james, james.after)).toBe("holds");
  expect(standingOf(james, `${james.after}\nDog named Pixel.`)).toBe("holds");
  expect(standingOf(james, "Name is Mara.")).toBe("gone");
  expect(standingOf(james, "Name is Mara.\nDog named Pixel.")).toBe("gone");
  expect(standingOf(james, "Name is Mara.\nEx-boyfriend named James.")).toBe("changed");
  expect(standingOf(james, null)).toBe("changed");
  expect(standingOf({ before: james.after, after: james.before }, james.after)).toBe("gone");
  expect(standingOf({ before: null, after: "First." }, "First.")).toBe("holds");
});

test("an edit is taken back and made again without a line of others", () => {
  const now = `${james.after}\nDog named Pixel.`;
  const without = withoutChange(james, now);

  expect(without).toBe("Name is Mara.\nDog named Pixel.");
  expect(
    withChange(james, without ?? "")
      ?.split("\n")
      .sort(),
  ).toEqual(now.split("\n").sort());
  expect(withoutChange(james, "Name is Mara.\nEx-boyfriend named James.")).toBeUndefined();
});

test("the history of a fact has what it came from and what became of it, and no other line", () => {
  const texts = [
    "",
    "Name is Mara.",
    "Name is Mara.\nBoyfriend named James.",
    "Name is Mara.\nBoyfriend named James.\nDog named Pixel.",
    "Name is Mara R.\nEx-boyfriend named James.\nDog named Pixel.",
    "Name is Mara R.\nSingle now.\nDog named Pixel.",
    "Name is Mara R.\nSingle now.",
  ];
  const edits = texts.slice(1).map((after, index) => ({ op: (index + 1) * 10, before: texts[index] ?? "", after }));
  const shown = (op: number): (readonly [number, (string | null)[][]])[] => {
    const fact = edits.find((edit) => edit.op === op) ?? { op, before: "", after: "" };
    return historyOfFact(edits, fact).map(
      ({ edit, lines }) => [edit.op, lines.map(({ before, after }) => [before, after])] as const,
    );
  };

  expect(shown(20)).toEqual([
    [20, [[null, "Boyfriend named James."]]],
    [40, [["Boyfriend named James.", "Ex-boyfriend named James."]]],
    [50, [["Ex-boyfriend named James.", "Single now."]]],
  ]);
  expect(shown(60).map(([op]) => op)).toEqual([30, 60]);
});
