import { sayingOf } from "../../search/exact.ts";
import { type Attempt, type SearchQuery, attemptsOf } from "../../search/query.ts";

/** Of a lookup that matches more, the newest so many are ranked, and so many of those best first; the others by their time. */
const MOST_RANKED = 5_000;
const MOST_BEST = 1_000;

/** So many texts are read to tell whether they say something exactly. */
const MOST_READ = 20_000;
const AT_A_TIME = 1_000;

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
 * letter: to the index "cats" is "cat". Among more than 20,000 that match nobody reads all texts to tell.
 */
export function lookUp(query: SearchQuery, index: LookedUp): Lookup | undefined {
  let nothing: Lookup | undefined;
  for (const attempt of attemptsOf(query)) {
    const { match, all, any } = attempt;
    const total = index.count(match);
    if (total === 0) continue;
    if (all.length + any.length > 0 && total <= MOST_READ) {
      const ranked = exactly(attempt, index);
      nothing = { ranked, match: null, total: ranked.length };
      if (ranked.length > 0) return nothing;
      continue;
    }
    const from = total > MOST_RANKED ? (index.numbers(match, MOST_RANKED).at(-1) ?? 0) : 0;
    const best = index.best(match, { limit: MOST_BEST, from });
    return { ranked: preferring(query.preferred, best, index), match, total };
  }
  return nothing;
}

/** All that say it: the best first, the others by their time. */
function exactly({ match, all, any }: Attempt, index: LookedUp): Scored[] {
  const [saysAll, saysAny] = [sayingOf(all), sayingOf(any)];
  const says = (text: string): boolean =>
    saysAll(text).every(Boolean) && (any.length === 0 || saysAny(text).some(Boolean));
  const numbers = index.numbers(match, MOST_READ);
  const exact = new Set<number>();
  for (let from = 0; from < numbers.length; from += AT_A_TIME) {
    for (const { n, text } of index.texts(numbers.slice(from, from + AT_A_TIME))) if (says(text)) exact.add(n);
  }
  if (exact.size === 0) return [];
  const best = index.best(match, { limit: MOST_BEST, from: 0 }).filter(({ n }) => exact.delete(n));
  const others = numbers.filter((n) => exact.has(n));
  return [...best, ...others.map((n) => ({ n, score: 0 }))];
}

/** Those first that say what is preferred. */
function preferring(preferred: readonly string[], best: readonly Scored[], { texts }: LookedUp): readonly Scored[] {
  if (preferred.length === 0) return best;
  const says = sayingOf(preferred);
  const said = new Map(texts(best.map(({ n }) => n)).map(({ n, text }) => [n, says(text).filter(Boolean).length]));
  const most = best[0]?.score ?? 0;
  return best
    .map(({ n, score }) => ({ n, score: score + (said.get(n) ?? 0) * most }))
    .sort((a, b) => b.score - a.score || b.n - a.n);
}
