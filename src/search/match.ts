import type { Match } from "../ports/text-index.ts";
import { termsIn } from "./analyze.ts";

/** Matches nothing. */
export const NOTHING: Match = { any: [] };

/** Matches texts that contain the words of `text` in sequence. */
export function phraseOf(text: string): Match {
  return { phrase: termsIn(text) };
}

/** Matches texts that any of `matches` does. */
export function anyOf(matches: readonly Match[]): Match {
  const [first, second] = matches;
  return first !== undefined && second === undefined ? first : { any: matches };
}

/** Matches texts that all of `matches` do. */
export function allOf(matches: readonly Match[]): Match {
  const [first, second] = matches;
  return first !== undefined && second === undefined ? first : { all: matches };
}

/** The phrases of a match that have terms, in order. */
export function phrasesOf(match: Match): (readonly string[])[] {
  if ("phrase" in match) return match.phrase.length === 0 ? [] : [match.phrase];
  return ("all" in match ? match.all : match.any).flatMap(phrasesOf);
}

/** A match without the phrases that have no terms; undefined if nothing is left. */
export function simplified(match: Match): Match | undefined {
  if ("phrase" in match) return match.phrase.length === 0 ? undefined : match;
  const parts = ("all" in match ? match.all : match.any).map(simplified).filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  return "all" in match ? allOf(parts) : anyOf(parts);
}
