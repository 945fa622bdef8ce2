/** Most characters of a text that the rules read. */
const MAX_TEXT = 20_000;

/** The end of a sentence: after its punctuation, unless that ends an abbreviation, or a line break. */
const SENTENCE_END =
  /(?<=[.!?…]["'”’»)\]]{0,3})(?<!(?:^|\s)(?:mr|mrs|ms|dr|st|prof|e\.g|i\.e|etc|vs|jr|sr|\p{L})\.)\s+|(?<=[。！？؟۔।]["”』」’）]{0,2})(?!["”』」’）])|\n+/iu;

/** The sentences of a text, verbatim, with their punctuation. */
export function sentences(text: string): string[] {
  const parts = text.slice(0, MAX_TEXT).split(SENTENCE_END);
  return parts.flatMap((part) => (/[\p{L}\p{N}]/u.test(part) ? [part.trim()] : [])).slice(0, 400);
}

/** A word in the form used for comparison: lower case, no accents; in Arabic, no article and no possessive endings. */
export function fold(word: string): string {
  // The common case, and much faster.
  if (/^[a-z]+$/.test(word)) return word;
  const plain = word
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640]/g, "")
    .normalize("NFC")
    .replaceAll("ß", "ss");
  if (!/[\u0600-\u06ff]/.test(plain))
    return plain.replace(/['’]s$|['’]$/, "").replace(/^(?:[ldjmtscn]|qu)['’](?=.{2})/, "");
  return plain
    .replace(/[أإآ]/g, "ا")
    .replaceAll("ى", "ي")
    .replaceAll("ة", "ت")
    .replace(/^(?:و?(?:ال|بال|لل))(?=..)/, "")
    .replace(/(?<=..)(?:ها|نا|ي|ه|ك)$/, "");
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u;
let segmenter: Intl.Segmenter | undefined;

/** A word with digits or underscores that names one thing: `831ce5a1-3f2b`, `BX-4411`, `boiler_room`. */
const NAMED =
  "(?<![\\w-])(?!\\d+[a-z]{1,3}(?![\\w-]))(?:[\\w-]*(?:\\d[a-z]|[a-z]\\d)[\\w-]*|[a-z]{2,}-\\d{2,}|\\w+_\\w+)(?![\\p{L}\\p{N}-])";
const WORD = new RegExp(`${NAMED}|[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}]|['’.@](?=[\\p{L}\\p{N}]))*`, "giu");
const IDENTIFIER = new RegExp(`^(?=.{4})${NAMED}$`, "iu");

export function isIdentifier(word: string): boolean {
  return IDENTIFIER.test(word);
}

/** The words of a text, verbatim. A dictionary splits texts without spaces. */
export function words(text: string): string[] {
  const bounded = text.slice(0, MAX_TEXT);
  const found = bounded.match(WORD) ?? [];
  if (!UNSPACED.test(bounded)) return found;
  segmenter ??= new Intl.Segmenter("zh", { granularity: "word" });
  const cutter = segmenter;
  return found.flatMap((word) => {
    if (!UNSPACED.test(word)) return [word];
    return [...cutter.segment(word)].filter((part) => part.isWordLike).map((part) => part.segment);
  });
}

/** Roughly removes plural and tense endings: enough to recognize two forms of one word. */
function stem(word: string): string {
  const [, root = word] = /^([^\d]{3,}?)(?:ies|es|s|ing|ed|er|e|y)$/.exec(word) ?? [];
  return root.replace(/([bdgklmnprt])\1$/, "$1");
}

/** Whether two folded words are forms of the same word. */
export function alike(a: string, b: string): boolean {
  if (a === b) return true;
  if (UNSPACED.test(a) && UNSPACED.test(b)) return Math.min(a.length, b.length) > 1 && (a.includes(b) || b.includes(a));
  if (stem(a) === stem(b)) return true;
  const shorter = Math.min(a.length, b.length);
  if (shorter < 5 || /\d/.test(a + b)) return false;
  let shared = 0;
  while (shared < shorter && a[shared] === b[shared]) shared += 1;
  return shared >= Math.max(4, 0.75 * Math.max(a.length, b.length)) || isSlip(a, b, shared);
}

/** Whether one letter is wrong, missing, added or swapped with the next. `start`: number of equal letters at the beginning. */
function isSlip(a: string, b: string, start: number): boolean {
  const [restA, restB] = [a.slice(start), b.slice(start)];
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true;
  return restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0];
}

/** At most `length` characters of `text` on one line, cut between words if possible. */
export function cut(text: string, length: number): string {
  const line = text
    .slice(0, length * 4)
    .replace(/\s+/g, " ")
    .trim();
  if (line.length <= length) return line;
  const head = line.slice(0, length - 1);
  const space = head.lastIndexOf(" ");
  return `${(space > length / 2 ? head.slice(0, space) : head).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** `text` in double quotes, on one line. */
export function quote(text: string, length = 300): string {
  return `"${cut(text, length).replaceAll('"', "'")}"`;
}

/** Adds a full stop to a sentence that has no final punctuation. */
export function closed(sentence: string): string {
  return /[.!?…。！？][”"]?$/.test(sentence) ? sentence : `${sentence}.`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
