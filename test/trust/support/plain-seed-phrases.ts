import { validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

const LENGTHS = [24, 21, 18, 15, 12];

/** `seedPhrases` as a rule without short cuts: every word of the text is looked at, and every run of words tried. */
export function plainSeedPhrases(text: string): { readonly from: number; readonly to: number }[] {
  // People write them with numbers, commas and line breaks between the words.
  const words = Array.from(text.matchAll(/\p{L}[\p{L}\p{M}]*/gu), ({ 0: word, index }) => ({ word, index }));
  const runs = shortRuns(words, text);
  if (runs.length === 0) return [];
  const known = new Set(wordlist);
  const found: { from: number; to: number }[] = [];
  for (const run of runs) {
    for (let start = 0; start + 12 <= run.length; start += 1) {
      const length = LENGTHS.find((count) => {
        const part = run.slice(start, start + count).map(({ word }) => word.toLowerCase());
        // Random words hardly ever repeat, but one in sixteen runs of the same few words has a valid checksum.
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

/** Runs of at least twelve words of 3 to 8 letters, with at most a number and some punctuation between them. */
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
