import type { Match, TextIndex } from "../../ports/text-index.ts";
import { inverseFrequency } from "../inverse-frequency.ts";
import { anyOf, phraseOf } from "../match.ts";
import { sameCountry } from "./same-country.ts";
import { splits } from "../query.ts";

/** Most terms that are weighed: the rarest. */
export const MOST_WEIGHED = 16;

/** A word of a question and what it is worth: `idf` grows with how rare it is. */
export type PassageTerm = {
  readonly word: string;
  /** The word and other ways of writing it, any of which counts as the word itself. */
  readonly spellings: readonly string[];
  readonly match: Match;
  readonly count: number;
  readonly idf: number;
};

type Counts = Pick<TextIndex, "size" | "frequencies">;

/** The terms of `words` that some passage has, rarest first. `asked` are all words of the question, in order, in lower case. */
export async function passageTerms(
  words: readonly string[],
  asked: readonly string[],
  index: Counts,
): Promise<PassageTerm[]> {
  const alone = await index.frequencies(words.map(phraseOf));
  const others = await Promise.all(words.map((word, i) => otherSpellings(word, alone[i] ?? 0, asked, index)));
  const spellings = words.map((word, i) => [word, ...(others[i] ?? [])]);
  const matches = spellings.map((forms) => anyOf(forms.map(phraseOf)));
  const changed = matches.filter((_, i) => (others[i] ?? []).length > 0);
  const counts = changed.length === 0 ? [] : [...(await index.frequencies(changed))];
  return words
    .map((word, i) => {
      const count = ((others[i] ?? []).length === 0 ? alone[i] : counts.shift()) ?? 0;
      const match = matches[i] ?? phraseOf(word);
      return { word, spellings: spellings[i] ?? [word], match, count, idf: inverseFrequency(count, index.size) };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.count - b.count)
    .slice(0, MOST_WEIGHED);
}

/**
 * Numbers are written in several ways, countries have words for what is of them, words are joined with their neighbours or
 * taken apart; and where no passage has a word, it may be a slip of the pen.
 *
 * @param alone How many passages have the word as it is.
 */
async function otherSpellings(
  word: string,
  alone: number,
  asked: readonly string[],
  index: Counts,
): Promise<readonly string[]> {
  const same = SAME.get(word)?.filter((it) => it !== word) ?? sameCountry(word);
  if (same.length > 0) return same;
  if (!WRITTEN_WITH_SPACES.test(word)) return [];
  const at = asked.indexOf(word);
  const neighbours = [`${asked[at - 1] ?? ""}${word}`, `${word}${asked[at + 1] ?? ""}`];
  const joined = await known(
    neighbours.filter((it) => it !== word && it.length >= 6),
    index,
  );
  if (joined.length > 0 || alone > 0) return joined;
  const apart = await known(splits(word, 3), index);
  return apart.length > 0 ? apart : (await known(slips(word), index)).slice(0, 2);
}

/** Those that some passage has. */
async function known(spellings: readonly string[], index: Counts): Promise<string[]> {
  if (spellings.length === 0) return [];
  const counts = await index.frequencies(spellings.map(phraseOf));
  return spellings.filter((_, i) => (counts[i] ?? 0) > 0);
}

const WRITTEN_WITH_SPACES = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}']{2,20}$/u;

const SAME: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ["1", "one", "first", "i"],
    ["2", "two", "second", "ii"],
    ["3", "three", "third", "iii"],
    ["4", "four", "fourth", "iv"],
    ["5", "five", "fifth"],
    ["6", "six", "sixth", "vi"],
    ["7", "seven", "seventh", "vii"],
    ["8", "eight", "eighth", "viii"],
    ["9", "nine", "ninth", "ix"],
    ["10", "ten", "tenth"],
    ["11", "eleven", "eleventh", "xi"],
    ["12", "twelve", "twelfth", "xii"],
    ["usa", "u.s", "united states"],
    ["uk", "u.k", "united kingdom"],
  ].flatMap((forms) => forms.filter(isShort).map((form) => [form, forms] as const)),
);

/** "two" and "second" are words like others; only who writes "2" or "ii" may mean them. */
function isShort(form: string): boolean {
  return /^(?:\d+|[ivx]{2,}|us?k?a?)$/.test(form);
}

/** Two letters exchanged, one too many, one that should be double, or a vowel for another. Short words have too many neighbours. */
function slips(word: string): string[] {
  if (word.length < 5) return [];
  return Array.from({ length: word.length - 1 }, (_, i) => {
    const [before, letter, rest] = [word.slice(0, i + 1), word.charAt(i + 1), word.slice(i + 2)];
    const vowels = "aeiouy".includes(letter) ? Array.from("aeiou").filter((it) => it !== letter) : [];
    const exchanged = rest === "" ? [] : [rest.charAt(0) + letter + rest.slice(1)];
    return [...exchanged, rest, letter + letter + rest, ...vowels.map((it) => it + rest)].map((end) => before + end);
  }).flat();
}
