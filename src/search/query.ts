import type { Match } from "../ports/text-index.ts";
import { UNSPACED } from "./analyze.ts";
import { visibleLetters } from "./letters.ts";
import { allOf, anyOf, phraseOf } from "./match.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** A parsed query. All parts are plain text, never operators of a search engine. */
export type SearchQuery = {
  /** Quoted phrases: every result of a lookup says them, and at least one result of a question. */
  readonly quoted: readonly string[];
  /** Identifiers, such as a number or an address: a lookup finds only texts that say them; a question ranks these first. */
  readonly identifiers: readonly string[];
  /** Tokens whose exact occurrences rank first; their words are among the terms. */
  readonly preferred: readonly string[];
  /** All other words, without stop words. */
  readonly terms: readonly string[];
};

/** Most terms of a query: a longer one is a document, and more terms only cost time. */
export const MOST_TERMS = 48;

/** Characters of a query that are read. */
export const LONGEST_QUERY = 10_000;

/** A word or an emoji. */
const WORD = /[\p{L}\p{M}\p{N}']+|\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/gu;
const PICTURE = "\\p{Extended_Pictographic}\\p{Regional_Indicator}";
const EDGES = new RegExp(`^[^\\p{L}\\p{N}${PICTURE}]+|[^\\p{L}\\p{M}\\p{N}${PICTURE}]+$`, "gu");

/** Most words of a lookup, which prefers results with all of its words. */
const LOOKUP_TERMS = 3;

/** Longer than any identifier; some patterns take the square of a token's length. */
const LONGEST_TOKEN = 300;

/**
 * Parses a query. Quoted text must match exactly, and so must identifiers (UUID, number, e-mail address, path). Stop words are
 * dropped unless there is nothing else.
 */
export function parseQuery(query: string): SearchQuery {
  const text = visibleLetters(query.slice(0, LONGEST_QUERY)).replaceAll("\0", " ");
  const quoted: string[] = [];
  const rest = withPlainQuotes(text).replace(/(?<![\p{L}\p{N}])"([^"]*)"/gu, (_, phrase: string) => {
    if (hasWord(phrase)) quoted.push(phrase.trim());
    return " ";
  });
  const content =
    rest
      .toLowerCase()
      .match(WORD)
      ?.filter((word) => !STOP_WORDS.has(word)) ?? [];
  const isAsked = asks(text) || content.length > LOOKUP_TERMS + 1;
  const identifiers: string[] = [];
  const preferred: string[] = [];
  const words: string[] = [];
  for (const token of rest.split(/\s+/u).flatMap(apart)) {
    const kind = token.length > LONGEST_TOKEN ? "words" : kindOf(token, isAsked);
    if (kind === "identifier") identifiers.push(identifierIn(token));
    else words.push(...(token.match(WORD) ?? []));
    if (kind === "preferred") preferred.push(trimmed(token));
  }
  const unique = [...new Set(words.map((word) => word.toLowerCase()).filter(hasWord))];
  const counted = unique.filter((word) => !STOP_WORDS.has(word));
  const hasOthers = counted.length > 0 || quoted.length > 0 || identifiers.length > 0;
  return {
    quoted: quoted.slice(0, MOST_TERMS),
    identifiers: identifiers.slice(0, MOST_TERMS),
    preferred: preferred.slice(0, MOST_TERMS),
    terms: (hasOthers ? counted : unique).slice(0, MOST_TERMS),
  };
}

/** Whether texts near in meaning may help. They do not help a lookup with exact parts. */
export function wantsSimilar(text: string): boolean {
  const parsed = parseQuery(text);
  return parsed.quoted.length + parsed.identifiers.length === 0 || isQuestion(text, parsed);
}

/**
 * `text` without quotation marks around several words, which may be a title that nobody says word for word; undefined if there
 * are none. A single quoted word stays quoted.
 */
export function withoutTitles(text: string): string | undefined {
  const plain = withPlainQuotes(text);
  const loose = plain.replace(/"([^"]*)"/gu, (quoted, phrase: string) =>
    (phrase.match(WORD)?.length ?? 0) > 1 ? ` ${phrase} ` : quoted,
  );
  return loose === plain ? undefined : loose;
}

