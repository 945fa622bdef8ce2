import type { FunctionSchema } from "../schema/context.ts";
import type { Message } from "../schema/message.ts";
import { beginning } from "../schema/beginning.ts";

/** Tokens that a chat protocol spends on each message, besides its text. */
const MESSAGE_OVERHEAD = 4;

/**
 * Estimates the tokens of `text` for a model whose tokenizer is unknown. Overestimates by up to a half on ordinary text in any
 * script: an overestimate costs some room, an underestimate the request.
 *
 * Runs of letters, digits, punctuation and white space are priced by length, other scripts by code point.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let run: CharClass = "space";
  let length = 0;
  let cost = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const kind = ASCII[code] ?? "other";
    if (kind === run && kind !== "other") {
      length += 1;
      continue;
    }
    tokens += runTokens(run, length, cost);
    // A space belongs to the word after it, but not to a number.
    if (kind === "digit" && run === "space" && length === 1) tokens += 1;
    run = kind;
    length = 1;
    cost = kind === "other" ? otherTokens(code) : 0;
  }
  return Math.ceil(tokens + runTokens(run, length, cost));
}

type CharClass = "lower" | "upper" | "digit" | "joint" | "structure" | "punctuation" | "space" | "newline" | "other";

function asciiClass(code: number): CharClass {
  if (code >= 97 && code <= 122) return "lower";
  if (code >= 65 && code <= 90) return "upper";
  if (code >= 48 && code <= 57) return "digit";
  if (code === 32 || code === 9) return "space";
  if (code === 10 || code === 13) return "newline";
  // Apostrophes and underscores mostly belong to a word.
  if (code === 39 || code === 95) return "joint";
  return STRUCTURE.has(code) ? "structure" : "punctuation";
}

/** The structural characters of JSON, `" , : [ ] { }`; vocabularies have tokens for about three at a time. */
const STRUCTURE: ReadonlySet<number> = new Set([34, 44, 58, 91, 93, 123, 125]);

/** The class of each character of ASCII. */
const ASCII: readonly CharClass[] = Array.from({ length: 128 }, (_, code) => asciiClass(code));

function runTokens(run: CharClass, length: number, cost: number): number {
  switch (run) {
    // Most words up to eight letters are one token; the longer a run, the less likely it is a known word.
    case "lower":
      return length <= 8 ? 1 : length <= 12 ? 2 : Math.ceil(length / 3.5);
    // A capital usually starts a word whose tail is priced as lower case; a run of them is an acronym or base64.
    case "upper":
      return length === 1 ? 0.5 : Math.ceil(length / 2);
    case "digit":
      return Math.ceil(length / 2);
    case "joint":
      return 0.4 * length;
    case "structure":
      return Math.ceil(length / 3);
    // Pairs are common in code, longer runs are rarely one token.
    case "punctuation":
      return length <= 2 ? 1 : length - 1;
    case "space":
      return length > 1 ? 1 : 0;
    case "newline":
      return 1;
    case "other":
      return cost;
  }
}

/**
 * Tokens of one UTF-16 unit outside ASCII, from each code on, ascending: what the worst vocabulary of the last five years needs
 * for ordinary text in that script (`test/memory/tokens.test.ts` compares).
 */
const SCRIPTS: readonly (readonly [from: number, tokens: number])[] = [
  [0x80, 1], // Latin letters with marks
  [0x370, 2], // Greek capitals
  [0x3ac, 1.05], // Greek
  [0x400, 1.15], // Cyrillic capitals
  [0x430, 0.6], // Cyrillic
  [0x530, 2.2], // Armenian
  [0x590, 1.3], // Hebrew
  [0x600, 0.9], // Arabic
  [0x700, 1.55], // scripts of India
  [0xe00, 1], // Thai
  [0xe80, 2.25], // Lao, Tibetan, Burmese, Georgian
  [0x1100, 3.2], // Ethiopic, Cherokee, Khmer and others
  [0x1e00, 1.4], // Latin letters with two marks
  [0x2000, 1.5], // quotation marks, dashes
  [0x2070, 2.4], // mathematics, arrows
  [0x2e80, 1.5], // Chinese, Japanese, Korean
  [0xd800, 1.7], // half of an emoji or another rare character
  [0xe000, 2],
];

function otherTokens(code: number): number {
  return SCRIPTS.findLast(([from]) => code >= from)?.[1] ?? 1;
}

/** Messages are immutable, so each is counted once, however many requests it is part of. */
const counted = new WeakMap<Message, number>();

/** Estimated tokens of one message on the wire. */
export function messageTokens(message: Message): number {
  const known = counted.get(message);
  if (known !== undefined) return known;
  let tokens = MESSAGE_OVERHEAD + estimateTokens(message.content ?? "");
  if (message.role === "assistant") {
    for (const call of message.calls) tokens += MESSAGE_OVERHEAD + estimateTokens(call.name + call.arguments);
  }
  counted.set(message, tokens);
  return tokens;
}

const queuesCounted = new WeakMap<readonly Message[], number>();

export function queueTokens(queue: readonly Message[]): number {
  const known = queuesCounted.get(queue) ?? queue.reduce((sum, message) => sum + messageTokens(message), 0);
  queuesCounted.set(queue, known);
  return known;
}

const schemasCounted = new WeakMap<readonly FunctionSchema[], number>();

/** Estimated tokens of the function schemas as a provider renders them. */
export function functionTokens(functions: readonly FunctionSchema[]): number {
  const known = schemasCounted.get(functions);
  if (known !== undefined) return known;
  const tokens = functions.reduce((sum, schema) => sum + estimateTokens(JSON.stringify(schema)), 0);
  schemasCounted.set(functions, tokens);
  return tokens;
}

/** The longest prefix of `text` that is estimated at no more than `tokens`, never splitting a surrogate pair. */
export function prefixWithin(text: string, tokens: number): string {
  if (
    estimateTokens(text.length > tokens * 16 ? text.slice(0, tokens * 16) : text) <= tokens &&
    text.length <= tokens * 16
  )
    return text;
  let low = 0;
  let high = Math.min(text.length, tokens * 16);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (estimateTokens(text.slice(0, middle)) <= tokens) low = middle;
    else high = middle - 1;
  }
  return beginning(text, low);
}
