/** The defaults of rank_bm25's `BM25Okapi`. */
const K1 = 1.5;
const B = 0.75;
const EPSILON = 0.25;

/**
 * LongMemEval's lexical baseline, reproduced exactly: `BM25Okapi` of rank_bm25, with texts and query split at every single
 * space and case kept. A word in more than half of the texts gets a quarter of the mean weight instead of a negative one.
 *
 * @source rank_bm25 0.2.2; flat-bm25 in LongMemEval's `src/retrieval/run_retrieval.py`
 */
export class Bm25 {
  /** For each word, the indexes of the texts that contain it, each followed by its count there. */
  readonly #postings = new Map<string, number[]>();
  /** Lengths of the texts in words. */
  readonly #lengths: number[] = [];
  #words = 0;
  #weights: ReadonlyMap<string, number> | undefined;

  constructor(texts: readonly string[] = []) {
    for (const text of texts) this.add(text);
  }

  /** Adds a text at the next index. */
  add(text: string): void {
    const words = text.split(" ");
    for (const [word, count] of counts(words)) {
      const posting = this.#postings.get(word);
      if (posting === undefined) this.#postings.set(word, [this.#lengths.length, count]);
      else posting.push(this.#lengths.length, count);
    }
    this.#lengths.push(words.length);
    this.#words += words.length;
    this.#weights = undefined;
  }

  /** One score for each text. */
  scores(query: string): number[] {
    this.#weights ??= weightsOf(this.#postings, this.#lengths.length);
    const meanLength = this.#words / Math.max(1, this.#lengths.length);
    const scores = this.#lengths.map(() => 0);
    for (const word of query.split(" ")) {
      const weight = this.#weights.get(word) ?? 0;
      const posting = this.#postings.get(word) ?? [];
      for (let i = 0; i < posting.length; i += 2) {
        const place = posting[i] ?? 0;
        const frequency = posting[i + 1] ?? 0;
        const norm = K1 * (1 - B + (B * (this.#lengths[place] ?? 0)) / meanLength);
        scores[place] = (scores[place] ?? 0) + weight * ((frequency * (K1 + 1)) / (frequency + norm));
      }
    }
    return scores;
  }

  /**
   * Indexes of the texts, best first. Of equal ones the last comes first, as when reading a stable `argsort` backwards.
   * NumPy's default is unstable beyond 16 texts and may order ties differently.
   *
   * @param most maximum number of results (default: all).
   */
  rank(query: string, most = this.#lengths.length): number[] {
    const scores = this.scores(query);
    const least = Float64Array.from(scores).sort().at(-most) ?? -Infinity;
    return scores
      .flatMap((score, place) => (score >= least ? [place] : []))
      .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a)
      .slice(0, most);
  }
}

function counts(words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}

function weightsOf(postings: ReadonlyMap<string, readonly number[]>, texts: number): Map<string, number> {
  const weights = new Map<string, number>();
  let sum = 0;
  for (const [word, { length }] of postings) {
    const count = length / 2;
    const weight = Math.log(texts - count + 0.5) - Math.log(count + 0.5);
    weights.set(word, weight);
    sum += weight;
  }
  const floor = EPSILON * (sum / Math.max(1, weights.size));
  for (const [word, weight] of weights) if (weight < 0) weights.set(word, floor);
  return weights;
}
