import { plainLetters } from "./letters.ts";

/** Whether `text` says every one of `required`: letter for letter where one has a sign in it, word for word otherwise. */
export function saysExactly(text: string, required: readonly string[]): boolean {
  const [letters, words] = [folded(text), wordsOf(text)];
  return required.every((it) => letters.includes(folded(it)) || (!SIGN.test(it) && words.includes(wordsOf(it))));
}

/** What joins the parts of an identifier. In a phrase, signs are punctuation and may differ. */
const SIGN = /[\p{L}\p{N}][@_\\/:.\-+]+[\p{L}\p{N}]/u;

function folded(text: string): string {
  return plainLetters(text).replace(/\s+/gu, " ");
}

/** The words, with a space before and after each. */
function wordsOf(text: string): string {
  return ` ${
    folded(text)
      .match(/[\p{L}\p{M}\p{N}\p{Extended_Pictographic}]+/gu)
      ?.join(" ") ?? ""
  } `;
}
