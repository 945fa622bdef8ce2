import { envelopeText, spokenText } from "../memory/envelope.ts";
import { localTime } from "../time/format.ts";
import { estimateTokens, prefixWithin } from "../memory/tokens.ts";
import type { Llm } from "../ports/llm.ts";
import type { Message, UserMessage } from "../schema/message.ts";

/** @source original's WORD_LIMIT */
const MOST_WORDS = 100;

const summaryPrompt = (words: number, hint: string | undefined): string =>
  "You keep the memory of an assistant. Below is the oldest part of its conversation with a person, which is about to " +
  "leave the assistant's sight; it may begin with a summary of what came before. Write a new summary of all of it, in " +
  `the assistant's own voice (I), in under ${words} words. Keep names, facts, dates, promises and open questions. ` +
  "Leave out greetings. Write the summary only." +
  (hint === undefined ? "" : ` Above all, keep this: ${hint}`);

export type Summary = {
  readonly text: string;
  /** Whether it is a digest, because the model returned no summary. */
  readonly fallback: boolean;
};

export type SummarizeOptions = {
  readonly llm: Llm;
  readonly contextWindow: number;
  /** Size limit of the summary. */
  readonly tokens: number;
  readonly newId: () => string;
  /** What it must include, in a person's words. */
  readonly hint?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Summarizes messages that leave the queue, including an earlier summary. If the model is unreachable, overflows or returns
 * nothing, a digest names what was evicted and how to find it.
 *
 * @throws only the signal's reason.
 */
export async function summarize(evicted: readonly Message[], options: SummarizeOptions): Promise<Summary> {
  const { llm, contextWindow, tokens, signal } = options;
  // A token is about three quarters of a word, and the token estimate is high.
  const system = summaryPrompt(Math.min(MOST_WORDS, Math.floor(tokens * 0.6)), options.hint);
  const lines = transcript(evicted);
  const room = Math.floor(contextWindow * 0.8) - estimateTokens(system) - tokens;
  const message: UserMessage = {
    id: options.newId(),
    createdAt: evicted.at(-1)?.createdAt ?? new Date(0).toISOString(),
    role: "user",
    event: "system_alert",
    content: fitLines(lines, Math.max(100, room)),
  };
  try {
    const context = { system, queue: [message], functions: [] };
    const text = (
      await contentOf(llm.complete({ context, maxTokens: Math.max(256, tokens), contextWindow, signal }))
    ).trim();
    if (text !== "") return { text: wholeSentences(text, tokens), fallback: false };
  } catch {
    signal?.throwIfAborted();
  }
  return { text: prefixWithin(digest(lines), tokens), fallback: true };
}

/** As much of the text as fits, up to the end of a sentence if one ends in its second half. */
function wholeSentences(text: string, tokens: number): string {
  const shown = prefixWithin(text, tokens);
  if (shown.length === text.length) return text;
  const end = Math.max(...[". ", "! ", "? ", ".\n", "。"].map((mark) => shown.lastIndexOf(mark)));
  return end < shown.length / 2 ? shown : shown.slice(0, end + 1);
}

async function contentOf(stream: ReturnType<Llm["complete"]>): Promise<string> {
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) return value.content ?? "";
  }
}

/** The earlier summary, if any, then what was said, one line per message. */
function transcript(messages: readonly Message[]): string[] {
  return messages.flatMap((message) => {
    if (message.role === "user" && message.event === "summary") return [envelopeText(message.content) ?? ""];
    const said = spokenText(message);
    return said === undefined ? [] : [`${message.role} (${localTime(message.createdAt)}): ${said}`];
  });
}

/** The lines joined. If they do not fit, the longest are cut to one length. */
function fitLines(lines: readonly string[], tokens: number): string {
  for (let cap = tokens; cap > 8; cap = Math.floor(cap * 0.7)) {
    const text = lines.map((line) => prefixWithin(line, cap)).join("\n");
    if (estimateTokens(text) <= tokens) return text;
  }
  return prefixWithin(lines.join("\n"), tokens);
}

function digest(lines: readonly string[]): string {
  const excerpts = lines.map((line) => prefixWithin(line, 24));
  return `No summary could be written. Find the details with conversation_search. It began and went on like this:\n${excerpts.join("\n")}`;
}
