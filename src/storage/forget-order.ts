import { spokenText } from "../memory/envelope.ts";
import { folded, isSummary, mentions } from "../memory/forgetting.ts";
import { isIn } from "../memory/phrases.ts";
import type { ForgetOptions } from "../ports/forgetting.ts";
import type { ForgetNote, ForgetOrder, ForgetRequest } from "../schema/forgetting.ts";
import type { Message } from "../schema/message.ts";
import type { Notes } from "./forget-notes.ts";

/** A text shorter than this, in characters, is too common to be looked for elsewhere when its message is forgotten. */
const SHORTEST_QUOTE = 12;

export type StoredMessage = {
  readonly id: string;
  readonly created_at: string;
  readonly live: boolean;
  readonly json: string;
  readonly message: Message;
};
export type StoredPassage = {
  readonly id: string;
  readonly created_at: string;
  readonly live: boolean;
  readonly text: string;
};

/** All that an agent has said and kept. Each is read once, as it comes. */
export type ForgetSubject = {
  readonly messages: Iterable<StoredMessage>;
  readonly passages: Iterable<StoredPassage>;
};

/** What a request names itself: not yet what quotes it, nor what was made of it. */
export type Named = {
  readonly messages: readonly string[];
  readonly passages: readonly string[];
  readonly texts: readonly string[];
  /** Messages of the person, in whose turns the agent noted something, and messages of the agent that noted it. */
  readonly noting: { readonly asked: readonly string[]; readonly answered: readonly string[] };
};

/** What a request amounts to, but for the labels, which need the journal. `asked`: ids of the messages that turns are named by. */
export type Wanted = {
  readonly order: Omit<ForgetOrder, "labels">;
  readonly asked: readonly string[];
  /** The beginnings of some of the texts that go. */
  readonly excerpts: readonly string[];
  readonly notes: readonly ForgetNote[];
};

export function namedBy(request: ForgetRequest, { messages, passages }: ForgetSubject): Named {
  const named = { messages: [] as string[], passages: [] as string[], texts: [] as string[] };
  const noting = { asked: [] as string[], answered: [] as string[] };
  if (request.match !== undefined) return { ...named, noting };
  const isNamed = test(request);
  for (const stored of messages) {
    const { id, message } = stored;
    const { role } = message;
    if (isSummary(message) || !isNamed.message(stored)) continue;
    named.messages.push(id);
    named.texts.push(spokenText(message) ?? "");
    if (role === "user") noting.asked.push(id);
    if (role === "assistant") noting.answered.push(id);
  }
  for (const stored of passages) {
    if (!isNamed.passage(stored)) continue;
    named.passages.push(stored.id);
    named.texts.push(stored.text);
  }
  // A branch that was undone goes as a whole, and what searches showed of a source says what it says.
  const isMade = request.source === undefined && request.allUndone !== true;
  return { ...named, noting: isMade ? noting : { asked: [], answered: [] } };
}

export type Found = Pick<ForgetOrder, "agent" | "branches"> & { readonly named: Named; readonly notes: Notes };

export function wantedBy(
  request: ForgetRequest,
  { by, at, keep }: ForgetOptions,
  { agent, branches, named, notes }: Found,
  { messages, passages }: ForgetSubject,
): Wanted {
  const said = [...named.texts, ...notes.sentences.map(([, text]) => text), ...notes.passages.map(({ text }) => text)];
  // What was undone may also be said by what stands, which stays.
  const quotes = request.allUndone === true ? [] : [...new Set(said.flatMap(quoteOf))];
  const words = request.match === undefined ? quotes : [folded(request.match)];
  const noted = notes.passages.map(({ id }) => id);
  const ids = { messages: [...named.messages, ...notes.causes], passages: [...named.passages, ...noted] };
  const gone = { messages: [] as string[], passages: [] as string[], asked: [] as string[] };
  const excerpts: string[] = [];
  for (const { id, json, message } of messages) {
    const { role } = message;
    if (isSummary(message) || !(isIn(ids.messages, id) || mentions(json, words))) continue;
    gone.messages.push(id);
    if (role === "user") gone.asked.push(id);
    const text = spokenText(message);
    if (text !== undefined && excerpts.length < SHOWN) excerpts.push(text.slice(0, EXCERPT));
  }
  for (const { id, text } of passages) {
    if (keep.includes(id) || !(isIn(ids.passages, id) || mentions(text, words))) continue;
    gone.passages.push(id);
    if (excerpts.length < SHOWN) excerpts.push(text.slice(0, EXCERPT));
  }
  const { asked, ...rest } = gone;
  const order = { at, by, keep: [...keep], words, branches, agent, ...rest, notes: [...notes.sentences] };
  return { order, asked, excerpts, notes: notes.passages };
}

/** The texts that a preview shows, and how many characters of each. */
const SHOWN = 5;
const EXCERPT = 100;

/** A text as it is looked for elsewhere: not if it is short, and without the stop at its end. */
function quoteOf(text: string): string[] {
  const quote = folded(text).replace(/[\s.!?;。！？]+$/u, "");
  return quote.length < SHORTEST_QUOTE ? [] : [quote];
}

/** Names of turns and commands that quote a message. */
const QUOTING = /"|^\/(edit|retry) /;

/** The turns and commands that quote what goes: of `asked`, those of the messages, and of all those that say one of the words. */
export function quotingLabels(asked: readonly string[], all: readonly string[], words: readonly string[]): string[] {
  return [...new Set([...asked.filter((label) => QUOTING.test(label)), ...all.filter((it) => mentions(it, words))])];
}

/** Whether a request names a row. */
function test(request: ForgetRequest): {
  message(it: StoredMessage): boolean;
  passage(it: StoredPassage): boolean;
} {
  const { message, passage, source, from, to, allUndone = false } = request;
  const isThen = ({ created_at: at }: { readonly created_at: string }): boolean =>
    (from !== undefined || to !== undefined) && at >= (from ?? "") && (to === undefined || at < to);
  const isUndone = ({ live }: { readonly live: boolean }): boolean => allUndone && !live;
  const isOf = (it: Message): boolean =>
    source !== undefined && it.role === "function" && (it.hits?.some((hit) => hit.source === source) ?? false);
  return {
    message: (it) => it.id === message || isThen(it) || isUndone(it) || isOf(it.message),
    passage: (it) => it.id === passage || isThen(it) || isUndone(it),
  };
}
