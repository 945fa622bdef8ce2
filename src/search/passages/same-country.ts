import COUNTRIES from "./countries.json" with { type: "json" };

const BY_WORD: ReadonlyMap<string, readonly string[]> = new Map(
  COUNTRIES.flatMap((words: readonly string[]) => words.map((word) => [word, words] as const)),
);

/**
 * Other words for the same country or continent and their adjectives, which no stemmer folds: a question asks about the French
 * king, and the passage mentions a king of France. `word` is in lower case. Without this, the right passage is among the
 * candidates for 99.2 % of the development questions instead of 99.5 %, and R@10 is 97.0 instead of 97.2
 * (`npm run learn:passages`).
 */
export function sameCountry(word: string): readonly string[] {
  return (BY_WORD.get(word) ?? []).filter((it) => it !== word);
}
