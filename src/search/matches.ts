import { UNSPACED, termsIn } from "./analyze.ts";
import { exactParts, parseQuery, partsOf } from "./query.ts";

const WORD = /[\p{L}\p{M}\p{N}'’]+|\p{Extended_Pictographic}/gu;

/** The ranges of `query`'s words in `text`, in any of their forms, as UTF-16 offsets. `end` is exclusive. */
export function matchesIn(text: string, query: string): (readonly [start: number, end: number])[] {
  const { terms, ...parts } = parseQuery(query);
  const words = [...exactParts({ terms, ...parts }), ...terms].flatMap((part) => part.match(WORD) ?? []);
  const keys = new Set(words.map(keyOf).filter((key) => key !== ""));
  const pieces = new Set(words.filter(isUnspaced).flatMap(partsOf));
  return [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const end = index + word.length;
    if (isUnspaced(word)) return piecesIn(word, pieces).map(([from, to]) => [index + from, index + to] as const);
    return keys.has(keyOf(word)) ? [[index, end] as const] : [];
  });
}

/** The words of `query` in `text`, as stems: all forms of a word count as one. */
export function wordsFound(text: string, query: string): ReadonlySet<string> {
  return new Set(matchesIn(text, query).map(([start, end]) => keyOf(text.slice(start, end))));
}

/** The word's stem. */
function keyOf(word: string): string {
  return termsIn(word.replace(/['’]s?$/iu, "")).join(" ");
}

function isUnspaced(word: string): boolean {
  return word.search(UNSPACED) >= 0;
}

/** The ranges of `pieces` in a word, which may be a whole sentence. Ranges that overlap or touch are merged. */
function piecesIn(word: string, pieces: ReadonlySet<string>): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < word.length; at += 1) {
    const end = Math.max(...[...pieces].map((piece) => (word.startsWith(piece, at) ? at + piece.length : -1)), -1);
    if (end < 0) continue;
    const last = found.at(-1);
    if (last !== undefined && last[1] >= at) last[1] = Math.max(last[1], end);
    else found.push([at, end]);
  }
  return found;
}