/** All parts that must or should match exactly. */
export function exactParts({ quoted, identifiers, preferred }: SearchQuery): readonly string[] {
  return [...quoted, ...identifiers, ...preferred];
}

/** `text` with `"` for all kinds of quotation marks. */
function withPlainQuotes(text: string): string {
  return text
    .replace(/[“„‟«「『]/g, ' "')
    .replace(/[”»」』＂]/g, '" ')
    .replace(/"{2,}/g, '"');
}

/** Splits "code:QX7-99Z" and "id=4711" into a word and an identifier. URLs and times of day stay one token. */
function apart(token: string): string[] {
  const parts = token.split(/[:=]/);
  const [name = "", value = ""] = parts;
  const isOne = parts.length !== 2 || value.startsWith("//") || DATE.test(trimmed(token)) || !hasWord(name);
  return isOne ? [token] : [name, value];
}

type Kind = "identifier" | "preferred" | "words";

/**
 * Identifiers are UUIDs, numbers of five or more digits, e-mail addresses, paths and "C++"; in a lookup, also short mixtures of
 * letters and digits ("h1n1", "covid-19", "1800s"), which are ordinary words in a question. Times of day are preferred, and in a
 * question, codes too ("PROJ-123", "v2.3.1"). Dates are words: they match by time.
 */
function kindOf(token: string, isAsked: boolean): Kind {
  if (SIGNED.test(token) || isPath(token)) return "identifier";
  const bare = trimmed(token);
  if (/^\d{1,2}:\d{2}(?:am|pm)?$/i.test(bare)) return "preferred";
  if (DATE.test(bare) || /^\d{1,2}(st|nd|rd|th)$/i.test(bare)) return "words";
  if (/[@_]/.test(bare)) return "identifier";
  if (!/\d/.test(bare) || bare.length < 3) return "words";
  if (SPOKEN.test(bare)) return !isAsked ? "identifier" : CODE.test(bare) ? "preferred" : "words";
  return /[\p{L}\-./:]/u.test(bare) || bare.length >= 5 ? "identifier" : "words";
}

function identifierIn(token: string): string {
  return SIGNED.exec(token)?.[1] ?? trimmed(token);
}

/** A token without surrounding punctuation and possessive. */
function trimmed(token: string): string {
  return token.slice(0, LONGEST_TOKEN).replace(EDGES, "").replace(/'s$/i, "");
}

/** One or two letters with significant signs ("C++", "F#"), or a word that begins with a dot (".env"). */
const SIGNED = /^["'(]*(\p{L}{1,2}(?:\+\+|[#+])|\.\p{L}[\p{L}\p{N}_-]*)["'),;:.!?]*$/u;

/** Letters, including a capital, and digits with a sign between them; or a number of three parts. */
const CODE = /^(?=.*\p{Lu})(?=.*\d)[\p{L}\p{N}]+(?:[-.+/][\p{L}\p{N}]+)+$|^v?\d+(?:\.\d+){2,}$/u;

/**
 * Whether `text` is a question, whose answer may be next to a match. Other texts are lookups, whose results are the lines with
 * the words.
 */
export function isQuestion(text: string, { quoted, identifiers, terms }: SearchQuery): boolean {
  if (quoted.length + identifiers.length > 0) return terms.length > 0 && asks(text);
  return terms.length > LOOKUP_TERMS || asks(text);
}

function asks(text: string): boolean {
  return /\?\s*$/.test(text.slice(-100)) || ASKING.test(text);
}

/** A verb must be followed by at least two words: "can opener" is not a question. */
const ASKING =
  /^\s*(?:(?:who|whom|whose|what|when|where|which|why|how|tell me)\b|(?:did|do|does|is|are|was|were|has|have|had|can|could|would|should)(?:n?['’]t)?(?:\s+[\p{L}\p{N}]\S*){2})/iu;

/** Whether a token is a path or URL, by its beginning, its extension, or parts unlike words. "he/she/they" is not. */
function isPath(token: string): boolean {
  const whole = token.replace(/[^\p{L}\p{N}\\/]+$/u, "");
  if (DATE.test(whole)) return false;
  const isRooted = /^(?:[~.]{0,2}|\w:|\w+:\/)[\\/](?=.*[\p{L}\p{N}])/u.test(whole);
  if (isRooted || /[\\/][^\\/]*\.\w+$/.test(whole)) return true;
  const parts = whole.split(/[\\/]/);
  return parts.length > 2 && parts.some((part) => /[._\d]/.test(part));
}

const DATE =
  /^(?:(?:1[5-9]|20)\d\d[-/.](?:0?[1-9]|1[0-2])(?:[-/.]\d{1,2})?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}[/.]\d{4}|\d{1,2}:\d{2}(?:am|pm)?)$/i;
const SPOKEN = /^(?=.{1,12}$)(?!\d{4,}$)[\p{L}\p{N}]+(?:[-.+'/:][\p{L}\p{N}]+){0,3}$/u;

function hasWord(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(text);
}

/** A match, and the exact parts that its results must say: all of `all`, and one of `any` unless that is empty. */
export type Attempt = {
  readonly match: Match;
  readonly all: readonly string[];
  readonly any: readonly string[];
  /** Whether the next attempt finds everything that this one does, and more. */
  readonly isNarrow?: boolean;
};

/** The attempts of a lookup, narrowest first: the first that finds anything gives the results. Empty for an empty query. */
export function attemptsOf({ quoted, identifiers, terms }: SearchQuery): Attempt[] {
  const either = (parts: readonly string[]): Match => anyOf(parts.map(phraseOf));
  if (quoted.length + identifiers.length > 0) {
    // The other words only affect the score.
    const ranked = (must: Match): Match =>
      terms.length === 0 ? must : allOf([must, anyOf([must, ...terms.map(phraseOf)])]);
    const all = [...quoted, ...identifiers];
    const attempt = { match: ranked(allOf(all.map(phraseOf))), all, any: [] };
    if (identifiers.length < 2) return [attempt];
    const some = allOf([...quoted.map(phraseOf), either(identifiers)]);
    return [attempt, { match: ranked(some), all: quoted, any: identifiers }];
  }
  if (terms.length === 0) return [];
  const parts = terms.flatMap(partsOf).slice(0, MOST_TERMS);
  const isLookup = terms.length <= LOOKUP_TERMS;
  const joined = isLookup ? joinedNeighbours(terms) : [];
  const apart = isLookup ? terms.flatMap(takenApart) : [];
  const all = allOf(terms.map(phraseOf));
  const isNarrow = isLookup && terms.length > 1;
  const matches = [
    ...(isNarrow ? [terms.length > 2 ? all : anyOf([all, ...joined.map(phraseOf)])] : []),
    either([...terms, ...joined]),
    ...(parts.length > terms.length ? [either(parts)] : []),
    ...(apart.length > 0 ? [either(apart)] : []),
  ];
  return matches.map((match, i) => ({ match, all: [], any: [], isNarrow: isNarrow && i === 0 }));
}

/** Whether a word's script allows compounds to be written together or apart. */
function isJoinable(word: string): boolean {
  return /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]{2,20}$/u.test(word);
}

/** Neighbouring words joined: "wifi" for "wi-fi". */
function joinedNeighbours(words: readonly string[]): string[] {
  return words.slice(1).flatMap((word, i) => {
    const before = words[i] ?? "";
    return isJoinable(before) && isJoinable(word) ? [`${before}${word}`] : [];
  });
}

/** A word split in two: "note book" for "notebook". Not with stop words: "has an" is not "Hasan". */
function takenApart(word: string): string[] {
  const hasStopWord = (pair: string): boolean => pair.split(" ").some((part) => STOP_WORDS.has(part));
  return isJoinable(word) ? splits(word, 2).filter((pair) => !hasStopWord(pair)) : [];
}

/** All ways to split `word` in two parts of at least `shortest` letters. */
export function splits(word: string, shortest: number): string[] {
  const ends = Array.from({ length: Math.max(0, word.length - 2 * shortest + 1) }, (_, i) => i + shortest);
  return ends.map((end) => `${word.slice(0, end)} ${word.slice(end)}`);
}

/**
 * The parts of a word that are searched one by one. In a script without word spaces, where a "word" may be a sentence, these are
 * pairs of neighbouring characters; in other scripts, the word itself.
 */
export function partsOf(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length <= 2 || word.search(UNSPACED) < 0) return [word];
  return characters.slice(1).map((character, i) => `${characters[i] ?? ""}${character}`);
}
