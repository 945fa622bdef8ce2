import type { Rerank } from "../ports/reranker.ts";
import type { TextIndex } from "../ports/text-index.ts";
import { halfDeviations } from "./meaning.ts";
import type { Entry, ResultList } from "./results.ts";

/** Number of top results that the reranker reads with the question. */
const READ_AGAIN = 50;

/** Least number of results: fewer show nothing about a model's quality. */
const FEWEST = 4;

/** Characters of a text that are sent: more than the 512 tokens that most such models read. */
const LONGEST_TEXT = 2_000;

/**
 * Weight of half a standard deviation of a reranker's scores, in the units of the learned weights: as much as nearness in meaning
 * of a line and its surroundings together.
 */
const WEIGHT = 3;

/** Correlations with the ranking by words: chance up to the first, full trust from the second. */
const [BY_CHANCE, FOR_SURE] = [0.1, 0.3];

/** Initial trust in an unknown model, as a number of results on which it agreed with the words. */
const BELIEVED_FIRST = 25;

/** How far rerankers are trusted, by name. */
export class RerankTrust {
  readonly #seen = new Map<string, { readonly sum: number; readonly count: number }>();

  /**
   * How far a model is trusted after another search, 0 to 1. Results that the words rank first are answers more often than the
   * last ones, so a model that never agrees with the words knows nothing about answers.
   */
  after(model: string, { correlation, results }: { readonly correlation: number; readonly results: number }): number {
    const { sum, count } = this.#seen.get(model) ?? { sum: FOR_SURE * BELIEVED_FIRST, count: BELIEVED_FIRST };
    const seen = { sum: sum + correlation * results, count: count + results };
    this.#seen.set(model, seen);
    return Math.min(1, Math.max(0, (seen.sum / seen.count - BY_CHANCE) / (FOR_SURE - BY_CHANCE)));
  }
}

/**
 * Reorders the best results with a reranker's scores as one more feature. Exact matches of quoted phrases stay first, since they
 * weigh more than all features together.
 */
export async function reranked(
  list: ResultList,
  rerank: Rerank | undefined,
  { index, trust }: { readonly index: Pick<TextIndex, "texts">; readonly trust: RerankTrust },
): Promise<ResultList> {
  const best = rerank === undefined ? [] : list.ranked.slice(0, READ_AGAIN);
  if (rerank === undefined || best.length < FEWEST) return list;
  const texts = new Map((await index.texts(best.map(({ n }) => n))).map(({ n, text }) => [n, text]));
  const scores = await rerank.scores(best.map(({ n }) => (texts.get(n) ?? "").slice(0, LONGEST_TEXT)));
  if (scores === undefined) return list;
  const deviations = halfDeviations(Float64Array.from(scores));
  const places = best.map((_, place) => -place);
  const correlation = rankCorrelation(deviations, places);
  const weight = WEIGHT * trust.after(rerank.model, { correlation, results: best.length });
  if (weight === 0) return list;
  // No result falls behind those that the reranker did not read.
  const lowest = Math.min(...deviations);
  const again = best
    .map((entry, i): Entry => {
      const gain = weight * ((deviations[i] ?? 0) - lowest);
      return { n: entry.n, score: entry.score + gain, signals: { ...entry.signals, rerank: gain } };
    })
    .sort((a, b) => b.score - a.score);
  const { ranked } = list;
  const slice = (from: number, to: number): readonly Entry[] => [
    ...again.slice(from, to),
    ...ranked.slice(Math.max(from, again.length), Math.max(to, again.length)),
  ];
  return { ...list, ranked: { length: ranked.length, slice } };
}

/** Rank correlation of two lists, -1 to 1; 0 if either is constant. @source Spearman, 1904. */
function rankCorrelation(xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  const [x, y] = [ranksOf(xs), ranksOf(ys)];
  const middle = (x.length - 1) / 2;
  let [both, squaresX, squaresY] = [0, 0, 0];
  for (const [i, rank] of x.entries()) {
    const [dx, dy] = [rank - middle, (y[i] ?? 0) - middle];
    both += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  const product = Math.sqrt(squaresX * squaresY);
  return product === 0 ? 0 : both / product;
}

/** The rank of each value in ascending order, from 0; equal values share their mean rank. */
function ranksOf(values: ArrayLike<number>): number[] {
  const sorted = Float64Array.from(values).sort();
  return Array.from(values, (value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}
