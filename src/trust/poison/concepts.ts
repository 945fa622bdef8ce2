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
  | "forever";

const PHRASES: Readonly<Record<Concept, Readonly<Record<string, readonly string[]>>>> = CONCEPTS;

/** Where a text speaks of what. Offsets are in UTF-16 code units. */
export type Mentions = ReadonlyMap<Concept, readonly number[]>;

/** Languages whose words are not set apart by spaces, or whose particles are written onto the word. */
const WITHOUT_BOUNDARIES = new Set(["ar", "fa", "hi", "ja", "ko", "zh"]);

/** Scripts of those languages: a text without them is not searched for their words. */
const OTHER_SCRIPTS =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** What one concept's phrases that begin alike look like, to be tried where a word begins. */
type Candidate = { readonly concept: Concept; readonly pattern: RegExp };

type Patterns = {
  /** By the first letters of a word. */
  readonly words: ReadonlyMap<string, readonly Candidate[]>;
  readonly parts: readonly Candidate[];
};

const PREFIX = 2;
let compiled: Patterns | undefined;

/**
 * All that `text` (as `plain` returns it) speaks of, in any of the languages of concepts.json. One pass over its words: most
 * begin as no phrase does.
 *
 * In a phrase of that file, `*` stands for the rest of a word and ` .. ` for up to 25 characters of one sentence.
 */
export function mentionsIn(text: string): Mentions {
  compiled ??= compile();
  const found = new Map<Concept, number[]>();
  const add = (concept: Concept, index: number): void => {
    const known = found.get(concept);
    if (known === undefined) found.set(concept, [index]);
    else known.push(index);
  };
  for (const { 0: start, index } of text.matchAll(/(?<![\p{L}\p{N}_])[\p{L}\p{N}]\P{Surrogate}/gu)) {
    for (const { concept, pattern } of compiled.words.get(start) ?? []) {
      pattern.lastIndex = index;
      if (pattern.test(text)) add(concept, index);
    }
  }
  if (!OTHER_SCRIPTS.test(text)) return found;
  for (const { concept, pattern } of compiled.parts) {
    for (const { index } of text.matchAll(pattern)) add(concept, index);
  }
  return found;
}

function compile(): Patterns {
  const words = new Map<string, Candidate[]>();
  const parts: Candidate[] = [];
  for (const [name, languages] of Object.entries(PHRASES)) {
    const concept = name as Concept;
    const byStart = new Map<string, Set<string>>();
    const anywhere = new Set<string>();
    for (const [language, phrases] of Object.entries<readonly string[]>(languages)) {
      for (const phrase of phrases.map((written) => written.toLowerCase())) {
        if (WITHOUT_BOUNDARIES.has(language) && OTHER_SCRIPTS.test(phrase)) anywhere.add(phrase);
        else setFor(byStart, phrase.slice(0, PREFIX)).add(phrase);
      }
    }
    for (const [start, phrases] of byStart) {
      const pattern = new RegExp(`(?:${alternatives(phrases)})(?![\\p{L}\\p{N}_])`, "uy");
      words.set(start, [...(words.get(start) ?? []), { concept, pattern }]);
    }
    parts.push({ concept, pattern: new RegExp(alternatives(anywhere), "gu") });
  }
  return { words, parts };
}

/** The longest first: an alternation takes the first that fits. */
function alternatives(phrases: ReadonlySet<string>): string {
  return [...phrases]
    .sort((a, b) => b.length - a.length)
    .map(source)
    .join("|");
}

function source(phrase: string): string {
  return phrase
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(" \\.\\. ", "(?:\\s[^.!?]{0,25}?)?\\s")
    .replaceAll("*", "[\\p{L}\\p{M}'’-]*")
    .replaceAll(" ", "\\s+");
}

function setFor(sets: Map<string, Set<string>>, key: string): Set<string> {
  const known = sets.get(key) ?? new Set<string>();
  sets.set(key, known);
  return known;
}
