import type { Element } from "../element.ts";
import type { MarkedLine } from "./headings.ts";

/** Lines further apart than this many times their height belong to different paragraphs. */
const WIDEST_GAP = 1.7;
const INDENT = 0.8;
const HYPHEN = /(\p{L}+)[-\u2010\u00ad]$/u;

/** Lines joined into paragraphs, and words that a line end divided into one. */
export function* paragraphsOf(lines: readonly MarkedLine[]): Generator<Element, void, void> {
  const words = new Set(
    lines.flatMap(({ text }) => text.toLowerCase().match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu) ?? []),
  );
  let [text, page]: [string, number] = ["", 0];
  let before: MarkedLine | undefined;
  for (const line of lines) {
    if (line.heading !== undefined || (before !== undefined && !continues(before, line, text))) {
      if (text !== "") yield { kind: "paragraph", text, page };
      text = "";
    }
    if (line.heading !== undefined) yield { kind: "heading", text: line.heading, page: line.page };
    if (text === "") page = line.page;
    text = joined(text, line.text, words);
    before = line;
  }
  if (text !== "") yield { kind: "paragraph", text, page };
}

function continues(before: MarkedLine, line: MarkedLine, text: string): boolean {
  const height = Math.max(before.height, line.height, 1);
  const down = before.y - line.y;
  if (before.page !== line.page || down < -height / 2 || down > 6 * height) {
    // The next column or page: the sentence goes on, or it does not.
    return HYPHEN.test(text) || (!/[.!?:。！？]["'”’)\]]*$/u.test(text) && /^[\p{Ll}\p{Lo}\d(]/u.test(line.text));
  }
  const isIndented = line.x - before.x > INDENT * height && line.x - before.x < 5 * height;
  return down <= WIDEST_GAP * height && !isIndented && Math.abs(before.height - line.height) < 0.25 * height;
}

/** With a space between them, or as one word where the first ends with its first half. `words` are those of the document. */
function joined(text: string, next: string, words: ReadonlySet<string>): string {
  if (text === "" || next === "") return text + next;
  const [, first] = HYPHEN.exec(text) ?? [];
  const [second] = /^\p{L}+/u.exec(next) ?? [];
  if (first === undefined) {
    const isSpaceless =
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}。、]$/u.test(text) &&
      /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(next);
    return isSpaceless ? text + next : `${text} ${next}`;
  }
  const [whole, compound] = [`${first}${second ?? ""}`.toLowerCase(), `${first}-${second ?? ""}`.toLowerCase()];
  const isCompound = second === undefined || /^\p{Lu}/u.test(second) || (!words.has(whole) && words.has(compound));
  return isCompound ? text + next : text.slice(0, -1) + next;
}
