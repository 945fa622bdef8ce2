import type { Rerank } from "../ports/reranker.ts";
import type { TextIndex } from "../ports/text-index.ts";
import { halfDeviations } from "./meaning.ts";
import type { Entry, ResultList } from "./results.ts";

/** Number of top results that the reranker reads beside the question. */
const READ_AGAIN = 50;

/** Fewer are in the right order or are not, and show nothing of what a model is worth. */
const FEWEST = 4;

/** Characters of a text that are sent: more than the 512 tokens that most such models read. */
const LONGEST_TEXT = 2_000;

/**
 * What half a standard deviation of a reranker's scores is worth, in the units of the learned weights: as much as nearness in
 * meaning of a line and of what stands around it together.
 */
const WEIGHT = 3;

/** Correlations with the ranking by words: below the first, by chance; from the second on, the model knows its trade. */
const [BY_CHANCE, FOR_SURE] = [0.1, 0.3];

/** Trust in a model that nothing is known of, as a number of results on which it would have agreed with the words. */
const BELIEVED_FIRST = 25;

/** What rerankers have shown to be worth, by their names. */
export class RerankTrust {
  readonly #seen = new Map<string, { readonly sum: number; readonly count: number }>();

  /**
   * How far a model is believed, 0 to 1. What the words rank first answers more often than what they rank last: a model that
   * never agrees with them in the least knows nothing of answers.
   */
  after(model: string, { correlation, results }: { readonly correlation: number; readonly results: number }): number {
    const { sum, count } = this.#seen.get(model) ?? { sum: FOR_SURE * BELIEVED_FIRST, count: BELIEVED_FIRST };
    const seen = { sum: sum + correlation * results, count: count + results };
    this.#seen.set(model, seen);
    return Math.min(1, Math.max(0, (seen.sum / seen.count - BY_CHANCE) / (FOR_SURE - BY_CHANCE)));
  }
}

/**
 * The list of a ranked question with its best results ordered also by a reranker's scores, as one more feature. What stood in
 * quotes stays first: it weighs more than all features together.
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
  // None falls behind what was not read.
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

/** Of the orders that two lists of numbers put the same things into, -1 to 1; 0 where either does not vary. @source Spearman, 1904. */
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

/** Each value's place in ascending order, from 0; equal ones share the middle of theirs. */
function ranksOf(values: ArrayLike<number>): number[] {
  const sorted = Float64Array.from(values).sort();
  return Array.from(values, (value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}
