import type { Person } from "../../schema/person.ts";
import { plainLetters } from "../letters.ts";

export type Speakers = {
  /** Names of the speakers, as stored. */
  readonly speakers: readonly string[];
  readonly people?: readonly Person[] | undefined;
};

/** The speaker whose lines a query is about, as a `nameKey`, and the words of the query that name nobody. */
export type Meant = {
  readonly speaker: string | undefined;
  readonly role: Person["role"] | undefined;
  readonly others: readonly string[];
};

/** The single speaker named by `words`, the lower-case words of `text`. A query of names alone searches for the names. */
export function whoIsMeant(text: string, words: readonly string[], who: Speakers): Meant {
  const named = namesIn(text, words, who);
  const others = words.filter((word) => named.get(word)?.length === 0);
  if (others.length === 0) return { speaker: undefined, role: undefined, others: words };
  const speaker = theOnly(named);
  return { speaker, role: who.people?.find(({ name }) => nameKey(name) === speaker)?.role, others };
}

/** The single speaker named by `words`; undefined if it names none or several. */
export function whoIsNamed(text: string, words: readonly string[], speakers: readonly string[]): string | undefined {
  return theOnly(namesIn(text, words, { speakers }));
}

/** For each word, the names that it may stand for, as `nameKey`s. */
function namesIn(
  text: string,
  words: readonly string[],
  { speakers, people = [] }: Speakers,
): ReadonlyMap<string, readonly string[]> {
  const names = [...keysOf(speakers), ...people.map(({ name }) => nameKey(name))];
  const capitals = new Set((text.match(/\p{Lu}[\p{L}\p{M}]+/gu) ?? []).map(nameKey));
  return new Map(words.map((word) => [word, whoIsCalled(nameKey(word.replace(/'s?$/, "")), names, capitals)]));
}

function theOnly(named: ReadonlyMap<string, readonly string[]>): string | undefined {
  const speakers = [...new Set([...named.values()].flat())];
  return speakers.length === 1 ? speakers[0] : undefined;
}

/** The key by which names are compared. */
export function nameKey(name: string): string {
  return plainLetters(name.trim());
}

/** With more speakers than this, names must be complete: a shortened one would match too many. */
const MOST_SHORTENED = 50;

/** The names that `word` is, or is a part of, or, if capitalised, may be short for. */
function whoIsCalled(word: string, names: readonly string[], capitals: ReadonlySet<string>): readonly string[] {
  const maybeShort = names.length <= MOST_SHORTENED && word.length >= 3 && capitals.has(word);
  const isMeant = (part: string): boolean => part === word || (maybeShort && part.startsWith(word));
  return names.filter((name) => isMeant(name) || name.split(" ").some(isMeant));
}

const keys = new WeakMap<readonly string[], readonly string[]>();

function keysOf(names: readonly string[]): readonly string[] {
  const known = keys.get(names) ?? names.map(nameKey);
  keys.set(names, known);
  return known;
}
