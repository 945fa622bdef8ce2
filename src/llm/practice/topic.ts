import { alike, fold, isIdentifier, words } from "./text.ts";
import { ATTRIBUTES, commonAmong, RELATED, RELATIVES } from "./words.ts";

/** A word of a question: folded, as written, and the words that also answer it. */
type Term = { readonly word: string; readonly raw: string; readonly also: ReadonlySet<string> | undefined };

/**
 * What a question is about. `weak` words, such as "name", say what is asked about it. `isOwn`: it asks for an attribute of the
 * person, so that those of others do not answer it; `isOwnName`: for their name.
 */
export type Topic = {
  readonly strong: readonly Term[];
  readonly weak: readonly Term[];
  readonly isOwn: boolean;
  readonly isOwnName: boolean;
};

/** How well a text answers: `isSure` has every strong word of the question, `isNear` some, `isWhole` all weak ones. */
export type Fit = {
  readonly isSure: boolean;
  readonly isNear: boolean;
  readonly isWhole: boolean;
  readonly score: number;
};

const MAX_TERMS = 12;
const OWN_NAME =
  /^(?:first |full )?name: |\bmy (?:first |full )?name\b|\bheiße\b|\bmein name\b|\bme llamo\b|\bmi nombre\b|\bje m['’]appelle\b|\bmon (?:pré)?nom\b|我的名字|我叫|اسمي/iu;
/** Words before one such as "doctor" that make it the person's own role, not a relation. */
const SELF = /\b(?:(?:am|i'm|as) an?|als|bin)$/;

export function topicOf(question: string): Topic {
  const { terms, common } = read(question);
  const all = [...new Map(terms.map((term) => [term.word, term])).values()].slice(0, MAX_TERMS);
  // An identifier is the topic, whatever words surround it.
  const named = all.filter(({ raw }) => isIdentifier(raw));
  const own = named.length > 0 ? named : all.filter(({ word }) => !common.weak.has(word));
  const strong = own.length > 0 ? own : all;
  return {
    strong,
    weak: all.filter((term) => !strong.includes(term)),
    isOwn: all.length > 0 && all.every(({ word }) => ATTRIBUTES.has(word) || common.weak.has(word)),
    isOwnName: own.length === 0 && all.some(({ also }) => also?.has("name")),
  };
}

/** Whether a text has a word that could be a topic. */
export function hasSubstance(text: string): boolean {
  const { terms, common } = read(text);
  return terms.some(({ word }) => !common.weak.has(word));
}

/** The terms of a text, without the stop words of its language. */
function read(text: string): { terms: Term[]; common: ReturnType<typeof commonAmong> } {
  const all = words(text).map((raw) => ({ raw, word: fold(raw) }));
  const common = commonAmong(all.map(({ word }) => word));
  const counted = all.filter(({ word }) => !common.stop.has(word) && /..|[\p{N}\p{Lo}]/u.test(word));
  return { terms: counted.map((term) => ({ ...term, also: RELATED.get(term.word) })), common };
}

export function fit({ strong, weak, isOwn, isOwnName }: Topic, text: string): Fit {
  const held = words(text).map(fold);
  const has = ({ word, also }: Term): boolean => held.some((other) => also?.has(other) === true || alike(word, other));
  const [met, metWeak] = [strong.filter(has).length, weak.filter(has).length];
  const isOfOthers = isOwn && held.some((word, at) => RELATIVES.has(word) && !SELF.test(held.slice(0, at).join(" ")));
  const isAll = isOwnName ? OWN_NAME.test(text) : met > 0 && met === strong.length && !isOfOthers;
  return { isSure: isAll, isNear: met > 0, isWhole: metWeak === weak.length, score: 2 * met + metWeak };
}

/** The query for a topic, as it was written. An identifier is quoted, so that it matches exactly. */
export function queryOf({ strong, weak }: Topic): string {
  const [first] = strong;
  if (first !== undefined && isIdentifier(first.raw)) return `"${first.raw}"`;
  return [...strong, ...weak].map(({ raw }) => raw).join(" ");
}

/** Names and identifiers in a text, for a further search. */
export function referencesIn(text: string): string[] {
  const names = [...text.matchAll(/(?<=[\p{L},] )\p{Lu}[\p{L}\p{M}'-]{2,}/gu)].map(([name]) => name.replace(/'s$/, ""));
  return [...words(text).filter(isIdentifier), ...names];
}
