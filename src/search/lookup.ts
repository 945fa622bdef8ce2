import type { Match, ScoredNumber, TextIndex } from "../ports/text-index.ts";
import { sayingOf } from "./exact.ts";
import { type Attempt, type SearchQuery, attemptsOf } from "./query.ts";

/** A lookup ranks this many of the newest matches. The best of these come first; the rest follow by time. */
const MOST_RANKED = 5_000;
const MOST_BEST = 1_000;

/** Number of texts read to check for an exact match. */
const MOST_READ = 20_000;
const AT_A_TIME = 1_000;

/** The results of a lookup: `ranked` by BM25, then all others that match `match`; null if there are no others. */
export type Lookup = {
  readonly ranked: readonly ScoredNumber[];
  readonly match: Match | null;
  readonly total: number;
};

/**
 * Finds texts with all words of a query, or else with some. Quoted phrases and identifiers must match exactly, which needs the
 * texts, since "cats" and "cat" have the same index term. With more than 20,000 matches, that check is skipped.
 *
 * @param isEnough Whether the texts with all words suffice. If not, those with some are used.
 */
export async function lookUp(
  query: SearchQuery,
  index: TextIndex,
  isEnough: (ranked: readonly ScoredNumber[]) => Promise<boolean> = async () => true,
): Promise<Lookup | undefined> {
  let nothing: Lookup | undefined;
  for (const attempt of attemptsOf(query)) {
    const { match, all, any } = attempt;
    const total = await index.count(match);
    if (total === 0) continue;
    if (all.length + any.length > 0 && total <= MOST_READ) {
      const ranked = await exactly(attempt, index);
      nothing = { ranked, match: null, total: ranked.length };
      if (ranked.length > 0) return nothing;
      continue;
    }
    const [newest] = total > MOST_RANKED ? await index.numbers([{ match, limit: MOST_RANKED }]) : [[]];
    const best = await index.best(match, { limit: MOST_BEST, from: newest?.[0] ?? 0 });
    if (attempt.isNarrow === true && !(await isEnough(best))) continue;
    return { ranked: await preferring(query.preferred, best, index), match, total };
  }
  return nothing;
}

/** All texts that match exactly: the best first, the others by time. */
async function exactly({ match, all, any }: Attempt, index: TextIndex): Promise<ScoredNumber[]> {
  const [saysAll, saysAny] = [sayingOf(all), sayingOf(any)];
  const says = (text: string): boolean =>
    saysAll(text).every(Boolean) && (any.length === 0 || saysAny(text).some(Boolean));
  const [numbers = []] = await index.numbers([{ match, limit: MOST_READ }]);
  const exact = new Set<number>();
  for (let from = 0; from < numbers.length; from += AT_A_TIME) {
    for (const { n, text } of await index.texts(numbers.slice(from, from + AT_A_TIME))) if (says(text)) exact.add(n);
  }
  if (exact.size === 0) return [];
  const best = (await index.best(match, { limit: MOST_BEST, from: 0 })).filter(({ n }) => exact.delete(n));
  const others = numbers.filter((n) => exact.has(n)).toReversed();
  return [...best, ...others.map((n) => ({ n, score: 0 }))];
}

/** Moves texts that say preferred phrases to the front. */
async function preferring(
  preferred: readonly string[],
  best: readonly ScoredNumber[],
  index: TextIndex,
): Promise<readonly ScoredNumber[]> {
  if (preferred.length === 0) return best;
  const says = sayingOf(preferred);
  const texts = await index.texts(best.map(({ n }) => n));
  const phraseCounts = new Map(texts.map(({ n, text }) => [n, says(text).filter(Boolean).length]));
  const most = best[0]?.score ?? 0;
  return best
    .map(({ n, score }) => ({ n, score: score + (phraseCounts.get(n) ?? 0) * most }))
    .sort((a, b) => b.score - a.score || b.n - a.n);
}
