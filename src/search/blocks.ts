import type { TextRange } from "../schema/page.ts";
import type { Block } from "../schema/state.ts";
import { sayingOf } from "./exact.ts";
import { inverseFrequency } from "./inverse-frequency.ts";
import { matchesIn, wordsFound } from "./matches.ts";
import { parseQuery } from "./query.ts";

/** A line of core memory, counted from 1 in its block. `score` is the number of the query's words in it. */
export type FoundLine = {
  readonly label: string;
  readonly line: number;
  readonly text: string;
  readonly score: number;
  readonly matches: readonly TextRange[];
};

/**
 * The lines of `blocks` with words of `query` and all of its exact parts, best first. Words in few lines weigh more than words in
 * many, so that a question's subject outweighs its phrasing.
 */
export function searchBlocks(query: string, blocks: readonly Block[]): FoundLine[] {
  const { quoted, identifiers } = parseQuery(query);
  const says = sayingOf([...quoted, ...identifiers]);
  return weighedLines(query, blocks)
    .filter(({ text }) => says(text).every(Boolean))
    .map(({ label, line, text, words }) => ({
      label,
      line,
      text,
      score: words.size,
      matches: matchesIn(text, query),
    }));
}

type WeighedLine = Pick<FoundLine, "label" | "line" | "text"> & {
  readonly words: ReadonlySet<string>;
  readonly weight: number;
};

/** The lines of `blocks` with words of `query`, those with the greatest total weight first. */
export function weighedLines(query: string, blocks: readonly Block[]): WeighedLine[] {
  const lines = blocks
    .flatMap(({ label, value }) => value.split("\n").map((text, i) => ({ label, line: i + 1, text })))
    .map((it) => ({ ...it, words: wordsFound(it.text, query) }));
  const counts = new Map<string, number>();
  for (const word of lines.flatMap(({ words }) => [...words])) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weightOf = (word: string): number => inverseFrequency(counts.get(word) ?? 0, lines.length);
  return lines
    .filter(({ words }) => words.size > 0)
    .map((it) => ({ ...it, weight: [...it.words].reduce((sum, word) => sum + weightOf(word), 0) }))
    .sort((a, b) => b.weight - a.weight);
}
