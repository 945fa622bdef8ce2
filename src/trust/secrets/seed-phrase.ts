/** Lengths of a mnemonic, in words, longest first. */
const LENGTHS = [24, 21, 18, 15, 12];
const SHORTEST = 12;

/**
 * Mnemonics of wallets: 12 to 24 words of the standard English list with a valid checksum, so that twelve ordinary words in a row
 * do not match.
 *
 * @source BIP-39, "Mnemonic code for generating deterministic keys"
 */
export async function seedPhrases(text: string): Promise<{ readonly from: number; readonly to: number }[]> {
  const runs = [...likelyParts(text)].flatMap(({ from, to }) => shortRuns(text.slice(from, to), from));
  if (runs.length === 0) return [];
  const { isWord, isValid } = await (list ??= loadList());
  const found: { from: number; to: number }[] = [];
  for (const run of runs.flatMap((all) => partsWhere(all, ({ word }) => isWord(word.toLowerCase())))) {
    for (let start = 0; start + SHORTEST <= run.length; start += 1) {
      const length = LENGTHS.find((count) => {
        const part = run.slice(start, start + count).map(({ word }) => word.toLowerCase());
        // Random words hardly ever repeat, but one in sixteen runs of the same few words has a valid checksum.
        return part.length === count && new Set(part).size * 2 >= count && isValid(part.join(" "));
      });
      const [first, last] = [run[start], run[start + (length ?? 0) - 1]];
      if (length === undefined || first === undefined || last === undefined) continue;
      found.push({ from: first.index, to: last.index + last.word.length });
      start += length - 1;
    }
  }
  return found;
}

type Word = { readonly word: string; readonly index: number };
type WordList = { readonly isWord: (word: string) => boolean; readonly isValid: (phrase: string) => boolean };

let list: Promise<WordList> | undefined;

async function loadList(): Promise<WordList> {
  const [{ validateMnemonic }, { wordlist }] = await Promise.all([
    import("@scure/bip39"),
    import("@scure/bip39/wordlists/english.js"),
  ]);
  const known = new Set(wordlist);
  return { isWord: (word) => known.has(word), isValid: (phrase) => validateMnemonic(phrase, wordlist) };
}

/** Most characters between two words. */
const GAP = 8;

/**
 * Where at least twelve words of 3 to 8 Latin letters follow one another, with two more characters on each side: letters there
 * that are not Latin belong to a longer word. It reads character codes only, because few texts have such a part.
 */
function* likelyParts(text: string): Generator<{ readonly from: number; readonly to: number }, void, void> {
  let [words, letters, from, to] = [0, 0, 0, 0];
  for (let at = 0; at <= text.length; at += 1) {
    if (isLatin(text.charCodeAt(at))) {
      letters += 1;
      continue;
    }
    const fits = letters >= 3 && letters <= 8;
    if (letters > 0) {
      if (!fits || at - letters - to > GAP) {
        if (words >= SHORTEST) yield { from: Math.max(0, from - 2), to: to + 2 };
        words = 0;
      }
      if (fits) {
        if (words === 0) from = at - letters;
        words += 1;
        to = at;
      }
    }
    letters = 0;
  }
  if (words >= SHORTEST) yield { from: Math.max(0, from - 2), to: to + 2 };
}

/** The Kelvin sign, too: its small letter is a k. */
function isLatin(code: number): boolean {
  const small = code | 0x20;
  return (small >= 0x61 && small <= 0x7a) || code === 0x212a;
}

/**
 * Runs of at least twelve words of 3 to 8 letters, with at most a number and some punctuation between them.
 *
 * @param offset Index of `text` in the whole text.
 */
function shortRuns(text: string, offset: number): Word[][] {
  const runs: Word[][] = [];
  let run: Word[] = [];
  let end = 0;
  // People write them with numbers, commas and line breaks between the words.
  for (const { 0: word, index } of text.matchAll(/\p{L}[\p{L}\p{M}]*/gu)) {
    const fits = word.length >= 3 && word.length <= 8;
    const follows = run.length > 0 && /^[\s\d.,;:)("'-]{1,8}$/.test(text.slice(end, index));
    if (!fits || !follows) {
      if (run.length >= SHORTEST) runs.push(run);
      run = [];
    }
    if (fits) run.push({ word, index: offset + index });
    end = index + word.length;
  }
  if (run.length >= SHORTEST) runs.push(run);
  return runs;
}

/** The parts of a run, at least as long as the shortest phrase, all of whose words fit. */
function partsWhere(run: readonly Word[], fits: (word: Word) => boolean): Word[][] {
  const parts: Word[][] = [];
  let part: Word[] = [];
  for (const word of run) {
    if (fits(word)) part.push(word);
    else {
      if (part.length >= SHORTEST) parts.push(part);
      part = [];
    }
  }
  if (part.length >= SHORTEST) parts.push(part);
  return parts;
}
