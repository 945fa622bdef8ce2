import { plainLetters } from "./letters.ts";

/**
 * What tells whether a text says one of `wanted`, each letter for letter where it has a sign in it that means something, word
 * for word otherwise: the punctuation of a phrase may differ. "cat" is not said by "cats", nor "v2.3.1" by "v2.3.10".
 */
export function sayingOf(wanted: readonly string[]): (text: string) => readonly boolean[] {
  const each = wanted.map((it) => {
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

/** A sign that joins the parts of an identifier, or is part of one. In a phrase other signs are punctuation. */
const SIGN = /[\p{L}\p{N}][@_\\/:.\-+]+[\p{L}\p{N}]|[@#+&%$€£=<>~^*|\\/_]|^\.[\p{L}]/u;

const LETTER = /[\p{L}\p{M}\p{N}_]/u;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function standsIn(text: string, wanted: string): boolean {
  if (wanted === "") return false;
  for (let from = text.indexOf(wanted); from !== -1; from = text.indexOf(wanted, from + 1)) {
    if (isFreeBefore(text, from) && isFreeAfter(text, from + wanted.length)) return true;
  }
  return false;
}

/** Whether what begins at `from` is not the rest of a longer word or number. */
function isFreeBefore(text: string, from: number): boolean {
  const [first, before] = [text.charAt(from), text.charAt(from - 1)];
  if (UNSPACED.test(first) || UNSPACED.test(before)) return true;
  if (/[.,]/.test(before) && /\d/.test(first)) return !/\d/.test(text.charAt(from - 2));
  return !LETTER.test(before) || (!LETTER.test(first) && first !== ".");
}

/** Whether what ends before `to` is not the beginning of a longer word or number. */
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
