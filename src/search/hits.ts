import type { ConversationIndex } from "./conversation-index.ts";
import { type Term, inverseFrequency } from "./terms.ts";

/** The most lines that are looked at for all terms together, and for the related words of one. */
const MOST_POSTINGS = 40_000;
const MOST_RELATED = 4_000;

/** A number and a term are packed in one double: sorting them sorts by number. */
const TERMS_PER_LINE = 64;

/**
 * The lines in which some term of a query occurs, in order. Three arrays of the same length: the line's number, which
 * terms it has, and for which terms it has a related word, as bits.
 */
export type Hits = {
  readonly n: Int32Array;
  readonly terms: Int32Array;
  readonly related: Int32Array;
  /** What a related word of each term is worth. */
  readonly relatedIdf: readonly number[];
  /** Matches the lines that count as found; null if none of the terms was ever said. */
  readonly match: string | null;
  /** The terms of `match`, as bits. */
  readonly matchBits: number;
  /** Below this number there may be lines that match and are not here. */
  readonly floor: number;
};

/**
 * Looks the terms up, rarest first. A word that goes beyond the budget is looked for only beside the rarer ones, and a line
 * that has nothing else is not found: no query costs more than so much, however long the history. Where all words are
 * common, the rarest is, and its newest lines are looked at.
 */
export function findHits(terms: readonly Term[], index: ConversationIndex): Hits {
  const codes: number[] = [];
  let room = MOST_POSTINGS;
  const rarer: string[] = [];
  let matchBits = 0;
  let floor = 0;
  for (const [at, { match, count }] of terms.entries()) {
    if (count === 0) continue;
    const limit = Math.max(room, 1);
    const beside = rarer.length === 0 ? undefined : `(${match}) AND (${rarer.join(" OR ")})`;
    const alone = count > room && beside !== undefined && !index.isNarrowed ? undefined : index.numbers(match, limit);
    const isTooCommon = beside !== undefined && (alone === undefined || alone.length >= limit);
    const numbers = isTooCommon ? index.numbers(beside, limit) : (alone ?? []);
    for (const n of numbers) codes.push(n * TERMS_PER_LINE + at);
    room -= numbers.length;
    if (isTooCommon) continue;
    rarer.push(match);
    matchBits |= 1 << at;
    if (numbers.length >= limit) floor = numbers.at(-1) ?? 0;
  }
  const relatedIdf = terms.map(({ related, idf }, at) => {
    const numbers = related === null ? [] : index.numbers(related, MOST_RELATED);
    for (const n of numbers) codes.push(n * TERMS_PER_LINE + TERMS_PER_LINE / 2 + at);
    // Never worth more than the word itself.
    return Math.min(idf, inverseFrequency(estimatedCount(numbers, index), index.size));
  });
  const match = rarer.length === 0 ? null : rarer.join(" OR ");
  return { ...collect(Float64Array.from(codes).sort()), relatedIdf, match, matchBits, floor };
}

/** How many there would be without the limit, if the newest are like the rest: counting many common words takes long. */
function estimatedCount(numbers: readonly number[], { size }: ConversationIndex): number {
  const newest = numbers[0];
  const oldest = numbers.at(-1);
  if (numbers.length < MOST_RELATED || newest === undefined || oldest === undefined) return numbers.length;
  return Math.min(size, Math.round((numbers.length * size) / Math.max(1, newest - oldest + 1)));
}

function collect(codes: Float64Array): Pick<Hits, "n" | "terms" | "related"> {
  const n = new Int32Array(codes.length);
  const terms = new Int32Array(codes.length);
  const related = new Int32Array(codes.length);
  let length = 0;
  for (const code of codes) {
    const number = Math.floor(code / TERMS_PER_LINE);
    const at = code % TERMS_PER_LINE;
    if (length === 0 || n[length - 1] !== number) {
      n[length] = number;
      length += 1;
    }
    const bits = at < TERMS_PER_LINE / 2 ? terms : related;
    bits[length - 1] = (bits[length - 1] ?? 0) | (1 << (at % (TERMS_PER_LINE / 2)));
  }
  // A related word says nothing more where the word itself stands.
  for (let i = 0; i < length; i += 1) related[i] = (related[i] ?? 0) & ~(terms[i] ?? 0);
  return { n: n.subarray(0, length), terms: terms.subarray(0, length), related: related.subarray(0, length) };
}
