import { plainLetters, withoutArticle } from "../letters.ts";

/** An occurrence of a query's term in a text, as UTF-16 offsets; `to` is exclusive. */
export type Occurrence = { readonly term: number; readonly from: number; readonly to: number };

/** A spelling of a term, prepared for matching. */
export type Pattern = {
  /** The beginning of every matching word. */
  readonly prefix: string;
  /** The stem of a matching word; null if `prefix` matches anywhere. */
  readonly stem: string | null;
};

const WORD = /[\p{L}\p{M}\p{N}]/u;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** `text` normalised for matching. */
export function plain(text: string): string {
  return withoutArticle(plainLetters(text));
}

/** `spelling` is a word, or several with spaces between them. */
export function patternOf(spelling: string): Pattern {
  const word = plain(spelling).replace(/'.*$/, "");
  if (UNSPACED.test(word) || word.includes(" ")) return { prefix: word, stem: null };
  const stem = stemOf(word);
  return { prefix: stem.slice(0, Math.max(3, stem.length - 1)), stem };
}

/** The occurrences of terms in `text` (as returned by `plain`), in order. `patterns`: the spellings of each term. */
export function occurrences(text: string, patterns: readonly (readonly Pattern[])[]): Occurrence[] {
  const found: Occurrence[] = [];
  for (const [term, spellings] of patterns.entries()) {
    for (const { prefix, stem } of spellings) {
      if (prefix === "") continue;
      for (let from = text.indexOf(prefix); from !== -1; from = text.indexOf(prefix, from + prefix.length)) {
        const to = stem === null ? from + prefix.length : endOfWord(text, from, prefix.length);
        if (stem === null || (to > from && stemOf(text.slice(from, to)) === stem)) found.push({ term, from, to });
      }
    }
  }
  return found.sort((a, b) => a.from - b.from);
}

/** End of the word that begins at `from` and has at least `length` characters; `from` if no word begins there. */
function endOfWord(text: string, from: number, length: number): number {
  if (isWord(text, from - 1)) return from;
  let to = from + length;
  while (isWord(text, to)) to += 1;
  return to;
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  return WORD.test(text.charAt(at));
}

/**
 * A word without its English ending. Rougher than the index's stemmer, which decides what is found: this one only locates words
 * within a passage.
 */
function stemOf(word: string): string {
  if (word.length <= 3) return word;
  return word
    .replace(/(?:ies|ied)$/, "y")
    .replace(/sses$/, "ss")
    .replace(/(?<![su])s$/, "")
    .replace(/(?<=[a-z]{3})(?:ation|ating|ated|ate|ions?|ing|ed|ers?|ors?|ly)$/, "")
    .replace(/(?<=[a-z]{2})e$/, "")
    .replace(/([b-df-hj-kmnp-rtv-z])\1$/, "$1")
    .replace(/(?<=[a-z]{2})y$/, "i");
}
