import WORDS from "./related-words.json" with { type: "json" };

/**
 * A small thesaurus of everyday English, for searching what people said about their lives: a question asks for pets, and the
 * answer says "my puppy". It was written by hand from general knowledge of English, and not fitted to any texts or benchmark.
 *
 * In related-words.json, one line is one concept. Before the mark are its names: synonyms, and forms that a stemmer does not fold
 * together (`buy bought`). After it are words that an answer may use instead: synonyms, or kinds of it. With `:`, names and words
 * stand for one another; with `>`, only the words stand for the names, which are too common or too general to search for. The
 * words of a line do not stand for one another. Left out on purpose: words in every second message, and words that the Porter
 * stemmer confuses with such a word ("ate" becomes "at").
 */
const LINES: readonly string[] = Object.values<readonly string[]>(WORDS).flat();

const NONE: readonly string[] = [];
let index: ReadonlyMap<string, readonly string[]> | undefined;

/**
 * Words that may stand for `word` in an answer, in lower case, with one inflection of each; may be empty. All inflections of
 * `word` get the same array. The first call builds the index.
 */
export function relatedTo(word: string): readonly string[] {
  index ??= buildIndex();
  return index.get(stem(word)) ?? NONE;
}

function buildIndex(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Map<string, string>>();
  const relate = (from: string, to: string) => {
    const [key, other] = [stem(from), stem(to)];
    const words = found.get(key) ?? new Map<string, string>();
    if (other !== key && !words.has(other)) words.set(other, to);
    found.set(key, words);
  };
  for (const line of LINES) {
    const [, before, mark, after] = /^([a-z ]+?) ?([:>]) (.+)$/.exec(line) ?? [];
    if (before === undefined || after === undefined) continue;
    const names = before.split(" ");
    for (const name of names) {
      for (const other of [...names, ...after.split(" ")]) relate(name, other);
      if (mark === ":") for (const word of after.split(" ")) relate(word, name);
    }
  }
  return new Map([...found].map(([key, words]) => [key, [...words.values()]]));
}

/** One syllable with one final consonant. After it, a final `e` is kept, so that `care` differs from `car`, and `wine` from `win`. */
const SHORT = /^[^aeiou]*[aeiouy][^aeiouwxy]$/;

/**
 * Folds only plurals and the endings `-ed` and `-ing`: unlike Porter's stemmer, it distinguishes `animal` from `anime`. The result
 * is a key, not always a word.
 */
function stem(word: string): string {
  let key = word.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  key = key.replace(/['’]s?$/u, "");
  if (key.length > 4) key = key.replace(/ie[sd]$/, "y");
  if (key.length > 3) key = key.replace(/([^sui])s$/, "$1").replace(/ied$/, "ie");
  const bare = key.replace(/(?<!e)ed$|ing$/, "");
  if (bare !== key && bare.length > 1 && /[aeiouy]/.test(bare)) {
    key = bare.replace(/([^aeiouylsz])\1$/, "$1");
    if (key === bare && SHORT.test(key)) key += "e";
  }
  if (key.length > 3 && key.endsWith("e") && !SHORT.test(key.slice(0, -1))) key = key.slice(0, -1);
  return key.replace(/([lz])\1$/, "$1").replace(/([^aeiou])y$/, "$1i");
}
