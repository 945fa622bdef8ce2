/**
 * Letters as they are compared, in the index and in queries: one form for all spellings of a word. The index's own tokenizer
 * lower-cases letters and drops Latin accents; all other equivalences are here.
 */

/** Characters that folding may change. Most texts have none. */
const FOREIGN = new RegExp(
  "[^\\0-\\x7F\\u00A0-\\u00A7\\u00A9\\u00AB\\u00AC\\u00AE\\u00B0\\u00B1\\u00B6\\u00B7\\u00BB" +
    "\\u00BF-\\u00C5\\u00C7-\\u00CF\\u00D1-\\u00D7\\u00D9-\\u00DD\\u00E0-\\u00E5\\u00E7-\\u00EF\\u00F1-\\u00F7\\u00F9-\\u00FD\\u00FF" +
    "\\u2010-\\u2027\\u20AC]",
);

/** Invisible characters (soft hyphens, joiners, direction marks, variation selectors), and the sign that stretches Arabic words. */
const UNSEEN =
  /[\u00AD\u034F\u061C\u0640\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFE00-\uFE0F\uFEFF]/g;

/** Vowel signs that Arabic and Hebrew are mostly written without. */
const OPTIONAL_MARKS =
  /[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED]/g;

/** A letter and what it compares as. In Arabic, all forms of alef are equal, those of yeh, and teh marbuta and heh. */
const SAME: ReadonlyMap<string, string> = new Map(
  (
    "ßss ẞss æae Æae œoe Œoe øo Øo łl Łl đd Đd ðd Ðd þth Þth ıi ŋn Ŋn ħh Ħh ςσ ёе Ёе ґг Ґг " +
    "أا إا آا ٱا ىي یي ةه ہه ۀه کك"
  )
    .split(" ")
    .map((pair) => [pair.charAt(0), pair.slice(1)]),
);
const SAME_LETTERS = new RegExp(`[${[...SAME.keys()].join("")}]`, "g");

const GREEK = /[\u0370-\u03FF\u1F00-\u1FFF]+/g;
const ACCENTS = /[\u0300-\u036F]/g;

/** The zeros of scripts with their own digits. The other nine digits follow each zero. */
const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50, 0x0ed0,
  0x0f20, 0x1040, 0x17e0,
];
const OTHER_DIGITS = new RegExp(
  `[${ZEROS.map((zero) => `${String.fromCodePoint(zero)}-${String.fromCodePoint(zero + 9)}`).join("")}]`,
  "g",
);

/** `text` without invisible characters, and with one kind of apostrophe. */
export function visibleLetters(text: string): string {
  return text.replace(UNSEEN, "").replace(/[’‘ʼ＇]/g, "'");
}

/**
 * `text` with letters and digits normalised, without invisible characters, and with "10,000" written as "10000". Case is kept.
 */
export function foldLetters(text: string): string {
  return withoutThousands(FOREIGN.test(text) ? foldForeign(text) : text);
}

/** Most texts have no such number; a simpler pattern checks that in a fifth of the time. */
function withoutThousands(text: string): string {
  return GROUPED.test(text) ? text.replace(THOUSANDS, (number) => number.replaceAll(",", "")) : text;
}

const GROUPED = /\d,\d{3}/;
const THOUSANDS = /(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d|,\d)/g;

function foldForeign(text: string): string {
  return text
    .normalize("NFKC")
    .replace(UNSEEN, "")
    .replace(OPTIONAL_MARKS, "")
    .replace(SAME_LETTERS, (letter) => SAME.get(letter) ?? letter)
    .replace(GREEK, (word) => word.normalize("NFD").replace(ACCENTS, ""))
    .replace(OTHER_DIGITS, digit);
}

function digit(character: string): string {
  const code = character.charCodeAt(0);
  const zero = ZEROS.findLast((it) => it <= code) ?? code;
  return String(code - zero);
}

/** `text` in lower case, without accents. */
export function plainLetters(text: string): string {
  if (ASCII.test(text)) return withoutThousands(text.toLowerCase());
  const folded = foldLetters(text.toLowerCase());
  if (!FOREIGN.test(folded) && !LATIN_ACCENTS.test(folded)) return folded;
  return folded.normalize("NFD").replace(ACCENTS, "").normalize("NFC");
}

const ASCII = /^[\0-\x7F]*$/;
const LATIN_ACCENTS = /[\u00C0-\u00FF]/;

/** The Arabic article, attached to its word, with a particle before it; the rest must have three letters to be a word. */
const ARABIC_ARTICLE = /(?<!\p{L})(?:[وفبك]?ال|لل)(?=[\u0621-\u064A]{3})/gu;

/** `text` without Arabic articles. */
export function withoutArticle(text: string): string {
  return text.includes("ل") ? text.replace(ARABIC_ARTICLE, "") : text;
}
