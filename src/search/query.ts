import { foldLetters, visibleLetters, withoutArticle } from "./letters.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** What a person or a model asked for, in parts. All parts are plain text, never operators of a search engine. */
export type SearchQuery = {
  /** Every result must contain each of these word for word: what stood in quotes, and identifiers. */
  readonly required: readonly string[];
  /** Words that count, stop words dropped. */
  readonly terms: readonly string[];
};

/** A query is a question or a lookup; past this many words it is a document, and more words only cost time. */
export const MOST_TERMS = 48;

/** Characters of a query that are read. */
const LONGEST = 10_000;

/** A word, or a picture that stands for one. */
const WORD = /[\p{L}\p{M}\p{N}']+|\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/gu;
const PICTURE = "\\p{Extended_Pictographic}\\p{Regional_Indicator}";
const EDGES = new RegExp(`^[^\\p{L}\\p{N}${PICTURE}]+|[^\\p{L}\\p{M}\\p{N}${PICTURE}]+$`, "gu");

/** Up to this many words a query is a lookup, and results that have all of them are preferred to those that have some. */
const LOOKUP_TERMS = 3;

/**
 * Takes a query apart. Text in double quotes must match exactly, and so must what looks like an identifier (UUID, number,
 * e-mail address, path). Stop words are dropped unless there is nothing else.
 */
export function parseQuery(query: string): SearchQuery {
  const text = visibleLetters(query.slice(0, LONGEST));
  const required: string[] = [];
  const rest = text.replaceAll("\0", " ").replace(/"([^"]*)"/g, (_, phrase: string) => {
    if (hasWord(phrase)) required.push(phrase.trim());
    return " ";
  });
  const content =
    rest
      .toLowerCase()
      .match(WORD)
      ?.filter((word) => !STOP_WORDS.has(word)) ?? [];
  const isAsked = asks(text) || content.length > LOOKUP_TERMS + 1;
  const words: string[] = [];
  for (const token of rest.split(/\s+/u)) {
    const trimmed = token.replace(EDGES, "");
    if (trimmed === "") continue;
    if (isPath(token) || isIdentifier(trimmed, isAsked)) required.push(trimmed);
    else words.push(...(trimmed.match(WORD) ?? []));
  }
  const unique = [...new Set(words.map((word) => word.toLowerCase()).filter(hasWord))];
  const counted = unique.filter((word) => !STOP_WORDS.has(word));
  const terms = counted.length > 0 || required.length > 0 ? counted : unique;
  return { required: required.slice(0, MOST_TERMS), terms: terms.slice(0, MOST_TERMS) };
}

/**
 * Whether `text` asks something, so that what stands beside a match may be the answer. Other texts are lookups, whose
 * results are the lines that have the words.
 */
export function isQuestion(text: string, { required, terms }: SearchQuery): boolean {
  if (required.length > 0) return terms.length > 0 && asks(text);
  return terms.length > LOOKUP_TERMS || asks(text);
}

function asks(text: string): boolean {
  return /\?\s*$/.test(text.slice(-100)) || ASKING.test(text);
}

const ASKING =
  /^\s*(?:who|whom|whose|what|when|where|which|why|how|did|do|does|is|are|was|were|has|have|had|can|could|would|should|tell me)\b/i;

/**
 * Whether a token means one thing only, to be found exactly: a UUID, a number of five digits and more, an e-mail address, a
 * path; where nothing is asked also what mixes letters and digits in short ("h1n1", "covid-19", "1800s"), which a person
 * who asks only speaks of. A date or a time of day is none.
 */
function isIdentifier(token: string, isAsked: boolean): boolean {
  if (DATE.test(token) || /^\d{1,2}(st|nd|rd|th)$/i.test(token)) return false;
  if (/[@_]/.test(token)) return true;
  if (!/\d/.test(token) || token.length < 3) return false;
  if (SPOKEN.test(token)) return !isAsked;
  return /[\p{L}\-./:]/u.test(token) || token.length >= 5;
}

