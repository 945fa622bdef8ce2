import type { TextRange } from "../schema/page.ts";
import type { Block } from "../schema/state.ts";
import { sayingOf } from "./exact.ts";
import { matchesIn, wordsFound } from "./matches.ts";
import { parseQuery } from "./query.ts";

/** A line of core memory, counted from 1 in its block. `score` is how many words of the query it has. */
export type FoundLine = {
  readonly label: string;
  readonly line: number;
  readonly text: string;
  readonly score: number;
  readonly matches: readonly TextRange[];
};

/** The lines of `blocks` that have words of `query`, and all that must match exactly: those with the most words first. */
export function searchBlocks(query: string, blocks: readonly Block[]): FoundLine[] {
  const { quoted, identifiers } = parseQuery(query);
  const says = sayingOf([...quoted, ...identifiers]);
  return blocks
    .flatMap(({ label, value }) => value.split("\n").map((text, i) => ({ label, line: i + 1, text })))
    .filter(({ text }) => says(text).every(Boolean))
    .map((it) => ({ ...it, score: wordsFound(it.text, query), matches: matchesIn(it.text, query) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}
