/** What can be told of a line by its words alone: whether it looks like an answer, and to what kind of question. */
export type Traits = {
  /** 1 if its last whole sentence is a question. */
  readonly asks: number;
  /** 1 if there is a question in it. */
  readonly hasQuestion: number;
  /** Logarithm of its length in words; 0 for a line of usual length. */
  readonly length: number;
  /** Up to 2 words that say when. */
  readonly times: number;
  /** 1 if it names a number. */
  readonly hasNumber: number;
  /** 1 if something is in quotation marks, as titles are. */
  readonly hasTitle: number;
  /** Up to 3 names, as far as capitals inside of sentences tell. */
  readonly names: number;
  /**
   * What it says, to tell whether another line says the same: its words, whatever their case and what stands between them.
   * Lines that differ in a word differ in what they say: "fried" is not "grilled".
   */
  readonly gist: string;
};

const USUAL_LENGTH = 2.8;

/** The last whole sentence ends in a question mark. */
const ASKS = /\?[^.!?]*$/;
const TITLE = /["“][^"”]{2,}["”]/;

const ASCII = /^[\0-\x7F]*$/;
/** A word, and a capital in the middle of a sentence with what stands before it. Patterns of all letters take five times as long. */
const ANY = { word: /[\p{L}\p{N}']+/gu, name: /[\p{Ll},;:'"] ["“]?\p{Lu}[\p{L}']+/gu };
const ENGLISH = { word: /[a-z0-9']+/g, name: /[a-z,;:'"] "?[A-Z][A-Za-z']+/g };
const MYSELF = /["“ ]I(?:'|$)/;

const MONTHS_AND_DAYS =
  "january february march april may june july august september october november december monday tuesday wednesday " +
  "thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays";
const TIMES: ReadonlySet<string> = new Set(
  `yesterday today tomorrow tonight ago recently since week weekend year years ${MONTHS_AND_DAYS}`.split(" "),
);
/** What comes after "last", "this" or "next". */
const WHICH: ReadonlySet<string> = new Set(["last", "this", "next"]);
const SPANS: ReadonlySet<string> = new Set("night month morning summer winter spring fall autumn".split(" "));
const NUMBERS: ReadonlySet<string> = new Set(
  "one two three four five six seven eight nine ten couple few several".split(" "),
);

/** Lines that are found once are often found again. */
const remembered = new Map<string, Traits>();
const MOST_REMEMBERED = 10_000;
/** Characters that are read closely. */
const LONGEST = 2000;

export function traitsOf(text: string): Traits {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const { gist, ...beginning } = read(text.slice(0, LONGEST));
  const traits = { ...beginning, gist: gist + text.slice(LONGEST) };
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  if (text.length <= LONGEST) remembered.set(text, traits);
  return traits;
}

function read(text: string): Traits {
  const { word: wordPattern, name } = ASCII.test(text) ? ENGLISH : ANY;
  const words = text.toLowerCase().match(wordPattern) ?? [];
  let times = 0;
  let hasNumber = 0;
  let before = "";
  for (const word of words) {
    if (TIMES.has(word) || isYear(word) || (SPANS.has(word) && WHICH.has(before))) times += 1;
    if (isDigit(word) || NUMBERS.has(word)) hasNumber = 1;
    before = word;
  }
  const asks = text.includes("?");
  const names = text.match(name) ?? [];
  return {
    asks: asks && ASKS.test(text) ? 1 : 0,
    hasQuestion: asks ? 1 : 0,
    length: Math.log(2 + words.length) - USUAL_LENGTH,
    times: Math.min(2, times),
    hasNumber,
    hasTitle: TITLE.test(text) ? 1 : 0,
    names: Math.min(3, names.filter((it) => !MYSELF.test(it)).length),
    gist: words.length === 0 ? text.trim() : words.join(" "),
  };
}

function isYear(word: string): boolean {
  return word.length === 4 && (word.startsWith("19") || word.startsWith("20")) && /\d\d$/.test(word);
}

function isDigit(word: string): boolean {
  const code = word.charCodeAt(0);
  return code >= 48 && code <= 57;
}

/** What kind of answer a question wants; each is 0 or 1. */
export type Wanted = {
  readonly when: number;
  readonly howMany: number;
  readonly where: number;
  readonly who: number;
  readonly title: number;
};

export function wantedBy(question: string): Wanted {
  const text = question.toLowerCase();
  const is = (pattern: RegExp): number => (pattern.test(text) ? 1 : 0);
  return {
    when: is(/\bwhen\b|\bhow long\b|\bwhat (?:year|month|date|day|time)\b/),
    howMany: is(/\bhow (?:many|much|often|old)\b/),
    where: is(/\bwhere\b|\b(?:which|what) (?:country|city|state|place|town)\b/),
    who: is(/\bwho(?:se|m)?\b/),
    title: is(/\b(?:names?|titles?|books?|movies?|songs?|films?|bands?|called|series|games?)\b/),
  };
}
