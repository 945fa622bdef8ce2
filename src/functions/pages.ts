import * as z from "zod";
import { estimateTokens, prefixWithin } from "../memory/tokens.ts";
import type { Page } from "../schema/page.ts";

/** Results on one page. @source original's RETRIEVAL_QUERY_DEFAULT_PAGE_SIZE */
export const PAGE_SIZE = 5;

/** The `page` parameter of every search. Models that want the first page omit it or write null, "none" or a string. */
export const pageParameter = z
  .preprocess(
    (value) => (value === null || value === "" || value === "none" || value === "None" ? 0 : Number(value)),
    z.number().int().min(0),
  )
  .optional()
  .describe("From 0. Only to read on.");

/**
 * Renders one page of results for the model, with the exact total and pages counted from 1, as in the paper. Cuts long
 * results so that the page is estimated at no more than `tokens`; short ones stay whole.
 */
export function renderPage<T>(found: Page<T>, page: number, tokens: number, line: (item: T) => Line): string {
  if (found.total === 0) return "No results found.";
  const pages = Math.ceil(found.total / PAGE_SIZE);
  const results = found.total === 1 ? "1 result" : `${found.total} results`;
  if (found.items.length === 0) {
    const there = `there ${found.total === 1 ? "is" : "are"} ${results} on ${pages === 1 ? "1 page" : `${pages} pages`}`;
    return `No results on page ${page + 1}: ${there}.`;
  }
  const loose = found.isLoose === true ? "Nothing matches the quoted text exactly; these results have its words. " : "";
  const near = found.byMeaning === undefined ? "" : `, ${found.byMeaning} of them by meaning alone`;
  const header = `${loose}Showing ${found.items.length} of ${results}${near} (page ${page + 1}/${pages}): `;
  const lines = found.items.map(line);
  for (let cap = tokens; ; cap = Math.floor(cap * 0.8)) {
    const text = header + JSON.stringify(lines.map(({ head, text, tail = "" }) => head + cutText(text, cap) + tail));
    if (cap < 8 || estimateTokens(text) <= tokens) return text;
  }
}

/** A result: `head` and `tail` are always shown whole, `text` may be cut. */
export type Line = { readonly head: string; readonly text: string; readonly tail?: string };

function cutText(text: string, tokens: number): string {
  const shown = prefixWithin(text, tokens);
  return shown.length === text.length ? text : `${shown}… [cut, ${text.length} characters in all]`;
}
