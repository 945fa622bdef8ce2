import { FORGOTTEN, type ForgetOrder, type ForgetRewrite } from "../schema/forgetting.ts";
import type { Message, UserMessage } from "../schema/message.ts";
import type { AgentState, Block } from "../schema/state.ts";
import { envelopeText, parseJson, withEnvelopeText } from "./envelope.ts";
import { containsAny, isIn } from "./phrases.ts";

// What remains of memory after forgetting. Messages become holes, which keep their place, role and calls, so that every
// position in the journal stays valid; blocks and summaries lose the sentences that say it.

/** Name of the summary among the labels that may be kept. */
const SUMMARY = "summary";

/** A text in the form used for comparison. */
export function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** Whether a value contains one of the folded `words`, however deep in nested JSON. */
export function mentions(value: unknown, words: readonly string[]): boolean {
  if (words.length === 0) return false;
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).some(([key, item]) => mentions(key, words) || mentions(item, words));
  }
  if (typeof value !== "string") return false;
  const text = folded(value);
  if (containsAny(text, words)) return true;
  // Escaped quotes, line breaks and letters hide a text in JSON.
  if (!text.includes("\\")) return false;
  const parsed = parseJson(value);
  return typeof parsed !== "string" ? mentions(parsed, words) : parsed !== value && mentions(parsed, words);
}

/** The text without the sentences and lines that contain one of the words. */
export function withoutWords(text: string, words: readonly string[]): string {
  const left = withoutSentences(text, (sentence) => mentions(sentence, words));
  return mentions(left, words) ? FORGOTTEN : left;
}

function withoutSentences(text: string, isForgotten: (sentence: string) => boolean): string {
  const lines = text.split("\n").flatMap((line) => {
    const sentences = line.split(SENTENCE_END);
    const left = sentences.filter((sentence) => !isForgotten(sentence));
    if (left.length === sentences.length) return [line];
    return left.length === 0 ? [] : [left.join("").trimEnd()];
  });
  return lines.join("\n");
}

const SENTENCE_END = /(?<=[.!?;]\s)|(?<=[。！？])/u;

/** The sentences of `after` that `before` lacks, folded. */
export function addedSentences(before: string, after: string): string[] {
  const sentencesOf = (text: string): string[] =>
    text
      .split("\n")
      .flatMap((line) => line.split(SENTENCE_END))
      .map(bare);
  const old = new Set(sentencesOf(before));
  return sentencesOf(after).filter((sentence) => sentence !== "" && !old.has(sentence));
}

/** A sentence in the form used for comparison, without its final punctuation. */
function bare(sentence: string): string {
  return folded(sentence)
    .replace(/[\s.!?;。！？]+$/u, "")
    .trimStart();
}

/** The hole that a forgotten message leaves in context. Searches do not find it. */
export function holeOf(message: Message): Message {
  const { id, createdAt } = message;
  switch (message.role) {
    case "user":
      return { id, createdAt, role: message.role, event: message.event, content: FORGOTTEN };
    case "assistant": {
      const calls = message.calls.map((call) => ({ ...call, arguments: "{}" }));
      return { id, createdAt, role: message.role, content: message.content === null ? null : FORGOTTEN, calls };
    }
    case "function": {
      const { hits, ...rest } = message;
      return { ...rest, content: FORGOTTEN };
    }
  }
}

export function isSummary(message: Message): message is UserMessage {
  return message.role === "user" && message.event === "summary";
}

/** The message after the forgetting; the same object if unaffected. */
export function forgetInMessage(message: Message, order: ForgetOrder): Message {
  if (isSummary(message)) {
    if (order.keep.includes(SUMMARY) || !mentions(message, order.words)) return message;
    const content = withEnvelopeText(message.content, withoutWords(textOf(message), order.words));
    return mentions(content, order.words) ? holeOf(message) : { ...message, content };
  }
  return isIn(order.messages, message.id) || mentions(message, order.words) ? holeOf(message) : message;
}

/** The block after the forgetting; the same object if unaffected. */
export function forgetInBlock(block: Block, { keep, only, blocks, words, notes }: ForgetOrder): Block {
  const { id = "", label } = block;
  if (keep.includes(label) || (only?.includes(label) === false && blocks?.includes(id) !== true)) return block;
  const noted = new Set(notes.flatMap(([name, sentence]) => (name === label || name === id ? [sentence] : [])));
  const value = noted.size === 0 ? block.value : withoutSentences(block.value, (line) => noted.has(bare(line)));
  if (value === block.value && !mentions(block, words)) return block;
  const { description, ...rest } = block;
  const left = { ...rest, value: withoutWords(value, words) };
  return description === undefined || mentions(description, words) ? left : { ...left, description };
}

/** The state after the forgetting. */
export function forgetInState(state: AgentState, order: ForgetOrder): AgentState {
  const blocks = state.blocks.map((block) => forgetInBlock(block, order));
  if (order.only !== undefined) return { ...state, blocks };
  return {
    ...state,
    system: mentions(state.system, order.words) ? withoutWords(state.system, order.words) : state.system,
    blocks,
    queue: state.queue.map((message) => forgetInMessage(message, order)),
  };
}

/** Blocks and summaries to rewrite. The person is asked about each. */
export function rewritesOf(state: AgentState, order: ForgetOrder): ForgetRewrite[] {
  const blocks = state.blocks.map((block) => ({
    label: block.label,
    before: block.value,
    after: forgetInBlock(block, order).value,
  }));
  const summaries = state.queue.filter(isSummary).map((message) => ({
    label: SUMMARY,
    before: textOf(message),
    after: textOf(forgetInMessage(message, order)),
  }));
  return [...blocks, ...summaries].filter(({ before, after }) => before !== after);
}

function textOf({ content }: Message): string {
  return content === null ? "" : (envelopeText(content) ?? content);
}
