import type { Hits } from "./hits.ts";

/** How much of a query is said around each of some lines of a session, in three sizes of surroundings. */
export type Window = {
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

/** Of one line: the worth of the terms around it, which saturates, and the share of the query's worth that is there. */
export type Nearby = { readonly score: number; readonly coverage: number };

/** The same for related words. */
const RELATED_REACH = 2;
const RELATED_DECAY = 0.8;

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
  /** By window and term; used anew for every line, since there are hundreds of lines in a search. */
  readonly #sums: Float64Array;
  readonly #best: Float64Array;

  constructor(hits: Hits, idf: readonly number[], total: number) {
    this.#hits = hits;
    this.#idf = idf;
    this.#total = total;
    this.#sums = new Float64Array(WINDOWS.length * idf.length);
    this.#best = new Float64Array(WINDOWS.length * idf.length);
  }

  /** What is around line `n`, whose session lies between `first` and `last`. */
  of(n: number, { first, last }: { readonly first: number; readonly last: number }): readonly Nearby[] {
    this.#add(n, Math.max(n - WIDEST, first), Math.min(n + WIDEST, last));
    return WINDOWS.map((_, window) => this.#nearby(window));
  }

  /** The worth of the related words within two lines of line `n`, each term counted once. */
  related(n: number, { first, last }: { readonly first: number; readonly last: number }): number {
    const best = this.#best;
    const { n: numbers, related, relatedIdf } = this.#hits;
    best.fill(0);
    const to = Math.min(n + RELATED_REACH, last);
    for (let i = lowerBound(numbers, Math.max(n - RELATED_REACH, first)); i < numbers.length; i += 1) {
      const m = numbers[i] ?? 0;
      if (m > to) break;
      const weight = RELATED_DECAY ** Math.abs(m - n);
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

  #nearby(window: number): Nearby {
    let score = 0;
    let covered = 0;
    for (let term = 0; term < this.#idf.length; term += 1) {
      const at = window * this.#idf.length + term;
      const sum = this.#sums[at] ?? 0;
      if (sum === 0) continue;
      const worth = this.#idf[term] ?? 0;
      score += (worth * MOST_PER_TERM * sum) / (sum + MOST_PER_TERM * 0.6);
      covered += worth * (this.#best[at] ?? 0);
    }
    return { score, coverage: this.#total === 0 ? 0 : covered / this.#total };
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
