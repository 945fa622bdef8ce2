/** The defaults of rank_bm25's `BM25Okapi`. */
const K1 = 1.5;
const B = 0.75;
const EPSILON = 0.25;

/**
 * The lexical ranking that LongMemEval compares with, to the last detail: `BM25Okapi` of rank_bm25, texts and query cut
 * at every single space, no change of case. A word that is in more than half of the texts weighs a quarter of the mean
 * weight instead of less than nothing.
 *
 * @source rank_bm25 0.2.2; flat-bm25 in LongMemEval's `src/retrieval/run_retrieval.py`
 */
export class Bm25 {
  readonly #frequencies: readonly ReadonlyMap<string, number>[];
  readonly #lengths: readonly number[];
  readonly #meanLength: number;
  readonly #weights: ReadonlyMap<string, number>;

  constructor(texts: readonly string[]) {
    const words = texts.map((text) => text.split(" "));
    this.#lengths = words.map(({ length }) => length);
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, texts.length);
    this.#frequencies = words.map(counts);
    this.#weights = weightsOf(this.#frequencies);
  }

  /** One score per text. */
  scores(query: string): number[] {
    const words = query.split(" ");
    return this.#frequencies.map((frequencies, index) => {
      const norm = K1 * (1 - B + (B * (this.#lengths[index] ?? 0)) / this.#meanLength);
      let score = 0;
      for (const word of words) {
        const frequency = frequencies.get(word) ?? 0;
        score += (this.#weights.get(word) ?? 0) * ((frequency * (K1 + 1)) / (frequency + norm));
      }
      return score;
    });
  }

  /**
   * The places of the texts, best first; of equal ones the last first, as a stable `argsort` read backwards gives them.
   * NumPy's own default is not stable beyond 16 texts, so ties may stand in another order there.
   */
  rank(query: string): number[] {
    const scores = this.scores(query);
    return scores.map((_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a);
  }
}

function counts(words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}

function weightsOf(texts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const inTexts = counts(texts.flatMap((text) => [...text.keys()]));
  const weights = new Map<string, number>();
  let sum = 0;
  for (const [word, count] of inTexts) {
    const weight = Math.log(texts.length - count + 0.5) - Math.log(count + 0.5);
    weights.set(word, weight);
    sum += weight;
  }
  const floor = EPSILON * (sum / Math.max(1, weights.size));
  for (const [word, weight] of weights) if (weight < 0) weights.set(word, floor);
  return weights;
}
