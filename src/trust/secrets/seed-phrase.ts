/** Lengths of a mnemonic, in words. */
const LENGTHS = [24, 21, 18, 15, 12];

/**
 * Mnemonics of wallets: 12 to 24 words of one of the standard lists whose checksum is right, so that twelve ordinary words in a
 * row are not taken for one.
 *
 * @source BIP-39, "Mnemonic code for generating deterministic keys"
 */
export async function seedPhrases(text: string): Promise<{ readonly from: number; readonly to: number }[]> {
  // Numbers, commas and line breaks between the words are how people keep them.
  const words = Array.from(text.matchAll(/\p{L}[\p{L}\p{M}]*/gu), ({ 0: word, index }) => ({ word, index }));
  const runs = shortRuns(words, text);
  if (runs.length === 0) return [];
  const [{ validateMnemonic }, { wordlist }] = await Promise.all([
    import("@scure/bip39"),
    import("@scure/bip39/wordlists/english.js"),
  ]);
  const known = new Set(wordlist);
  const found: { from: number; to: number }[] = [];
  for (const run of runs) {
    for (let start = 0; start + 12 <= run.length; start += 1) {
      const length = LENGTHS.find((count) => {
        const part = run.slice(start, start + count).map(({ word }) => word.toLowerCase());
        // Chance hardly ever draws a word twice, and every sixteenth run of the same few words has a right checksum.
        const isVaried = new Set(part).size * 2 >= count;
        const isPossible = part.length === count && isVaried && part.every((word) => known.has(word));
        return isPossible && validateMnemonic(part.join(" "), wordlist);
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

/** Runs of at least twelve words of 3 to 8 letters with no more than a number and some punctuation between them. */
function shortRuns(words: readonly Word[], text: string): Word[][] {
  const runs: Word[][] = [];
  let run: Word[] = [];
  let end = 0;
  for (const item of words) {
    const fits = item.word.length >= 3 && item.word.length <= 8;
    const follows = run.length > 0 && /^[\s\d.,;:)("'-]{1,8}$/.test(text.slice(end, item.index));
    if (!fits || !follows) {
      if (run.length >= 12) runs.push(run);
      run = [];
    }
    if (fits) run.push(item);
    end = item.index + item.word.length;
  }
  if (run.length >= 12) runs.push(run);
  return runs;
}
