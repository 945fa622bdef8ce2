import { textWidth } from "./width.ts";
import { wrap } from "./wrap.ts";

/** The start of a line that its continuation is indented past: blanks, a number, a bullet. */
const BEGINNING = /^[ \t]*(?:(?:\d+\.|\[\d+\]|[-+>•])[ \t]+)?/;

/**
 * Wraps every line of `text` at `width` cells, between words if possible. Continuations are indented to the line's first
 * word, and all lines after the first at least to the text after `mark`.
 *
 * @param mark Put before the first line.
 */
export function hanging(text: string, width: number, mark = ""): string {
  const indent = indentOf(mark, width);
  return text
    .split("\n")
    .map((line, index) => {
      const beginning = BEGINNING.exec(line)?.[0] ?? "";
      const start = (index === 0 ? mark : indent) + beginning;
      const further = indent + indentOf(beginning, width - indent.length);
      const content = line.slice(beginning.length);
      const rows = wrap(content, Math.max(1, width - Math.max(textWidth(start), further.length)));
      return rows
        .map(({ start: from, end }, row) => (row === 0 ? start : further) + content.slice(from, end))
        .join("\n");
    })
    .join("\n");
}

/** Blanks as wide as `beginning`, but at most a quarter of `width`. */
export function indentOf(beginning: string, width: number): string {
  return " ".repeat(Math.min(textWidth(beginning), Math.floor(width / 4)));
}
