import type { Match, TextIndex } from "../../ports/text-index.ts";
import { inverseFrequency } from "../inverse-frequency.ts";
import { anyOf, phraseOf } from "../match.ts";
import { sameCountry } from "./same-country.ts";
import { splits } from "../query.ts";

/** Most terms used: the rarest. */
export const MOST_WEIGHED = 16;

/** A word of a question. `count` is the number of passages with it, `idf` its weight. */
export type PassageTerm = {
  readonly word: string;
  /** The word and equivalent spellings. */
  readonly spellings: readonly string[];
  readonly match: Match;
  readonly count: number;
  readonly idf: number;
};

type Counts = Pick<TextIndex, "size" | "frequencies">;

/** The terms of `words` that occur in passages, rarest first. `asked` are all words of the question, in order and lower case. */
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
 * Other spellings of a word that occur in passages: numbers in figures and words, adjectives of countries, words joined with a
 * neighbour or split. If no passage has the word, also corrections of typos.
 *
 * @param alone Number of passages with the word itself.
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

/** The spellings that occur in passages. */
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

/** Only "2" and "ii" get other spellings: "two" and "second" are ordinary words. */
function isShort(form: string): boolean {
  return /^(?:\d+|[ivx]{2,}|us?k?a?)$/.test(form);
}

/** Possible corrections: swap two letters, drop one, double one, or change a vowel. Short words would have too many. */
function slips(word: string): string[] {
  if (word.length < 5) return [];
  return Array.from({ length: word.length - 1 }, (_, i) => {
    const [before, letter, rest] = [word.slice(0, i + 1), word.charAt(i + 1), word.slice(i + 2)];
    const vowels = "aeiouy".includes(letter) ? Array.from("aeiou").filter((it) => it !== letter) : [];
    const exchanged = rest === "" ? [] : [rest.charAt(0) + letter + rest.slice(1)];
    return [...exchanged, rest, letter + letter + rest, ...vowels.map((it) => it + rest)].map((end) => before + end);
  }).flat();
}
