import type { ConversationIndex } from "./conversation-index.ts";
import { quote } from "./query.ts";
import { relatedTo } from "./related-words.ts";

/** As many terms as are weighed: the rarest. Each has a bit in `Hits`. */
const MOST_WEIGHED = 16;

/** A word of a query, and what it is worth: `idf` grows with how rarely it is said. */
export type Term = {
  readonly match: string;
  readonly count: number;
  readonly idf: number;
  /** Matches the words that may stand for it; null if none is known. */
  readonly related: string | null;
};

/** The terms of `words` that are weighed, rarest first; those that nobody ever said have only related words. */
export function weighTerms(words: readonly string[], index: ConversationIndex): Term[] {
  const own = new Set(words);
  const terms = words.map((word) => {
    const match = quote(word);
    const count = index.frequency(match);
    const idf = inverseFrequency(count, index.size);
    const others = relatedTo(word).filter((it) => !own.has(it));
    return { match, count, idf, related: others.length === 0 ? null : others.map(quote).join(" OR ") };
  });
  return terms
    .filter(({ count, related }) => count > 0 || related !== null)
    .sort((a, b) => a.count - b.count)
    .slice(0, MOST_WEIGHED);
}

/** @source Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", with 1 added to stay above 0 */
export function inverseFrequency(count: number, size: number): number {
  return Math.log(1 + (size - count + 0.5) / (count + 0.5));
}
