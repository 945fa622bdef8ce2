import { plainLetters } from "./letters.ts";

/**
 * Returns a function that tells which of `phrases` a text says. A phrase with a significant sign must match letter for letter,
 * others word for word: their punctuation may differ. "cats" does not say "cat", nor "v2.3.10" "v2.3.1".
 */
export function sayingOf(phrases: readonly string[]): (text: string) => readonly boolean[] {
  const each = phrases.map((it) => {
    const letters = folded(it);
    return { letters, words: SIGN.test(letters) ? undefined : wordsOf(letters) };
  });
  return (text) => {
    const letters = folded(text);
    let all: string | undefined;
    return each.map((it) => {
      if (standsIn(letters, it.letters)) return true;
      if (it.words === undefined || it.words.trim() === "") return false;
      all ??= wordsOf(letters);
      return all.includes(it.words);
    });
  };
}

/** A sign in an identifier or between its parts. All other signs are punctuation. */
const SIGN = /[\p{L}\p{N}][@_\\/:.\-+]+[\p{L}\p{N}]|[@#+&%$€£=<>~^*|\\/_]|^\.[\p{L}]/u;

const LETTER = /[\p{L}\p{M}\p{N}_]/u;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function standsIn(text: string, phrase: string): boolean {
  if (phrase === "") return false;
  for (let from = text.indexOf(phrase); from !== -1; from = text.indexOf(phrase, from + 1)) {
    if (isFreeBefore(text, from) && isFreeAfter(text, from + phrase.length)) return true;
  }
  return false;
}

/** Whether a word or number begins at `from`, rather than before it. */
function isFreeBefore(text: string, from: number): boolean {
  const [first, before] = [text.charAt(from), text.charAt(from - 1)];
  if (UNSPACED.test(first) || UNSPACED.test(before)) return true;
  if (/[.,]/.test(before) && /\d/.test(first)) return !/\d/.test(text.charAt(from - 2));
  return !LETTER.test(before) || (!LETTER.test(first) && first !== ".");
}

/** Whether a word or number ends before `to`, rather than after it. */
function isFreeAfter(text: string, to: number): boolean {
  const [last, after] = [text.charAt(to - 1), text.charAt(to)];
  if (UNSPACED.test(last) || UNSPACED.test(after)) return true;
  if (/[.,]/.test(after) && /\d/.test(last)) return !/\d/.test(text.charAt(to + 1));
  return LETTER.test(last) ? !LETTER.test(after) : after !== last || !/[+#]/.test(last);
}

function folded(text: string): string {
  const plain = plainLetters(text);
  return /[^\S ]|  /.test(plain) ? plain.replace(/\s+/gu, " ") : plain;
}

/** The words, with a space before and after each. */
function wordsOf(text: string): string {
  return ` ${text.match(/[\p{L}\p{M}\p{N}\p{Extended_Pictographic}]+/gu)?.join(" ") ?? ""} `;
}
