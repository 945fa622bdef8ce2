import type { Past } from "./dates.ts";
import { alike, fold, isIdentifier, words } from "./text.ts";
import { ATTRIBUTES, RELATED, RELATIVES, STOP_WORDS, WEAK_WORDS } from "./words.ts";

/** A word of a question, folded, as it was written, and what else answers it. */
type Term = { readonly word: string; readonly raw: string; readonly also: ReadonlySet<string> };

/**
 * What a question is about. `weak` words, such as "name", say what is asked of it. `isOwn`: it asks for an attribute of the
 * person, of which those of others say nothing; `isOwnName`: for their name.
 */
export type Topic = {
  readonly strong: readonly Term[];
  readonly weak: readonly Term[];
  readonly isOwn: boolean;
  readonly isOwnName: boolean;
};

/** How well a text answers: every strong word of the question is in it, or some, or none. */
export type Fit = "sure" | "near" | "none";

const NOTHING: ReadonlySet<string> = new Set();
const MAX_TERMS = 12;
const OWN_NAME =
  /^(?:first |full )?name: |\bmy (?:first |full )?name\b|\bheiße\b|\bmein name\b|\bme llamo\b|\bmi nombre\b|\bje m['’]appelle\b|\bmon (?:pré)?nom\b|我的名字|我叫|اسمي/iu;

export function topicOf(question: string, past: Past | undefined): Topic {
  const terms = new Map<string, Term>();
  for (const raw of words(past === undefined ? question : question.replace(past.said, " "))) {
    const word = fold(raw);
    if (STOP_WORDS.has(word) || (word.length < 2 && !/[\p{N}\p{Lo}]/u.test(word)) || terms.size >= MAX_TERMS) continue;
    terms.set(word, { word, raw, also: RELATED.get(word) ?? NOTHING });
  }
  const all = [...terms.values()];
  // An identifier is the topic, whatever is said around it.
  const named = all.filter(({ raw }) => isIdentifier(raw));
  const own = named.length > 0 ? named : all.filter(({ word }) => !WEAK_WORDS.has(word));
  const isOwn = all.length > 0 && all.every(({ word }) => ATTRIBUTES.has(word) || WEAK_WORDS.has(word));
  const isOwnName = own.length === 0 && all.some(({ also }) => also.has("name"));
  return own.length === 0
    ? { strong: all, weak: [], isOwn, isOwnName }
    : { strong: own, weak: all.filter((term) => !own.includes(term)), isOwn, isOwnName };
}

export function fit(topic: Topic, text: string): Fit {
  if (topic.isOwnName) return OWN_NAME.test(text) ? "sure" : "none";
  const held = words(text).map(fold);
  const met = topic.strong.filter((term) => meets(term, held)).length;
  if (met === 0) return "none";
  const isOfOthers = topic.isOwn && held.some((word) => RELATIVES.has(word));
  return met === topic.strong.length && !isOfOthers ? "sure" : "near";
}

/** How many words of the question a text has, the strong ones counted double. */
export function overlap({ strong, weak }: Topic, text: string): number {
  const held = words(text).map(fold);
  return 2 * strong.filter((term) => meets(term, held)).length + weak.filter((term) => meets(term, held)).length;
}

/** Whether the weak words are answered, too. */
export function isWhole({ weak }: Topic, text: string): boolean {
  const held = words(text).map(fold);
  return weak.every((term) => meets(term, held));
}

function meets({ word, also }: Term, held: readonly string[]): boolean {
  return held.some((other) => also.has(other) || alike(word, other));
}

/** The words to search for, as they were written; an identifier must match exactly. */
export function queryOf({ strong, weak }: Topic): string {
  const [first] = strong;
  if (first !== undefined && isIdentifier(first.raw)) return `"${first.raw}"`;
  return [...strong, ...weak].map(({ raw }) => raw).join(" ");
}

/** Other words for the topic, to search for where its own find nothing. */
export function otherWords({ strong }: Topic): string {
  return [...new Set(strong.flatMap(({ also }) => [...also]))].slice(0, 24).join(" ");
}

/** Names and identifiers in a text: what a further search may be for. */
export function referencesIn(text: string): string[] {
  const names = [...text.matchAll(/(?<=[\p{L},] )\p{Lu}[\p{L}\p{M}'-]{2,}/gu)].map(([name]) => name.replace(/'s$/, ""));
  return [...words(text).filter(isIdentifier), ...names];
}
