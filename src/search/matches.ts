import { UNSPACED, termsIn } from "./analyze.ts";
import { exactParts, parseQuery, partsOf } from "./query.ts";

const WORD = /[\p{L}\p{M}\p{N}'’]+|\p{Extended_Pictographic}/gu;

/** Where the words of `query` stand in `text`, in any of their forms, as UTF-16 offsets: from the first, before the second. */
export function matchesIn(text: string, query: string): (readonly [start: number, end: number])[] {
  const { terms, ...parts } = parseQuery(query);
  const words = [...exactParts({ terms, ...parts }), ...terms].flatMap((part) => part.match(WORD) ?? []);
  const wanted = new Set(words.map(keyOf).filter((key) => key !== ""));
  const pieces = new Set(words.filter(isUnspaced).flatMap(partsOf));
  return [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const end = index + word.length;
    if (isUnspaced(word)) return piecesIn(word, pieces).map(([from, to]) => [index + from, index + to] as const);
    return wanted.has(keyOf(word)) ? [[index, end] as const] : [];
  });
}

/** How many of the words of `query` stand in `text`. */
export function wordsFound(text: string, query: string): number {
  const keys = matchesIn(text, query).map(([start, end]) => keyOf(text.slice(start, end)));
  return new Set(keys).size;
}

/** The same for all forms of a word. */
function keyOf(word: string): string {
  return termsIn(word.replace(/['’]s?$/iu, "")).join(" ");
}

function isUnspaced(word: string): boolean {
  return word.search(UNSPACED) >= 0;
}

/** Where any of `pieces` stands in a word that may be a whole sentence; what overlaps or touches is one. */
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
