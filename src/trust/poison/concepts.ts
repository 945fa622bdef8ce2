import CONCEPTS from "./concepts.json" with { type: "json" };

export type Concept = keyof typeof CONCEPTS;

/** Languages whose words are not set apart by spaces, or whose particles are written onto the word. */
const WITHOUT_BOUNDARIES = new Set(["ar", "fa", "hi", "ja", "ko", "zh"]);

/** Scripts of those languages: a text without them is not searched for their words. */
const OTHER_SCRIPTS =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

type Patterns = { readonly words: RegExp; readonly parts: RegExp };
const patterns = new Map<Concept, Patterns>();

/**
 * Where `text` (as `plain` returns it) speaks of `concept`, in any of the languages of concepts.json.
 *
 * In a phrase of that file, `*` stands for the rest of a word and ` .. ` for up to 25 characters of one sentence.
 *
 * @returns offsets in UTF-16 code units.
 */
export function mentions(text: string, concept: Concept): number[] {
  let known = patterns.get(concept);
  if (known === undefined) {
    known = compile(CONCEPTS[concept]);
    patterns.set(concept, known);
  }
  const found = Array.from(text.matchAll(known.words), ({ index }) => index);
  if (OTHER_SCRIPTS.test(text)) for (const { index } of text.matchAll(known.parts)) found.push(index);
  return found;
}

function compile(phrases: Readonly<Record<string, readonly string[]>>): Patterns {
  const words = new Set<string>();
  const parts = new Set<string>();
  for (const [language, list] of Object.entries(phrases)) {
    for (const phrase of list) {
      const lower = phrase.toLowerCase();
      const isPart = WITHOUT_BOUNDARIES.has(language) && OTHER_SCRIPTS.test(lower);
      (isPart ? parts : words).add(lower);
    }
  }
  return {
    words: new RegExp(`(?<![\\p{L}\\p{N}_])(?:${alternatives(words)})(?![\\p{L}\\p{N}_])`, "gu"),
    parts: new RegExp(alternatives(parts), "gu"),
  };
}

/** One pattern for many phrases, grouped by their first letters, so that a text is not tried against each of them. */
function alternatives(phrases: ReadonlySet<string>): string {
  const groups = groupedBy(phrases, (phrase) => phrase.slice(0, 2));
  return Array.from(groups, ([start, group]) => {
    // The longest first: an alternation takes the first that fits.
    const rests = group.map((phrase) => source(phrase.slice(2))).sort((a, b) => b.length - a.length);
    return `${source(start)}(?:${rests.join("|")})`;
  }).join("|");
}

function source(phrase: string): string {
  return phrase
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(" \\.\\. ", "(?:\\s[^.!?]{0,25}?)?\\s")
    .replaceAll("*", "[\\p{L}\\p{M}'’-]*")
    .replaceAll(" ", "\\s+");
}

/** `Map.groupBy`, which Node 20 lacks. */
function groupedBy(phrases: ReadonlySet<string>, key: (phrase: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const phrase of phrases) {
    const group = groups.get(key(phrase));
    if (group === undefined) groups.set(key(phrase), [phrase]);
    else group.push(phrase);
  }
  return groups;
}
