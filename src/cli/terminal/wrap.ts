import { clusters, widestWidth } from "./width.ts";

/** A part of a text as UTF-16 offsets, `end` excluded. */
type Range = { start: number; end: number };

const CJK = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60`;
const OPENING = "「『（《〈【〔［｛";
const CLOSING = "、。，．！？；：）」』】〕〉》］｝…ー";
/** A line break, blanks, a Chinese or Japanese character with its inseparable punctuation, or a word. */
export const PIECE = new RegExp(String.raw`\n|[ \t]+|[${OPENING}]*[${CJK}]\p{M}*[${CLOSING}]*|[^\n \t${CJK}]+`, "gu");

/**
 * Breaks a text into lines at most `width` cells wide, between words if possible. Returns ranges, so that colours can be
 * applied to them. Blanks at the ends of a line belong to none.
 */
export function wrap(text: string, width: number): Range[] {
  const lines: Range[] = [];
  let line: Range = { start: 0, end: 0 };
  let used = 0;
  let blanks = 0;
  const breakAt = (start: number): void => {
    lines.push(line);
    line = { start, end: start };
    used = 0;
    blanks = 0;
  };
  const add = (start: number, end: number, cells: number): void => {
    line = used === 0 ? { start, end } : { start: line.start, end };
    used += blanks + cells;
    blanks = 0;
  };

  for (const { 0: piece, index } of text.matchAll(PIECE)) {
    if (piece === "\n") breakAt(index + 1);
    else if (/^[ \t]/.test(piece)) blanks = used === 0 ? 0 : piece.length;
    else {
      const parts = clusters(piece);
      const cells = parts.reduce((sum, cluster) => sum + widestWidth(cluster), 0);
      if (used > 0 && used + blanks + cells > width) breakAt(index);
      if (cells <= width) add(index, index + piece.length, cells);
      else addBroken(parts, index);
    }
  }
  lines.push(line);
  return lines;

  function addBroken(parts: readonly string[], index: number): void {
    let start = index;
    for (const cluster of parts) {
      const cells = widestWidth(cluster);
      if (used > 0 && used + cells > width) breakAt(start);
      add(start, start + cluster.length, cells);
      start += cluster.length;
    }
  }
}
