import type { Match, TextIndex } from "../../ports/text-index.ts";
import { inverseFrequency } from "../inverse-frequency.ts";
import { anyOf, phraseOf } from "../match.ts";
import { relatedTo } from "./related-words.ts";

/** Most terms used: the rarest. Each has a bit in `Hits`. */
const MOST_WEIGHED = 16;

/** A word of a query. `count` is the number of lines with it, `idf` its weight. */
export type Term = {
  readonly match: Match;
  readonly count: number;
  readonly idf: number;
  /** Matches related words; null if none is known. */
  readonly related: Match | null;
};

/** The terms of `words`, rarest first. A word that nobody ever said is included if it has related words. */
export async function weighTerms(
  words: readonly string[],
  index: Pick<TextIndex, "size" | "frequencies">,
): Promise<Term[]> {
  const own = new Set(words);
  const matches = words.map(phraseOf);
  const counts = await index.frequencies(matches);
  return words
    .map((word, i) => {
      const count = counts[i] ?? 0;
      const others = relatedTo(word).filter((it) => !own.has(it));
      const related = others.length === 0 ? null : anyOf(others.map(phraseOf));
      return { match: matches[i] ?? phraseOf(word), count, idf: inverseFrequency(count, index.size), related };
    })
    .filter(({ count, related }) => count > 0 || related !== null)
    .sort((a, b) => a.count - b.count)
    .slice(0, MOST_WEIGHED);
}
