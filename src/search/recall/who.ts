import type { Person } from "../../schema/person.ts";
import { plainLetters } from "../letters.ts";

export type Speakers = {
  /** Names of those who speak, as they were given. */
  readonly speakers: readonly string[];
  readonly people?: readonly Person[] | undefined;
};

/** Whose lines a query is about: the name as `nameKey` has it, or none; and the words of it that name nobody. */
export type Meant = {
  readonly speaker: string | undefined;
  readonly role: Person["role"] | undefined;
  readonly others: readonly string[];
};

/** The one speaker whom `words`, in lower case, of the query `text` name. A query of nothing but names looks for them. */
export function whoIsMeant(text: string, words: readonly string[], who: Speakers): Meant {
  const named = namesIn(text, words, who);
  const others = words.filter((word) => named.get(word)?.length === 0);
  if (others.length === 0) return { speaker: undefined, role: undefined, others: words };
  const speaker = theOnly(named);
  return { speaker, role: who.people?.find(({ name }) => nameKey(name) === speaker)?.role, others };
}

/** The one of those who speak whom `words` name, whatever else they say. */
export function whoIsNamed(text: string, words: readonly string[], speakers: readonly string[]): string | undefined {
  return theOnly(namesIn(text, words, { speakers }));
}

/** Of each word the names that it may be, as `nameKey` has them. */
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
  const meant = [...new Set([...named.values()].flat())];
  return meant.length === 1 ? meant[0] : undefined;
}

/** A name as names are compared. */
export function nameKey(name: string): string {
  return plainLetters(name.trim());
}

/** With more speakers than this, the beginning of a name says little, and names must be whole. */
const MOST_SHORTENED = 50;

/** The names of which `word` is one, a part of one or, with a capital letter, short for one. */
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
