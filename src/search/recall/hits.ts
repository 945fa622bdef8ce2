import type { Match, TextIndex } from "../../ports/text-index.ts";
import { inverseFrequency } from "../inverse-frequency.ts";
import { allOf, anyOf } from "../match.ts";
import type { Term } from "./terms.ts";

/** Most postings read for all terms together, and for the related words of one. */
const MOST_POSTINGS = 40_000;
const MOST_RELATED = 4_000;

/**
 * The lines with any of a query's terms, in order. Three arrays of the same length: the line's number, its terms as bits, and, as
 * bits, the terms of which it has a related word.
 */
export type Hits = {
  readonly n: Int32Array;
  readonly terms: Int32Array;
  readonly related: Int32Array;
  /** The weight of related words, for each term. */
  readonly relatedIdf: readonly number[];
  /** Matches the lines that count as found; null if none of the terms was ever said. */
  readonly match: Match | null;
  /** The terms of `match`, as bits. */
  readonly matchBits: number;
  /** Matching lines below this number may be missing here. */
  readonly floor: number;
};

/**
 * Looks the terms up, rarest first. To bound the cost however long the history is, a term that exceeds the budget is only
 * searched together with rarer ones, so that lines with nothing else are not found. If all terms are common, the newest lines
 * with the rarest are taken.
 */
export async function findHits(terms: readonly Term[], index: TextIndex): Promise<Hits> {
  let found: Found = { n: new Int32Array(0), terms: new Int32Array(0), related: new Int32Array(0) };
  let room = MOST_POSTINGS;
  const rarer: Match[] = [];
  let matchBits = 0;
  let floor = 0;
  for (const [at, { match, count }] of terms.entries()) {
    if (count === 0) continue;
    const limit = Math.max(room, 1);
    const beside = rarer.length === 0 ? undefined : allOf([match, anyOf(rarer)]);
    const isKnown = count > room && beside !== undefined && !index.isNarrowed;
    const alone = isKnown ? undefined : await newest(match, limit, index);
    const isTooCommon = beside !== undefined && (alone === undefined || alone.length >= limit);
    const numbers = isTooCommon ? await newest(beside, limit, index) : (alone ?? []);
    found = merged(found, numbers, { term: 1 << at, related: 0 });
    room -= numbers.length;
    if (isTooCommon) continue;
    rarer.push(match);
    matchBits |= 1 << at;
    if (numbers.length >= limit) floor = numbers[0] ?? 0;
  }
  const others = terms.flatMap(({ related }) => (related === null ? [] : [{ match: related, limit: MOST_RELATED }]));
  const relatedLines = [...(await index.numbers(others))];
  const relatedIdf = terms.map(({ related, idf }, at) => {
    if (related === null) return 0;
    const numbers = relatedLines.shift() ?? [];
    found = merged(found, numbers, { term: 0, related: 1 << at });
    // Never more than the word itself.
    return Math.min(idf, inverseFrequency(estimatedCount(numbers, index), index.size));
  });
  const match = rarer.length === 0 ? null : anyOf(rarer);
  // A related word adds nothing to a line with the word itself.
  const related = found.related.map((bits, i) => bits & ~(found.terms[i] ?? 0));
  return { ...found, related, relatedIdf, match, matchBits, floor };
}

/** The number of matching lines; undefined if some are missing here. Counting in the index would cost as much as the search. */
export function countOf({ terms, matchBits, floor }: Hits): number | undefined {
  if (floor > 0) return undefined;
  return terms.reduce((count, bits) => ((bits & matchBits) === 0 ? count : count + 1), 0);
}

/** Extrapolates the count from the newest lines: counting many common words takes long. */
function estimatedCount(numbers: readonly number[], { size }: Pick<TextIndex, "size">): number {
  const oldest = numbers[0];
  const newest = numbers.at(-1);
  if (numbers.length < MOST_RELATED || newest === undefined || oldest === undefined) return numbers.length;
  return Math.min(size, Math.round((numbers.length * size) / Math.max(1, newest - oldest + 1)));
}

async function newest(match: Match, limit: number, index: TextIndex): Promise<readonly number[]> {
  return (await index.numbers([{ match, limit }]))[0] ?? [];
}

type Found = Pick<Hits, "n" | "terms" | "related">;

/** `found`, with the bits of one term set in the lines of `numbers`. */
function merged(found: Found, numbers: readonly number[], bits: { term: number; related: number }): Found {
  const most = found.n.length + numbers.length;
  const [n, terms, related] = [new Int32Array(most), new Int32Array(most), new Int32Array(most)];
  let length = 0;
  let i = 0;
  let j = 0;
  while (i < found.n.length || j < numbers.length) {
    const known = found.n[i] ?? Number.POSITIVE_INFINITY;
    const added = numbers[j] ?? Number.POSITIVE_INFINITY;
    n[length] = Math.min(known, added);
    if (known <= added) {
      terms[length] = found.terms[i] ?? 0;
      related[length] = found.related[i] ?? 0;
      i += 1;
    }
    if (added <= known) {
      terms[length] = (terms[length] ?? 0) | bits.term;
      related[length] = (related[length] ?? 0) | bits.related;
      j += 1;
    }
    length += 1;
  }
  return { n: n.subarray(0, length), terms: terms.subarray(0, length), related: related.subarray(0, length) };
}
