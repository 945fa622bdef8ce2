import { saysExactly } from "../../search/exact.ts";
import { type SearchQuery, toMatchExpressions } from "../../search/query.ts";

/** Of a lookup that matches more, the newest so many are ranked, and so many of those best first; the others by their time. */
const MOST_RANKED = 5_000;
const MOST_BEST = 1_000;

/** What a lookup asks of a full-text index, narrowed as the query says. */
export type LookedUp = {
  readonly count: (match: string) => number;
  /** Numbers of those that match, newest first. */
  readonly numbers: (match: string, limit: number) => readonly number[];
  /** The best by BM25 from number `from` on, best first. */
  readonly best: (match: string, options: { limit: number; from: number }) => readonly Scored[];
  readonly texts: (numbers: readonly number[]) => readonly { readonly n: number; readonly text: string }[];
};

type Scored = { readonly n: number; readonly score: number };

/** What a lookup found: `ranked` by BM25, and all that match `match` beyond; null if there are no others. */
export type Lookup = { readonly ranked: readonly Scored[]; readonly match: string | null; readonly total: number };

/**
 * Looks for what has all words of a query, or else some. What stood in quotes, and identifiers, must be there letter for
 * letter: to the index "cats" is "cat". Among more than 5,000 that match nobody reads all texts to tell.
 */
export function lookUp(query: SearchQuery, index: LookedUp): Lookup | undefined {
  for (const match of toMatchExpressions(query)) {
    const total = index.count(match);
    if (total === 0) continue;
    if (query.required.length > 0 && total <= MOST_RANKED) {
      const found = exactly(query.required, index.best(match, { limit: MOST_RANKED, from: 0 }), index);
      return { ranked: found, match: null, total: found.length };
    }
    const from = total > MOST_RANKED ? (index.numbers(match, MOST_RANKED).at(-1) ?? 0) : 0;
    return { ranked: index.best(match, { limit: MOST_BEST, from }), match, total };
  }
  return undefined;
}

function exactly(required: readonly string[], best: readonly Scored[], { texts }: LookedUp): Scored[] {
  const rows = texts(best.map(({ n }) => n)).filter(({ text }) => saysExactly(text, required));
  const exact = new Set(rows.map(({ n }) => n));
  return best.filter(({ n }) => exact.has(n));
}
