import { STOP_WORDS } from "./lexicon.ts";

/** No rule looks at more than this many characters of one text. */
const MAX_TEXT = 20_000;
const MAX_SENTENCES = 400;

/** `text` as the rules like it: bounded, straight quotes, single spaces, shouting lowered. */
export function tidy(text: string): string {
  const plain = text
    .slice(0, MAX_TEXT)
    .replace(/[\u2018\u2019\u02bc`]/g, "'")
    .replace(/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"')
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n[\s]*/g, "\n")
    .trim();
  const shouted = /\p{Lu}{4}/u.test(plain) && plain === plain.toUpperCase() && plain !== plain.toLowerCase();
  return shouted ? plain.toLowerCase() : plain;
}

const ABBREVIATION = /(?:^|\s)(?:mr|mrs|ms|dr|st|prof|e\.g|i\.e|etc|vs|no|jr|sr|\p{L})\.$/iu;

/** The sentences of a tidied text, each with its closing punctuation. */
export function sentences(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const end of text.matchAll(/[.!?…]+["')\]]*(?=\s|$)|[。！？]|\n+|;(?=\s)/g)) {
    const next = end.index + end[0].length;
    const sentence = text.slice(start, next).trim();
    if (end[0] === "." && ABBREVIATION.test(sentence.slice(-8)) && next < text.length) continue;
    if (/[\p{L}\p{N}]/u.test(sentence)) found.push(sentence);
    start = next;
    if (found.length >= MAX_SENTENCES) return found;
  }
  const rest = text.slice(start).trim();
  if (/[\p{L}\p{N}]/u.test(rest)) found.push(rest);
  return found;
}

const INVERSION =
  /^(?:do|does|did|don't|doesn't|didn't|can|can't|could|would|will|won't|should|shall|is|isn't|are|aren't|am|was|were|wasn't|weren't|have|has|had|haven't|hasn't|may) (?:i|you|we|he|she|it|they|there|my|your|our|his|her|their|the|this|that|these|those|any|anyone|any\w+|some\w+|\p{Lu}\p{L}*)\b/u;
const WH =
  /^(?:and |so |but )?(?:what|who|whom|whose|where|when|why|how|which)(?:'s|s|'re|'d)?(?! (?:i|we|you|he|she|they|a|an|nice|lovely|great|funny|cool|sweet|sad)\b)(?: [^\s,]+){0,4}? ?(?:\b(?:did|do|does|is|are|was|were|will|can|could|should|would|have|has|had|am)\b|'s\b)/iu;
const SHORT_WH = /^(?:what|who|where|when|why|how|which)(?:'s|s|'re)? (?:my|your|the|about|many|much|old|up)\b/i;
const ASKING =
  /^(?:please |can you |could you )*(?:tell me (?:about|what|who|where|when|how|why|which|my|everything|all)|remind me (?:what|who|where|when|how|of|about)|(?:do you )?remember (?:when|what|who|where|how|the time)|any idea)\b/i;

/** Whether a sentence asks for something, with or without its question mark. */
export function isQuestion(sentence: string): boolean {
  if (/[?？]["')\]]*$/.test(sentence)) return true;
  const bare = sentence.replace(/^(?:hi|hello|hey|ok|okay|so|and|but|well|oh|um)[\s,!]+/i, "").slice(0, 200);
  const first = bare.charAt(0).toLowerCase() + bare.slice(1);
  return INVERSION.test(first) || WH.test(first) || SHORT_WH.test(first) || ASKING.test(first);
}

/** Words of a text in lower case: letters and digits with inner apostrophes, hyphens, dots and the like. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}]|['._@+-](?=[\p{L}\p{N}]))*/gu) ?? [];
}

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ["went", "go"],
  ["gone", "go"],
  ["bought", "buy"],
  ["met", "meet"],
  ["told", "tell"],
  ["children", "child"],
  ["kids", "child"],
  ["kid", "child"],
  ["mom", "mother"],
  ["mum", "mother"],
  ["dad", "father"],
  ["color", "colour"],
  ["favorite", "favourite"],
  ["flew", "fly"],
  ["ate", "eat"],
  ["sang", "sing"],
  ["taught", "teach"],
  ["lives", "live"],
  ["living", "live"],
  ["lived", "live"],
]);

/** A rough stem: good enough to see that `baked` and `baking` speak of the same thing. */
export function stem(word: string): string {
  const base = word.replace(/'s?$|'(?:ve|re|ll|d|m)$/, "");
  return cutStem(IRREGULAR.get(base) ?? base);
}

function cutStem(word: string): string {
  if (word.length < 4 || /[\d_@.]/.test(word)) return word;
  return word
    .replace(/ies$/, "y")
    .replace(/(ss|sh|ch|x)es$/, "$1")
    .replace(/([^su])s$/, "$1")
    .replace(/^(.{3,}?)(?:ing|ed|er)$/, "$1")
    .replace(/([bdgklmnprt])\1$/, "$1")
    .replace(/(.{3,})e$/, "$1");
}

/** The words that carry the meaning of a text, each once, in order. */
export function contentWords(text: string): string[] {
  const kept = words(text)
    .map((word) => word.replace(/'s$/, ""))
    .filter((word) => !STOP_WORDS.has(word) && (word.length > 1 || /[\p{N}\p{Lo}]/u.test(word)));
  return [...new Set(kept)];
}

export function stems(text: string): Set<string> {
  return new Set(contentWords(text).map(stem));
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function lowerFirst(text: string): string {
  return /^(?:I\b|\p{Lu}\p{Lu}|[^\p{Lu}])/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/** At most `length` characters of `text` on one line, cut between words where possible. */
export function cut(text: string, length: number): string {
  const line = text
    .slice(0, length * 4)
    .replace(/\s+/g, " ")
    .trim();
  if (line.length <= length) return line;
  const head = line.slice(0, length - 1);
  const space = head.lastIndexOf(" ");
  const kept = space > length / 2 ? head.slice(0, space) : head;
  return `${kept.replace(/[\ud800-\udbff]$/, "")}…`;
}

/** `text` in double quotes, on one line. */
export function quote(text: string, length = 200): string {
  return `"${cut(text, length).replaceAll('"', "'")}"`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  const last = items.at(-1);
  if (last === undefined) return "";
  return items.length === 1 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** The same text always picks the same one of `choices`. */
export function pick(text: string, choices: readonly [string, ...string[]]): string {
  let hash = 0;
  for (const char of text.slice(0, 200)) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return choices[hash % choices.length] ?? choices[0];
}

const POLITE =
  /^(?:(?:hi|hello|hey|ok|okay|now|and|also|well|so|please|pls|kindly|yes|great|thanks|thank you|memgpt)\b[\s,!.:]*|(?:can|could|would|will) you(?: please| kindly)? (?!remember (?:when|what|who|where|how|the time)\b)|i(?:'d| would) (?:like|want) you to |i (?:want|need) you to |i'd like to |let's |just |go ahead and |make sure (?:to|you) |you (?:should|must|have to|need to|can|may|could|had better) (?=remember|note|forget|save|store|delete|remove))/i;

/** A text without the courtesies before a request. */
export function stripPolite(text: string): string {
  let bare = text.trim();
  for (let round = 0; round < 5; round += 1) {
    const next = bare.replace(POLITE, "");
    if (next === bare) break;
    bare = next;
  }
  return bare;
}