/** Whether a token is a path or an address: by its beginning, an ending, or parts that no words have. "he/she/they" is none. */
function isPath(token: string): boolean {
  const whole = token.replace(/[^\p{L}\p{N}\\/]+$/u, "");
  if (DATE.test(whole)) return false;
  const isRooted = /^(?:[~.]{0,2}|\w:|\w+:\/)[\\/](?=.*[\p{L}\p{N}])/u.test(whole);
  return isRooted || /[\\/][^\\/]*\.\w+$/.test(whole) || /[\\/].*[\\/].*[._\d]|[._\d].*[\\/].*[\\/]/.test(whole);
}

const DATE =
  /^(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}[/.]\d{4}|\d{1,2}:\d{2}(?:am|pm)?)$/i;
const SPOKEN = /^(?=.{1,12}$)(?!\d{4,}$)[\p{L}\p{N}]+(?:[-.+'/:][\p{L}\p{N}]+){0,3}$/u;

function hasWord(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(text);
}

/**
 * The FTS5 expressions of a query, best first: the first one that matches anything is the result list. Empty if there
 * is nothing to search for. Every part is quoted, so no text of the query acts as an operator.
 */
export function toMatchExpressions({ required, terms }: SearchQuery): string[] {
  const all = [...required, ...terms].map(quote);
  if (required.length > 0) {
    const must = required.map(quote).join(" AND ");
    return [terms.length === 0 ? must : `(${must}) AND (${all.join(" OR ")})`];
  }
  if (all.length === 0) return [];
  const any = all.join(" OR ");
  const parts = terms.flatMap(partsOf).slice(0, MOST_TERMS);
  const someParts = parts.length > terms.length ? [parts.map(quote).join(" OR ")] : [];
  return all.length > 1 && all.length <= LOOKUP_TERMS ? [all.join(" AND "), any, ...someParts] : [any, ...someParts];
}

/** `text` as one phrase of an FTS5 expression: nothing in it acts as an operator. */
export function quote(text: string): string {
  return `"${segment(text).replaceAll('"', '""').replaceAll("\0", " ")}"`;
}

/**
 * The parts of a word that are looked for one by one where the whole need not be found: the pairs of neighbouring characters
 * of a script without word spaces, in which a "word" may be a sentence; the word itself in other scripts.
 */
export function partsOf(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length <= 2 || word.search(UNSPACED) < 0) return [word];
  return characters.slice(1).map((character, i) => `${characters[i] ?? ""}${character}`);
}

/** Scripts written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/**
 * `text` as the word-based index reads it: in one form of each letter, with every character of a script without word spaces
 * set apart, so that any part of a Chinese, Japanese, Korean or Thai sentence is found, with pictures spelled out, and with
 * the marks that are vowels turned into letters, since the index takes marks for spaces. The same for stored text and for
 * queries.
 */
export function segment(text: string): string {
  const folded = withoutArticle(foldLetters(text));
  if (PLAIN.test(folded)) return folded;
  return folded
    .replace(PICTURES, (picture) => ` picture${picture.codePointAt(0)?.toString(16) ?? ""} `)
    .replace(UNSPACED, " $& ")
    .replace(VOWEL_MARKS, (mark) => String.fromCharCode(FIRST_PRIVATE + mark.charCodeAt(0) - FIRST_MARK));
}

const PLAIN = /^[\x20-\x7E\s\u00A0-\u00A8\u00AA-\u00AD\u00AF-\u02AF]*$/;
const PICTURES = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/gu;

/** Marks from the Indic scripts on; the index takes those of Latin, Greek and Cyrillic for accents, and drops them. */
const VOWEL_MARKS = /(?=[\u0900-\u1CFF])\p{M}/gu;
const FIRST_MARK = 0x0900;
const FIRST_PRIVATE = 0xe000;
