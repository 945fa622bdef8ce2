/** What a line's words alone show: whether it looks like an answer, and to what kind of question. */
export type Traits = {
  /** 1 if its last complete sentence is a question. */
  readonly asks: number;
  /** 1 if it contains a question. */
  readonly hasQuestion: number;
  /** 1 if it contains a number. */
  readonly hasNumber: number;
  /** 1 if it has something in quotation marks, as titles are. */
  readonly hasTitle: number;
  /** Number of words for times, at most 2. */
  readonly times: number;
  /** Number of names, at most 3, recognised by capitals inside sentences. */
  readonly names: number;
  /** Logarithm of its length in words; 0 for a line of usual length. */
  readonly length: number;
};

const USUAL_LENGTH = 2.8;

/** The last complete sentence ends in a question mark. */
const ASKS = /\?[^.!?]*$/;
const TITLE = /["“][^"”]{2,}["”]/;

const ASCII = /^[\0-\x7F]*$/;
/** A word, and a capitalised one inside a sentence with the text before it. Patterns of all letters take five times as long. */
const ANY = { word: /[\p{L}\p{M}\p{N}']+/gu, name: /[\p{Ll},;:'"] ["“]?\p{Lu}[\p{L}']+/gu };
const ENGLISH = { word: /[a-z0-9']+/g, name: /[a-z,;:'"] "?[A-Z][A-Za-z']+/g };
const MYSELF = /["“ ]I(?:'|$)/;

const MONTHS_AND_DAYS =
  "january february march april may june july august september october november december monday tuesday wednesday " +
  "thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays";
const TIMES: ReadonlySet<string> = new Set(
  `yesterday today tomorrow tonight ago recently since week weekend year years ${MONTHS_AND_DAYS}`.split(" "),
);
/** Words before a span of time. */
const WHICH: ReadonlySet<string> = new Set(["last", "this", "next"]);
const SPANS: ReadonlySet<string> = new Set("night month morning summer winter spring fall autumn".split(" "));
const NUMBERS: ReadonlySet<string> = new Set(
  "one two three four five six seven eight nine ten couple few several".split(" "),
);

/** Number of first characters that are examined. */
const LONGEST = 2000;

/** The traits of a line as one number, stored with its text: reading hundreds of lines again took half of a search. */
export function traitsOf(text: string): number {
  const beginning = text.slice(0, LONGEST);
  const { word, name } = patternsFor(beginning);
  const words = beginning.toLowerCase().match(word) ?? [];
  let times = 0;
  let hasNumber = false;
  let before = "";
  for (const it of words) {
    if (TIMES.has(it) || isYear(it) || (SPANS.has(it) && WHICH.has(before))) times += 1;
    if (isDigit(it) || NUMBERS.has(it)) hasNumber = true;
    before = it;
  }
  const hasQuestion = beginning.includes("?");
  const names = (beginning.match(name) ?? []).filter((it) => !MYSELF.test(it)).length;
  return (
    Number(hasQuestion && ASKS.test(beginning)) |
    (Number(hasQuestion) << 1) |
    (Number(hasNumber) << 2) |
    (Number(TITLE.test(beginning)) << 3) |
    (Math.min(2, times) << 4) |
    (Math.min(3, names) << 6) |
    (words.length << 8)
  );
}

/** A result of `traitsOf`. */
export function unpackTraits(packed: number): Traits {
  return {
    asks: packed & 1,
    hasQuestion: (packed >> 1) & 1,
    hasNumber: (packed >> 2) & 1,
    hasTitle: (packed >> 3) & 1,
    times: (packed >> 4) & 3,
    names: (packed >> 6) & 3,
    length: Math.log(2 + (packed >> 8)) - USUAL_LENGTH,
  };
}

/**
 * A key that is equal for lines that say the same: their words, without case and punctuation. Lines that differ in one word
 * differ: "fried" is not "grilled".
 */
export function gistOf(text: string): string {
  const words = text.toLowerCase().match(patternsFor(text).word);
  return words === null ? text.trim() : words.join(" ");
}

function patternsFor(text: string): typeof ANY {
  return ASCII.test(text) ? ENGLISH : ANY;
}

function isYear(word: string): boolean {
  return word.length === 4 && (word.startsWith("19") || word.startsWith("20")) && /\d\d$/.test(word);
}

function isDigit(word: string): boolean {
  const code = word.charCodeAt(0);
  return code >= 48 && code <= 57;
}

/** The kinds of answer that a question asks for; each is 0 or 1. */
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
