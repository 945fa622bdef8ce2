import { plainLetters } from "./letters.ts";

/** Number of buckets for counts, chosen by a hash of what is counted. A power of two. */
const BUCKETS = 2048;

/** Characters that are read: what is longer is much the same further on. */
const LONGEST = 2000;

/** A character that begins and ends every word, which sets its beginning and end apart from its middle. */
const EDGE = 1;

/** Runs of 3 and of 4 characters. */
const [SHORTER, LONGER] = [3, 4];

/** How often something was seen, by its bucket. One for words, one for runs of characters. */
class Counts {
  readonly counts = new Uint8Array(BUCKETS);
  readonly #used = new Uint16Array(BUCKETS);
  #length = 0;

  add(hash: number): void {
    const bucket = (Math.imul(hash, 0x9e3779b1) >>> 16) & (BUCKETS - 1);
    const count = this.counts[bucket] ?? 0;
    if (count === 0) {
      this.#used[this.#length] = bucket;
      this.#length += 1;
    }
    if (count < 255) this.counts[bucket] = count + 1;
  }

  clear(): void {
    for (let i = 0; i < this.#length; i += 1) this.counts[this.#used[i] ?? 0] = 0;
    this.#length = 0;
  }

  /** The cosine with weights of unit length, counts weighed by their logarithm. */
  cosine(weights: Float32Array): number {
    let product = 0;
    let squares = 0;
    for (let i = 0; i < this.#length; i += 1) {
      const bucket = this.#used[i] ?? 0;
      const weight = LOGARITHMS[this.counts[bucket] ?? 0] ?? 0;
      product += weight * (weights[bucket] ?? 0);
      squares += weight * weight;
    }
    return squares === 0 ? 0 : product / Math.sqrt(squares);
  }

  /** The weights of what was counted, of unit length. */
  weights(): Float32Array {
    const weights = new Float32Array(BUCKETS);
    const used = this.#used.subarray(0, this.#length);
    for (const bucket of used) weights[bucket] = LOGARITHMS[this.counts[bucket] ?? 0] ?? 0;
    let squares = 0;
    for (const bucket of used) squares += (weights[bucket] ?? 0) ** 2;
    for (const bucket of used) weights[bucket] = (weights[bucket] ?? 0) / Math.sqrt(squares);
    return weights;
  }
}

const LOGARITHMS = Float64Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)));

/**
 * How alike a text and a question are in their words, stop words included, and in runs of their characters: 0 to 1. It tells
 * more than shared terms do of how much of a text is about something else, and sees other forms of a word.
 *
 * @returns what compares a text with `question`.
 */
export function alikeTo(question: string): (text: string) => number {
  const [words, runs] = [new Counts(), new Counts()];
  count(question, words, runs);
  const [ofWords, ofRuns] = [words.weights(), runs.weights()];
  return (text) => {
    words.clear();
    runs.clear();
    count(text, words, runs);
    return (words.cosine(ofWords) + runs.cosine(ofRuns)) / 2;
  };
}

/** Counts the words of `text` and the runs in them. Loops over codes: to cut out every run takes fifty times as long. */
function count(text: string, words: Counts, runs: Counts): void {
  const read = plainLetters(text.slice(0, LONGEST));
  for (const word of read.match(WORD) ?? []) {
    let whole = 17;
    let [third, second, first] = [0, 0, EDGE];
    for (let i = 0; i <= word.length; i += 1) {
      const code = i === word.length ? EDGE : word.charCodeAt(i);
      whole = Math.imul(whole, 31) + code;
      if (i + 2 >= SHORTER) runs.add(Math.imul(Math.imul(second, 31) + first, 31) + code);
      if (i + 2 >= LONGER)
        runs.add(Math.imul(Math.imul(Math.imul(third, 37) + second, 37) + first, 37) + code + 0x55555);
      [third, second, first] = [second, first, code];
    }
    words.add(whole);
  }
}

const WORD = /[\p{L}\p{N}]+/gu;
