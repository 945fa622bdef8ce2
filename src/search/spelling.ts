import { plainLetters } from "./letters.ts";

/** Number of hash buckets for counts. A power of two. */
const BUCKETS = 2048;

/** Number of first characters that are counted: the rest of a longer text is much the same. */
const LONGEST = 2000;

/** A character before and after every word, which distinguishes its edges from its middle. */
const EDGE = 1;

/** Lengths of the counted runs of characters. */
const [SHORTER, LONGER] = [3, 4];

/** Bits for the bucket in a packed count; the other five hold the count, if it is less than `OFTEN`. */
const BUCKET_BITS = 11;
const OFTEN = 31;

/** Most numbers that a text's packed counts take. */
export const MOST_PACKED = 2 * (1 + 2 * BUCKETS);

/** Counts by bucket. One instance for words, one for runs of characters. */
class Counts {
  readonly #counts = new Uint8Array(BUCKETS);
  readonly #used = new Uint16Array(BUCKETS);
  #length = 0;

  add(hash: number): void {
    const bucket = (Math.imul(hash, 0x9e3779b1) >>> 16) & (BUCKETS - 1);
    const count = this.#counts[bucket] ?? 0;
    if (count === 0) {
      this.#used[this.#length] = bucket;
      this.#length += 1;
    }
    if (count < 255) this.#counts[bucket] = count + 1;
  }

  clear(): void {
    for (let i = 0; i < this.#length; i += 1) this.#counts[this.#used[i] ?? 0] = 0;
    this.#length = 0;
  }

  /** Writes the number of buckets, then each bucket with its count. @returns the index after the last number. */
  pack(into: Uint16Array, from: number): number {
    into[from] = this.#length;
    let at = from + 1;
    for (let i = 0; i < this.#length; i += 1) {
      const bucket = this.#used[i] ?? 0;
      const count = this.#counts[bucket] ?? 0;
      into[at] = bucket | (Math.min(count, OFTEN) << BUCKET_BITS);
      at += 1;
      if (count < OFTEN) continue;
      into[at] = count;
      at += 1;
    }
    return at;
  }

  /** The weights of the counts, as a vector of unit length. */
  weights(): Float32Array {
    const weights = new Float32Array(BUCKETS);
    const used = this.#used.subarray(0, this.#length);
    for (const bucket of used) weights[bucket] = LOGARITHMS[this.#counts[bucket] ?? 0] ?? 0;
    let squares = 0;
    for (const bucket of used) squares += (weights[bucket] ?? 0) ** 2;
    for (const bucket of used) weights[bucket] = (weights[bucket] ?? 0) / Math.sqrt(squares);
    return weights;
  }
}

const LOGARITHMS = Float64Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)));

/**
 * How similar a text is to a question in its words, stop words included, and in runs of characters: 0 to 1. Unlike shared terms,
 * this reflects how much of the text is about something else, and recognises other forms of a word.
 *
 * @returns a function that compares a text with `question`.
 */
export function alikeTo(question: string): (text: string) => number {
  const compare = comparedWith(question);
  const packed = new Uint16Array(MOST_PACKED);
  return (text) => {
    packCounts(text, packed);
    return compare(packed, 0);
  };
}

/** Writes the counts of `text` to `into`. @returns the number of numbers written. */
export function packCounts(text: string, into: Uint16Array): number {
  const { words, runs } = counted(text);
  return runs.pack(into, words.pack(into, 0));
}

/** The packed counts of `text`, in a new array. */
export function countsOf(text: string): Uint16Array {
  const packed = new Uint16Array(MOST_PACKED);
  return packed.slice(0, packCounts(text, packed));
}

/** Like `alikeTo`, for packed counts. */
export function comparedWith(question: string): (packed: Uint16Array, from: number) => number {
  const { words, runs } = counted(question);
  const [ofWords, ofRuns] = [words.weights(), runs.weights()];
  return (packed, from) => {
    const { cosine: words, to } = cosineIn(packed, from, ofWords);
    return (words + cosineIn(packed, to, ofRuns).cosine) / 2;
  };
}

/** The cosine of packed counts, weighted by logarithm, with a vector of unit length. `to`: the index after the counts. */
function cosineIn(packed: Uint16Array, from: number, weights: Float32Array): { cosine: number; to: number } {
  let product = 0;
  let squares = 0;
  let at = from + 1;
  for (let left = packed[from] ?? 0; left > 0; left -= 1) {
    const entry = packed[at] ?? 0;
    at += 1;
    let count = entry >> BUCKET_BITS;
    if (count === OFTEN) {
      count = packed[at] ?? 0;
      at += 1;
    }
    const weight = LOGARITHMS[count] ?? 0;
    product += weight * (weights[entry & (BUCKETS - 1)] ?? 0);
    squares += weight * weight;
  }
  return { cosine: squares === 0 ? 0 : product / Math.sqrt(squares), to: at };
}

/** Reused for every text: allocating takes longer than counting. */
const [WORDS, RUNS] = [new Counts(), new Counts()];

/** The counts of `text`, valid until the next call. */
function counted(text: string): { readonly words: Counts; readonly runs: Counts } {
  WORDS.clear();
  RUNS.clear();
  count(text, WORDS, RUNS);
  return { words: WORDS, runs: RUNS };
}

/** Counts the words of `text` and their runs. Loops over codes, since slicing out every run takes fifty times as long. */
function count(text: string, words: Counts, runs: Counts): void {
  const read = plainLetters(text.slice(0, LONGEST));
  if (!ASCII.test(read)) {
    for (const { 0: word, index } of read.matchAll(WORD)) countWord(read, index, index + word.length, words, runs);
    return;
  }
  let from = 0;
  for (let i = 0; i <= read.length; i += 1) {
    if (i < read.length && isLetterOrDigit(read.charCodeAt(i))) continue;
    if (i > from) countWord(read, from, i, words, runs);
    from = i + 1;
  }
}

/** Counts the word at `from` to `to` in `text`, and its runs. */
function countWord(text: string, from: number, to: number, words: Counts, runs: Counts): void {
  let whole = 17;
  let third = 0;
  let second = 0;
  let first = EDGE;
  for (let i = 0; i <= to - from; i += 1) {
    const code = from + i === to ? EDGE : text.charCodeAt(from + i);
    whole = Math.imul(whole, 31) + code;
    if (i + 2 >= SHORTER) runs.add(Math.imul(Math.imul(second, 31) + first, 31) + code);
    if (i + 2 >= LONGER) runs.add(Math.imul(Math.imul(Math.imul(third, 37) + second, 37) + first, 37) + code + 0x55555);
    third = second;
    second = first;
    first = code;
  }
  words.add(whole);
}

const WORD = /[\p{L}\p{N}]+/gu;
const ASCII = /^[\0-\x7F]*$/;

/** For lower-case ASCII, by code. */
function isLetterOrDigit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}
