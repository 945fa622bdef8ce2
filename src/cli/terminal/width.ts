import stringWidth from "string-width";

/** Created on first use, because that takes 15 ms. */
let segmenter: Intl.Segmenter | undefined;
const CONTESTED = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u20e3/u;
const IDEOGRAPH = /^[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]$/;
/**
 * Characters that never join others and take as many cells as UTF-16 units: Latin letters, signs, and emoji of two. Measuring
 * them here spares most sessions the 18 ms in which the tables for all others are made.
 */
const SIMPLE = /^[ -~\u00a1-\u00a8\u00aa-\u00ac\u00af-\u02ff\u2012-\u2027\u{1f442}-\u{1f4fc}\u{1f9e0}-\u{1f9ff}]*$/u;

/** The grapheme clusters of `text`: what a reader sees as one character. */
export function clusters(text: string): string[] {
  if (SIMPLE.test(text)) return Array.from(text);
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Cells of `text` on a terminal with full Unicode support. Colour codes take none. */
export function textWidth(text: string): number {
  return SIMPLE.test(text) ? text.length : stringWidth(text);
}

/**
 * The most cells that any terminal uses for one cluster: some draw the parts of an emoji sequence side by side. Lines
 * broken by this measure overflow nowhere, so rows can be counted without asking the terminal.
 */
export function widestWidth(cluster: string): number {
  if (SIMPLE.test(cluster)) return cluster.length;
  if (IDEOGRAPH.test(cluster)) return 2;
  const parts = Array.from(cluster, (part) => stringWidth(part)).reduce((sum, width) => sum + width, 0);
  return Math.max(stringWidth(cluster), parts);
}

/** Whether terminals disagree about the width of a cluster. */
export function isContested(cluster: string): boolean {
  return CONTESTED.test(cluster);
}

/** The longest start of `text` that fits `cells`. */
export function cut(text: string, cells: number): string {
  let used = 0;
  return clusters(text)
    .filter((cluster) => (used += widestWidth(cluster)) <= cells)
    .join("");
}
