import { textWidth } from "./width.ts";
import { wrap } from "./wrap.ts";

/** What a line begins with, below which its continuation does not go: blanks, a number, a mark. */
const BEGINNING = /^[ \t]*(?:(?:\d+\.|\[\d+\]|[-+>•])[ \t]+)?/;

/**
 * Breaks every line of `text` between words where it can, at `width` cells. What continues a line stands below its first
 * word, and all lines after the first at least below what follows `mark`.
 *
 * @param mark Stands before the first line.
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

/** As many blanks, but in a narrow window no more than a quarter of it. */
export function indentOf(beginning: string, width: number): string {
  return " ".repeat(Math.min(textWidth(beginning), Math.floor(width / 4)));
}
