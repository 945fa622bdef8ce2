import type { PassageOrigin } from "../schema/source.ts";

/** Longest name and heading that are cited whole. */
const LONGEST_PART = 120;

/** Where a passage stands, as people cite it: `paper.pdf, p. 5, Deep memory retrieval`; a line where there are no pages. */
export function citationOf({ document, page, line, heading }: Omit<PassageOrigin, "source">): string {
  const name = document.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "") || document;
  const place = page !== null ? [`p. ${page}`] : line !== null && line > 1 ? [`line ${line}`] : [];
  return [name, ...place, ...(heading === null ? [] : [heading])].map(short).join(", ");
}

/** On one line: it stands in a list of results. */
function short(part: string): string {
  const plain = part.replace(/\s+/g, " ").trim();
  return plain.length > LONGEST_PART ? `${plain.slice(0, LONGEST_PART - 1).replace(/[\uD800-\uDBFF]$/, "")}…` : plain;
}
