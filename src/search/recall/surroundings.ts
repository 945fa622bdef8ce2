import type { Hits } from "./hits.ts";

type Window = {
  /** Lines to each side, and the factor for each step away from the middle. */
  readonly reach: number;
  readonly decay: number;
};

const WINDOWS: readonly Window[] = [
  { reach: 1, decay: 1 },
  { reach: 3, decay: 0.8 },
  { reach: 8, decay: 0.85 },
];

/** A term that is said often nearby counts at most this many times. */
const MOST_PER_TERM = 1.6;

/**
 * One number per line: the saturating weight of the terms around it, and the share of the query's weight found there.
 */
export type Nearby = { readonly score: Float64Array; readonly coverage: Float64Array };

/** A line, the range of its session's numbers, and the index of the first hit that is not before it. */
type Place = {
  readonly line: { readonly n: number };
  readonly session: { readonly first: number; readonly last: number };
  readonly place: number;
};

/** Weight of a related word, by its steps away from the middle. */
const RELATED = [1, 0.8, 0.8 ** 2];

const WIDEST = Math.max(...WINDOWS.map(({ reach }) => reach));

/** Weight of a line in each window, by its steps away from the middle: 0 beyond its reach. */
const WEIGHTS = WINDOWS.map(({ reach, decay }) =>
  Array.from({ length: WIDEST + 1 }, (_, steps) => (steps > reach ? 0 : decay ** steps)),
);

/** Sums the terms around lines. `total`: the weight of all terms. */
export class Surroundings {
  readonly #hits: Hits;
  readonly #idf: readonly number[];
  readonly #total: number;
  /** By window and term. Reused for every line, of which a search has hundreds. */
  readonly #sums: Float64Array;
  readonly #best: Float64Array;

  constructor(hits: Hits, idf: readonly number[], total: number) {
    this.#hits = hits;
    this.#idf = idf;
    this.#total = total;
    this.#sums = new Float64Array(WINDOWS.length * idf.length);
    this.#best = new Float64Array(WINDOWS.length * idf.length);
  }

  /** The surroundings of each of `places`, for windows of 1, 3 and 8 lines to each side. */
  of(places: readonly Place[]): readonly [Nearby, Nearby, Nearby] {
    const nothing = (): Nearby => ({
      score: new Float64Array(places.length),
      coverage: new Float64Array(places.length),
    });
    const found = [nothing(), nothing(), nothing()] as const;
    places.forEach((place, i) => {
      this.#add(place);
      found.forEach(({ score, coverage }, window) => {
        score[i] = this.#score(window);
        coverage[i] = this.#coverage(window);
      });
    });
    return found;
  }

  /** The weight of the related words within two lines, each term counted once. */
  related({ line: { n }, session: { first, last }, place }: Place): number {
    const best = this.#best;
    const { n: numbers, related, relatedIdf } = this.#hits;
    best.fill(0);
    const reach = RELATED.length - 1;
    const to = Math.min(n + reach, last);
    for (let i = backTo(numbers, Math.max(n - reach, first), place); i < numbers.length; i += 1) {
      const m = numbers[i] ?? 0;
      if (m > to) break;
      const weight = RELATED[Math.abs(m - n)] ?? 0;
      for (let bits = related[i] ?? 0; bits !== 0; bits &= bits - 1) {
        const term = 31 - Math.clz32(bits & -bits);
        best[term] = Math.max(best[term] ?? 0, weight * (relatedIdf[term] ?? 0));
      }
    }
    let sum = 0;
    for (let term = 0; term < relatedIdf.length; term += 1) sum += best[term] ?? 0;
    return sum;
  }

  #add({ line: { n }, session: { first, last }, place }: Place): void {
    const [sums, best] = [this.#sums, this.#best];
    const { n: numbers, terms } = this.#hits;
    sums.fill(0);
    best.fill(0);
    const to = Math.min(n + WIDEST, last);
    for (let i = backTo(numbers, Math.max(n - WIDEST, first), place); i < numbers.length; i += 1) {
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

/** Like `lowerBound`, starting from an index shortly after it. */
function backTo(numbers: Int32Array, least: number, index: number): number {
  let at = index;
  while (at > 0 && (numbers[at - 1] ?? 0) >= least) at -= 1;
  return at;
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
