import { stemmer } from "stemmer";
import { foldLetters, withoutArticle } from "./letters.ts";

/** A longer word is cut: nobody searches for its end. In UTF-16 units. */
const LONGEST_TERM = 64;

/**
 * The index terms of `text`, in order: its words in lower case, with letters normalised, without accents and without English
 * endings. Stored texts and queries are analysed alike, and every index stores these terms. Any change needs a migration that
 * reindexes all texts.
 */
export function termsIn(text: string): string[] {
  const segmented = segment(text).toLowerCase();
  if (ASCII.test(segmented)) return (segmented.match(/[a-z0-9]+/g) ?? []).map(stemOf);
  return (withoutAccents(segmented).match(/[\p{L}\p{N}\p{Co}]+/gu) ?? []).map(stemOf);
}

const ASCII = /^[\0-\x7F]*$/;

/** Removes accents from Latin and Greek, where writers often omit them. In Cyrillic they make another letter ("й"). */
function withoutAccents(text: string): string {
  return text
    .normalize("NFD")
    .replace(/([\p{Script=Latin}\p{Script=Greek}])[\u0300-\u036F]+/gu, "$1")
    .normalize("NFC")
    .replace(/[\u0300-\u036F]/g, "");
}

/** A cache: a lookup takes a tenth of the time of stemming. */
const stems = new Map<string, string>();
const MOST_STEMS = 50_000;

function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = word.length <= LONGEST_TERM ? stemmer(word) : word.slice(0, LONGEST_TERM);
  if (stems.size >= MOST_STEMS) stems.clear();
  stems.set(word, stem);
  return stem;
}

/** Scripts written without spaces between words. */
export const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/**
 * `text` with its words separated: letters normalised, emoji spelled out, vowel marks turned into letters, and every character of
 * a script without word spaces set apart, so that any part of a Chinese, Japanese, Korean or Thai sentence is found.
 */
function segment(text: string): string {
  const folded = withoutArticle(foldLetters(text));
  if (PLAIN.test(folded)) return folded;
  return folded
    .replace(PICTURES, (picture) => ` picture${picture.codePointAt(0)?.toString(16) ?? ""} `)
    .replace(UNSPACED, " $& ")
    .replace(VOWEL_MARKS, (mark) => String.fromCharCode(FIRST_PRIVATE + mark.charCodeAt(0) - FIRST_MARK));
}

const PLAIN = /^[\x20-\x7E\s\u00A0-\u00A8\u00AA-\u00AD\u00AF-\u02AF]*$/;
const PICTURES = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/gu;

/** Marks from the Indic scripts on; those of Latin, Greek and Cyrillic are accents. */
const VOWEL_MARKS = /(?=[\u0900-\u1CFF])\p{M}/gu;
const FIRST_MARK = 0x0900;
const FIRST_PRIVATE = 0xe000;
