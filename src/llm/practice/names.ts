import { FIRST_NAMES, NOT_NAMES } from "./lexicon.ts";
import { capitalise } from "./text.ts";

export type NameAt = { readonly name: string; readonly rest: string };

/**
 * Reads a person's or pet's name at the head of `text`. A word in lower case counts only if it is a well-known first
 * name or, with `introduced` (after "named", "my name is"), if it is no common word.
 */
export function readName(text: string, introduced = false): NameAt | undefined {
  const parts = text.trim().split(" ");
  const name: string[] = [];
  for (const part of parts.slice(0, 4)) {
    const word = part.replace(/^["'(]+|[.,!?;:"')(]+$/g, "").replace(/'s$/, "");
    if (!isNameWord(word, introduced && name.length === 0, name.length > 0)) break;
    name.push(/^\p{Ll}/u.test(word) && !PARTICLE.test(word) ? capitalise(word) : word);
    if (word !== part) break;
  }
  while (PARTICLE.test(name.at(-1) ?? "")) name.pop();
  if (name.length === 0) return undefined;
  const rest = parts.slice(name.length).join(" ");
  const ending = parts[name.length - 1]?.replace(/^.*?([.,!?;:"')(]*|'s)$/, "$1") ?? "";
  return { name: name.join(" "), rest: `${ending} ${rest}`.trim() };
}

const PARTICLE = /^(?:de|da|do|dos|del|della|van|von|der|den|bin|ibn|la|le)$/;

function isNameWord(word: string, introduced: boolean, following: boolean): boolean {
  if (!/^[\p{L}\p{Lo}][\p{L}\p{M}'.-]{0,30}$/u.test(word)) return false;
  const lower = word.toLowerCase();
  if (NOT_NAMES.has(lower)) return false;
  if (following && PARTICLE.test(word)) return true;
  if (/^\p{Lu}/u.test(word) || /^\p{Lo}/u.test(word)) return following || word.length > 1 || introduced;
  return FIRST_NAMES.has(lower) || introduced;
}

/** Names in a list such as `Tom, Mia and Leo`. */
export function readNames(text: string): string[] {
  const names: string[] = [];
  for (const part of text.slice(0, 200).split(/\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*/)) {
    const read = readName(part, names.length > 0 && /^\p{L}+[.!]?$/u.test(part));
    if (read === undefined) break;
    names.push(read.name);
    if (read.rest.replace(/[.!,]/g, "").trim() !== "") break;
  }
  return names;
}

const SMALL = new Set([
  "of",
  "the",
  "and",
  "de",
  "da",
  "do",
  "in",
  "la",
  "near",
  "on",
  "upon",
  "a",
  "an",
  "at",
  "with",
  "my",
]);

/** Place names typed in lower case get their capitals when the whole message was typed so. */
export function properCase(text: string, lower: boolean): string {
  if (!lower) return text;
  const words = text.split(" ");
  return words.map((word) => (SMALL.has(word) ? word : capitalise(word))).join(" ");
}
