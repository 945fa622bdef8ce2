import type { Hits } from "./hits.ts";

/** How much of a query is said around each of some lines of a session, in three sizes of surroundings. */
type Window = {
  /** Lines to each side, and what a line counts for at each step away from the middle. */
  readonly reach: number;
  readonly decay: number;
};

const WINDOWS: readonly Window[] = [
  { reach: 1, decay: 1 },
  { reach: 3, decay: 0.8 },
  { reach: 8, decay: 0.85 },
];

/** A term said often nearby counts up to this many times what it counts for once. */
const MOST_PER_TERM = 1.6;

/**
 * Of lines, one number each: the worth of the terms around it, which saturates, and the share of the query's worth that is
 * there.
 */
export type Nearby = { readonly score: Float64Array; readonly coverage: Float64Array };

/** A line, and the numbers between which the lines of its session lie. */
type Place = {
  readonly line: { readonly n: number };
  readonly session: { readonly first: number; readonly last: number };
};

/** The window for related words. */
const RELATED: Window = { reach: 2, decay: 0.8 };

const WIDEST = Math.max(...WINDOWS.map(({ reach }) => reach));

/** What a line counts for in each window, by its steps away from the middle: 0 beyond its reach. */
const WEIGHTS = WINDOWS.map(({ reach, decay }) =>
  Array.from({ length: WIDEST + 1 }, (_, steps) => (steps > reach ? 0 : decay ** steps)),
);

/** Sums over the terms around lines. `total`: the worth of all terms. */
export class Surroundings {
  readonly #hits: Hits;
  readonly #idf: readonly number[];
  readonly #total: number;
  /** By window and term; reused for every line: a search has hundreds. */
  readonly #sums: Float64Array;
  readonly #best: Float64Array;

  constructor(hits: Hits, idf: readonly number[], total: number) {
    this.#hits = hits;
    this.#idf = idf;
    this.#total = total;
    this.#sums = new Float64Array(WINDOWS.length * idf.length);
    this.#best = new Float64Array(WINDOWS.length * idf.length);
  }

  /** What is around each of `places`, for windows of 1, 3 and 8 lines to each side. */
  of(places: readonly Place[]): readonly [Nearby, Nearby, Nearby] {
    const nothing = (): Nearby => ({
      score: new Float64Array(places.length),
      coverage: new Float64Array(places.length),
    });
    const found = [nothing(), nothing(), nothing()] as const;
    places.forEach(({ line: { n }, session: { first, last } }, i) => {
      this.#add(n, Math.max(n - WIDEST, first), Math.min(n + WIDEST, last));
      found.forEach(({ score, coverage }, window) => {
        score[i] = this.#score(window);
        coverage[i] = this.#coverage(window);
      });
    });
    return found;
  }

  /** The worth of the related words within two lines of a line, each term counted once. */
  related({ line: { n }, session: { first, last } }: Place): number {
    const best = this.#best;
    const { n: numbers, related, relatedIdf } = this.#hits;
    best.fill(0);
    const to = Math.min(n + RELATED.reach, last);
    for (let i = lowerBound(numbers, Math.max(n - RELATED.reach, first)); i < numbers.length; i += 1) {
      const m = numbers[i] ?? 0;
      if (m > to) break;
      const weight = RELATED.decay ** Math.abs(m - n);
      for (let bits = related[i] ?? 0; bits !== 0; bits &= bits - 1) {
        const term = 31 - Math.clz32(bits & -bits);
        best[term] = Math.max(best[term] ?? 0, weight * (relatedIdf[term] ?? 0));
      }
    }
    let sum = 0;
    for (let term = 0; term < relatedIdf.length; term += 1) sum += best[term] ?? 0;
    return sum;
  }

  #add(n: number, from: number, to: number): void {
    const [sums, best] = [this.#sums, this.#best];
    const { n: numbers, terms } = this.#hits;
    sums.fill(0);
    best.fill(0);
    for (let i = lowerBound(numbers, from); i < numbers.length; i += 1) {
      const m = numbers[i] ?? 0;
      if (m > to) return;
      const steps = Math.abs(m - n);
      for (let bits = terms[i] ?? 0; bits !== 0; bits &= bits - 1) {
        const term = 31 - Math.clz32(bits & -bits);
        for (let window = 0; window < WINDOWS.length; window += 1) {
          const weight = WEIGHTS[window]?.[steps] ?? 0;
          const at = window * this.#idf.length + term;
          sums[at] = (sums[at] ?? 0) + weight;
          if (weight > (best[at] ?? 0)) best[at] = weight;
        }
      }
    }
  }

  #score(window: number): number {
    let score = 0;
    for (let term = 0; term < this.#idf.length; term += 1) {
      const sum = this.#sums[window * this.#idf.length + term] ?? 0;
      if (sum !== 0) score += ((this.#idf[term] ?? 0) * MOST_PER_TERM * sum) / (sum + MOST_PER_TERM * 0.6);
    }
    return score;
  }

  #coverage(window: number): number {
    if (this.#total === 0) return 0;
    let covered = 0;
    for (let term = 0; term < this.#idf.length; term += 1) {
      covered += (this.#idf[term] ?? 0) * (this.#best[window * this.#idf.length + term] ?? 0);
    }
    return covered / this.#total;
  }
}

/** Index of the first number that is at least `least`. */
export function lowerBound(numbers: Int32Array | readonly number[], least: number): number {
  let from = 0;
  let to = numbers.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((numbers[middle] ?? 0) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}
