import { estimateTokens } from "./tokens.ts";
import { endWithin } from "../schema/beginning.ts";

/** Most length of a text, in UTF-16 units and in estimated tokens. */
export type Room = { readonly characters: number; readonly tokens: number };

/**
 * The longest passage: about 300 tokens of English, as in the original; in scripts that take more tokens, within the 512 that
 * small embedding models read.
 */
export const PASSAGE_ROOM: Room = { characters: 1200, tokens: 480 };

/** The end of a sentence in any script, with closing quotes and brackets. Scripts without spaces need none after it. */
const SENTENCE_END = /[\p{Sentence_Terminal}…]["'”’»)\]]*(?=\s)|[。！？｡．።။][」』）”’]*/gu;

/**
 * Splits a long text into pieces at paragraph, line, sentence or word ends, whichever comes latest in the second half of a
 * piece; without any of these, between two characters as a reader counts them. A text that fits stays whole. Nothing but
 * white space at the cuts is lost.
 */
export function chunk(text: string, room = PASSAGE_ROOM): string[] {
  const chunks: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const length = lengthWithin(rest, room);
    const end = length === rest.length ? length : breakPoint(rest, length);
    chunks.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trimStart();
  }
  return chunks;
}

export function fitsIn(text: string, { characters, tokens }: Room): boolean {
  return text.length <= characters && estimateTokens(text) <= tokens;
}

/** Length of the longest prefix of a text that fits. */
function lengthWithin(text: string, { characters, tokens }: Room): number {
  let length = Math.min(text.length, characters);
  let found = estimateTokens(text.slice(0, length));
  while (found > tokens && length > 2) {
    length = Math.max(2, Math.floor((length * tokens) / found) - 1);
    found = estimateTokens(text.slice(0, length));
  }
  return length;
}

function breakPoint(text: string, length: number): number {
  const window = text.slice(0, length);
  const least = length / 2;
  for (const separator of ["\n\n", "\n"]) {
    const at = window.lastIndexOf(separator);
    if (at >= least) return at + separator.length;
  }
  // One more character shows whether a sentence ends where the room does.
  const sentence = lastEnd(text.slice(0, length + 1), SENTENCE_END, length);
  if (sentence >= least) return sentence;
  const word = lastEnd(window, /\s+/gu, length);
  return word >= least ? word : graphemeEnd(text, length);
}

/** The end of the last match that ends within `length`; -1 if none. */
function lastEnd(window: string, pattern: RegExp, length: number): number {
  let last = -1;
  for (const { 0: found, index } of window.matchAll(pattern)) {
    if (index + found.length <= length) last = index + found.length;
  }
  return last;
}

/** In UTF-16 units. Graphemes are rarely longer; a family emoji has 11. */
const LONGEST_GRAPHEME = 64;
/** Created on first use, because that takes 15 ms. */
let graphemes: Intl.Segmenter | undefined;

/** The last grapheme boundary up to `length`. Cuts a grapheme longer than any script has. */
function graphemeEnd(text: string, length: number): number {
  const from = Math.max(0, length - LONGEST_GRAPHEME);
  graphemes ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const around = graphemes.segment(text.slice(from, length + LONGEST_GRAPHEME));
  const start = from + (around.containing(length - from)?.index ?? length - from);
  if (start > from) return start;
  return Math.max(1, endWithin(text, length));
}
