import type { FunctionSchema } from "../schema/context.ts";
import type { Message } from "../schema/message.ts";

/** Tokens a chat protocol spends on each message beside its text. */
const MESSAGE_OVERHEAD = 4;

/**
 * Estimates the tokens of `text` for a model whose tokenizer is not known. Errs high, by 10 to 30 % on ordinary text,
 * because an overestimate costs some room and an underestimate costs the request.
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
    const kind = code < 128 ? asciiClass(code) : "other";
    if (kind === run && kind !== "other") {
      length += 1;
      continue;
    }
    tokens += runTokens(run, length, cost);
    run = kind;
    length = 1;
    cost = kind === "other" ? otherTokens(code) : 0;
  }
  return Math.ceil(tokens + runTokens(run, length, cost));
}

type CharClass = "lower" | "upper" | "digit" | "joint" | "punctuation" | "space" | "newline" | "other";

function asciiClass(code: number): CharClass {
  if (code >= 97 && code <= 122) return "lower";
  if (code >= 65 && code <= 90) return "upper";
  if (code >= 48 && code <= 57) return "digit";
  if (code === 32 || code === 9) return "space";
  if (code === 10 || code === 13) return "newline";
  // Apostrophes and underscores inside words, which mostly belong to the word.
  return code === 39 || code === 95 ? "joint" : "punctuation";
}

function runTokens(run: CharClass, length: number, cost: number): number {
  switch (run) {
    // Most words up to eight letters are one token; the longer a run, the less likely it is a word that is known.
    case "lower":
      return length <= 8 ? 1 : length <= 12 ? 2 : Math.ceil(length / 3.5);
    // A capital usually starts a word whose tail is priced as lower case; a run of them is an acronym or base64.
    case "upper":
      return length === 1 ? 0.5 : Math.ceil(length / 2);
    case "digit":
      return Math.ceil(length / 2);
    case "joint":
      return 0.4 * length;
    case "punctuation":
      return Math.ceil(length / 3);
    // One space belongs to the word after it.
    case "space":
      return length > 1 ? 1 : 0;
    case "newline":
      return 1;
    case "other":
      return cost;
  }
}

/** Tokens of one UTF-16 unit outside ASCII, by what the vocabularies of five years hold at worst. */
function otherTokens(code: number): number {
  if (code >= 0x370 && code <= 0x58f) return 0.6;
  if (code >= 0x590 && code <= 0x1fff) return 1;
  // Half of a code point, such as an emoji, that takes up to three tokens.
  if (code >= 0xd800 && code <= 0xdfff) return 1.7;
  if (code >= 0x2e80 && code <= 0xffee) return 1.25;
  return code >= 0x2000 && code <= 0x2bff ? 1.5 : 1;
}

/** Messages are immutable, so each is counted once however many requests it is part of. */
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

export function queueTokens(queue: readonly Message[]): number {
  return queue.reduce((sum, message) => sum + messageTokens(message), 0);
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

/** The longest prefix of `text` that is estimated at no more than `tokens`, never parting a surrogate pair. */
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
  const last = text.charCodeAt(low - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? low - 1 : low);
}
