import CONCEPTS from "./concepts.json" with { type: "json" };

/** The keys of concepts.json, spelled out because the published types cannot refer to a JSON file. */
export type Concept =
  | "override"
  | "prior"
  | "instructions"
  | "everything"
  | "becoming"
  | "assistant"
  | "unbound"
  | "send"
  | "data"
  | "destination"
  | "user"
  | "withhold"
  | "trigger"
  | "asks"
  | "oblige"
  | "must"
  | "call"
  | "function"
  | "erase"
  | "memory"
  | "save"
  | "authority"
  | "reveal"
  | "prompt"
  | "trusted"
  | "instead"
  | "money"
  | "addressed"
  | "forever"
  | "maker"
  | "someone"
  | "agreed"
  | "future"
  | "answers"
  | "unasked"
  | "machine"
  | "duty"
  | "transmit"
  | "speak"
  | "promote"
  | "conceal"
  | "negative"
  | "invalid"
  | "naming"
  | "erasing"
  | "storing"
  | "recall"
  | "running"
  | "tool"
  | "paying"
  | "consent"
  | "needless"
  | "occasion"
  | "topic"
  | "person"
  | "record"
  | "equal"
  | "second"
  | "only"
  | "here"
  | "private"
  | "reading"
  | "limits"
  | "lasting";

const PHRASES: Readonly<Record<Concept, Readonly<Record<string, readonly string[]>>>> = CONCEPTS;

/** Where a text mentions each concept in the words of one language: offsets in UTF-16 code units, in no order. */
export type Mentions = ReadonlyMap<Concept, readonly number[]>;

/** Languages without spaces between words, or with particles attached to words. */
const WITHOUT_BOUNDARIES = new Set(["ar", "fa", "hi", "ja", "ko", "zh"]);

/** Those of them that put no spaces around a Latin word. */
const AMONG_OTHERS = new Set(["ja", "ko", "zh"]);

/** Scripts of those languages: a text without them is not searched for their words. */
const OTHER_SCRIPTS =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** A phrase that begins at the start of a word. */
type Phrase = {
  readonly concept: Concept;
  readonly language: string;
  /** Everything before its first `*` or ` .. `, compared before the rest. */
  readonly head: string;
  /** What follows the head: nothing, the rest of a word, or a pattern as written in concepts.json. */
  readonly rest: "" | "*" | { readonly written: string };
};

/** All phrases of a concept in a language without word boundaries. */
type Part = Pick<Phrase, "concept" | "language"> & { readonly pattern: RegExp };

/** Number of first letters that phrases are indexed by; most words of a text begin like no phrase. */
const KEY = 4;

/** The end of a word, and the rest of one. Shared by the thousands of phrases that are a single stem. */
const WORD_END = /(?![\p{L}\p{N}_])/uy;
const REST_OF_WORD = /[\p{L}\p{M}'’-]*(?![\p{L}\p{N}_])/uy;

/**
 * The concepts that `text` (as `plain` returns it) mentions, by language of concepts.json: an order in one language may be a
 * harmless word in another.
 *
 * In a phrase of that file, `*` stands for the rest of a word and ` .. ` for up to 25 characters of one sentence.
 */
export function mentionsIn(text: string): ReadonlyMap<string, Mentions> {
  const found = new Map<string, Map<Concept, number[]>>();
  const add = ({ concept, language }: Pick<Phrase, "concept" | "language">, index: number): void => {
    const mentions = found.get(language) ?? new Map<Concept, number[]>();
    found.set(language, mentions);
    const known = mentions.get(concept);
    if (known === undefined) mentions.set(concept, [index]);
    else if (known.at(-1) !== index) known.push(index);
  };
  const phrases = (byKey ??= keyed());
  for (const { index } of text.matchAll(/(?<![\p{L}\p{N}_])[\p{L}\p{N}]\P{Surrogate}/gu)) {
    for (let length = 1; length <= KEY; length += 1) {
      for (const phrase of phrases.get(text.slice(index, index + length)) ?? []) {
        if (text.startsWith(phrase.head, index) && isAt(text, index, phrase)) add(phrase, index);
      }
    }
  }
  if (OTHER_SCRIPTS.test(text)) {
    for (const { pattern, ...phrase } of (parts ??= withoutBoundaries())) {
      for (const { index } of text.matchAll(pattern)) add(phrase, index);
    }
  }
  return found;
}

let byKey: ReadonlyMap<string, readonly Phrase[]> | undefined;
let parts: readonly Part[] | undefined;
const patterns = new Map<string, RegExp>();

/** Whether `text` has the phrase at `index`, where its head is known to be. */
function isAt(text: string, index: number, { head, rest }: Phrase): boolean {
  const pattern = rest === "" ? WORD_END : rest === "*" ? REST_OF_WORD : patternOf(rest.written);
  pattern.lastIndex = index + head.length;
  return pattern.test(text);
}

function patternOf(written: string): RegExp {
  const known = patterns.get(written) ?? new RegExp(`${source(written)}(?![\\p{L}\\p{N}_])`, "uy");
  patterns.set(written, known);
  return known;
}

function keyed(): Map<string, Phrase[]> {
  const phrases = new Map<string, Phrase[]>();
  for (const { concept, language, written } of allPhrases()) {
    if (isPart(language, written)) continue;
    const end = written.search(/\*| \.\. /);
    const head = end < 0 ? written : written.slice(0, end);
    const after = written.slice(head.length);
    const phrase: Phrase = {
      concept,
      language,
      head,
      rest: after === "" || after === "*" ? after : { written: after },
    };
    const key = head.slice(0, KEY);
    const known = phrases.get(key);
    if (known === undefined) phrases.set(key, [phrase]);
    else known.push(phrase);
  }
  return phrases;
}

function withoutBoundaries(): Part[] {
  const parts: Part[] = [];
  for (const [name, languages] of Object.entries(PHRASES)) {
    for (const [language, phrases] of Object.entries<readonly string[]>(languages)) {
      // Longest first: an alternation takes its first match.
      const alternatives = phrases
        .filter((phrase) => isPart(language, phrase))
        .sort((one, other) => other.length - one.length)
        .map((phrase) => part(phrase.toLowerCase()));
      if (alternatives.length === 0) continue;
      parts.push({ concept: name as Concept, language, pattern: new RegExp(alternatives.join("|"), "gu") });
    }
  }
  return parts;
}

function* allPhrases(): Generator<{ concept: Concept; language: string; written: string }> {
  for (const [name, languages] of Object.entries(PHRASES)) {
    for (const [language, phrases] of Object.entries<readonly string[]>(languages)) {
      for (const phrase of phrases) yield { concept: name as Concept, language, written: phrase.toLowerCase() };
    }
  }
}

function isPart(language: string, phrase: string): boolean {
  return WITHOUT_BOUNDARIES.has(language) && (AMONG_OTHERS.has(language) || OTHER_SCRIPTS.test(phrase));
}

/** The pattern of a phrase in any script; a Latin one must not be part of a longer Latin word. */
function part(phrase: string): string {
  return OTHER_SCRIPTS.test(phrase) ? source(phrase) : `(?<![a-z])${source(phrase)}(?![a-z])`;
}

function source(phrase: string): string {
  return phrase
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(" \\.\\. ", "(?:\\s[^.!?]{0,25}?)?\\s")
    .replaceAll("*", "[\\p{L}\\p{M}'’-]*")
    .replaceAll(" ", "\\s+");
}
