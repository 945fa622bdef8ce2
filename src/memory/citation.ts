import type { PassageOrigin } from "../schema/source.ts";
import { beginning } from "../schema/beginning.ts";

/** Longest name and heading that are cited whole. */
const LONGEST_PART = 120;

/** A passage's place, as people cite it: `paper.pdf, p. 5, Deep memory retrieval`. The line number, if there are no pages. */
export function citationOf({ document, page, line, heading }: Omit<PassageOrigin, "source">): string {
  const name = document.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "") || document;
  const place = page !== null ? [`p. ${page}`] : line !== null && line > 1 ? [`line ${line}`] : [];
  return [name, ...place, ...(heading === null ? [] : [heading])].map(short).join(", ");
}

/** On one line and shortened, for a list of results. */
function short(part: string): string {
  const plain = part.replace(/\s+/g, " ").trim();
  return plain.length > LONGEST_PART ? `${beginning(plain, LONGEST_PART - 1)}…` : plain;
}
