// Variation selectors that no script uses: they take no cell and belong to the word, so that lines break as without them.
const START = "\u{e01ee}";
const END = "\u{e01ef}";
const MARKED = new RegExp(`${START}([^${END}]*)${END}`, "gu");
const MARKS = new RegExp(`[${START}${END}]`, "gu");

type Found = { readonly text: string; readonly matches: readonly (readonly [start: number, end: number])[] };

/** What was found with marks around its matches, which `paintMarks` turns into what is shown. */
export function markMatches({ text, matches }: Found): string {
  const ends = [...matches.map(([, end]) => end), text.length];
  const before = (at: number): string => text.slice(at === 0 ? 0 : ends[at - 1], matches[at]?.[0] ?? text.length);
  const parts = ends.map((end, at) => {
    const start = matches[at]?.[0];
    return before(at) + (start === undefined ? "" : `${START}${text.slice(start, end)}${END}`);
  });
  return parts.join("");
}

/** The index of the first mark in `text`, or -1. */
export function firstMark(text: string): number {
  return text.indexOf(START);
}

/** What is marked as `paint` has it; without, plain text. */
export function paintMarks(text: string, paint: (marked: string) => string = (marked) => marked): string {
  return text.replace(MARKED, (_, marked: string) => paint(marked)).replace(MARKS, "");
}
