import type { FoundLine } from "../ports/storage.ts";
import type { Block } from "../schema/state.ts";
import { sayingOf } from "./exact.ts";
import { matchesIn, wordsFound } from "./matches.ts";
import { parseQuery } from "./query.ts";

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
