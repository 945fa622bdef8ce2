import type { PdfLine } from "./lines.ts";

/** Number of lines at the top and at the bottom of a page that may be running headers and footers. */
const AT_THE_EDGE = 2;
const PAGE_NUMBER =
  /^[-–—\s]*(?:(?:page|seite|p\.|s\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:\/|of|von)\s*\d{1,4})?[-–—\s]*$/i;
/** Fewest pages on which a running line repeats. */
const LEAST_PAGES = 3;

/** Removes page numbers, and lines that repeat at the edge of most pages. */
export function withoutRunning(pages: readonly (readonly PdfLine[])[]): PdfLine[][] {
  const edges = pages.map(edgeOf);
  const counts = new Map<string, number>();
  for (const edge of edges) {
    for (const key of new Set([...edge].map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const least = Math.max(LEAST_PAGES, pages.length / 2);
  return pages.map((lines, index) =>
    lines.filter((line) => {
      const isAtEdge = edges[index]?.has(line) === true;
      return !isAtEdge || !(PAGE_NUMBER.test(line.text) || (counts.get(keyOf(line)) ?? 0) >= least);
    }),
  );
}

function edgeOf(lines: readonly PdfLine[]): Set<PdfLine> {
  const byHeight = [...lines].sort((a, b) => b.y - a.y);
  return new Set([...byHeight.slice(0, AT_THE_EDGE), ...byHeight.slice(-AT_THE_EDGE)]);
}

/** The same key for lines that differ only in numbers, such as the page's. */
function keyOf({ text, y }: PdfLine): string {
  return `${Math.round(y / 10)} ${text.toLowerCase().replace(/\d+/g, "#")}`;
}
