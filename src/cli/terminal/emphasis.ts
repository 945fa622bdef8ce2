// Variation selectors that no script uses. They have no width and stay with their word, so they do not change line breaks.
const START = "\u{e01ee}";
const END = "\u{e01ef}";
const MARKED = new RegExp(`${START}([^${END}]*)${END}`, "gu");
const MARKS = new RegExp(`[${START}${END}]`, "gu");

type Found = { readonly text: string; readonly matches: readonly (readonly [start: number, end: number])[] };

/** The text of a result with invisible marks around its matches, for `paintMarks`. */
export function markMatches({ text, matches }: Found): string {
  const ends = [...matches.map(([, end]) => end), text.length];
  const before = (index: number): string =>
    text.slice(index === 0 ? 0 : ends[index - 1], matches[index]?.[0] ?? text.length);
  const parts = ends.map((end, index) => {
    const start = matches[index]?.[0];
    return before(index) + (start === undefined ? "" : `${START}${text.slice(start, end)}${END}`);
  });
  return parts.join("");
}

/** The index of the first mark in `text`, or -1. */
export function firstMark(text: string): number {
  return text.indexOf(START);
}

/** Applies `paint` to the marked parts and removes the marks. */
export function paintMarks(text: string, paint: (marked: string) => string = (marked) => marked): string {
  return text.replace(MARKED, (_, marked: string) => paint(marked)).replace(MARKS, "");
}
