import { spokenText } from "../memory/envelope.ts";
import { folded, isSummary, mentions } from "../memory/forgetting.ts";
import { isIn } from "../memory/phrases.ts";
import type { ForgetOptions } from "../ports/forgetting.ts";
import type { ForgetNote, ForgetOrder, ForgetRequest } from "../schema/forgetting.ts";
import type { Message } from "../schema/message.ts";
import type { Notes } from "./forget-notes.ts";

/** Texts of forgotten messages with fewer characters than this are too common to be searched for elsewhere. */
const SHORTEST_QUOTE = 12;

export type StoredMessage = {
  readonly id: string;
  readonly created_at: string;
  readonly live: boolean;
  readonly json: string;
  /** Parsed from `json` on demand, because most messages are not affected. */
  readonly message: Message;
};
export type StoredPassage = {
  readonly id: string;
  readonly created_at: string;
  readonly live: boolean;
  readonly text: string;
};

/** Everything that an agent has stored. Each row is read once, in a stream. */
export type ForgetSubject = {
  readonly messages: Iterable<StoredMessage>;
  readonly passages: Iterable<StoredPassage>;
};

/** What a request names directly, before quotes and notes of it are added. */
export type Named = {
  readonly messages: readonly string[];
  readonly passages: readonly string[];
  /** Their texts, to search for elsewhere. */
  readonly quotes: ReadonlySet<string>;
  /** The person's messages in whose turns the agent noted something, and the agent's messages that noted it. */
  readonly noting: { readonly asked: readonly string[]; readonly answered: readonly string[] };
};

/** What a request amounts to, but for the labels, which need the journal. `asked`: ids of the messages that turns are named by. */
export type Wanted = {
  readonly order: Omit<ForgetOrder, "labels">;
  readonly asked: readonly string[];
  /** The beginnings of some of the forgotten texts. */
  readonly excerpts: readonly string[];
  readonly notes: readonly ForgetNote[];
};

export function namedBy(request: ForgetRequest, { messages, passages }: ForgetSubject): Named {
  const named = { messages: [] as string[], passages: [] as string[], quotes: new Set<string>() };
  const quote = (text: string): void => {
    // What was undone may also be in the present, which stays.
    if (request.allUndone !== true) addQuote(named.quotes, text);
  };
  const noting = { asked: [] as string[], answered: [] as string[] };
  if (request.match !== undefined) return { ...named, noting };
  const isNamed = test(request);
  for (const stored of messages) {
    if (!isNamed.message(stored)) continue;
    const { id, message } = stored;
    const { role } = message;
    if (isSummary(message)) continue;
    named.messages.push(id);
    quote(spokenText(message) ?? "");
    if (role === "user") noting.asked.push(id);
    if (role === "assistant") noting.answered.push(id);
  }
  for (const stored of passages) {
    if (!isNamed.passage(stored)) continue;
    named.passages.push(stored.id);
    quote(stored.text);
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
  const quotes = new Set(named.quotes);
  for (const [, text] of notes.sentences) addQuote(quotes, text);
  for (const { text } of notes.passages) addQuote(quotes, text);
  const words = request.match === undefined ? [...quotes] : [folded(request.match)];
  const noted = notes.passages.map(({ id }) => id);
  const ids = { messages: [...named.messages, ...notes.causes], passages: [...named.passages, ...noted] };
  const gone = { messages: [] as string[], passages: [] as string[], asked: [] as string[] };
  const excerpts: string[] = [];
  for (const stored of messages) {
    const { id, json } = stored;
    if (!(isIn(ids.messages, id) || mentions(json, words))) continue;
    const { message } = stored;
    const { role } = message;
    if (isSummary(message)) continue;
    gone.messages.push(id);
    if (role === "user") gone.asked.push(id);
    const text = spokenText(message);
    if (text !== undefined && excerpts.length < SHOWN) excerpts.push(shortened(text));
  }
  for (const { id, text } of passages) {
    if (keep.includes(id) || !(isIn(ids.passages, id) || mentions(text, words))) continue;
    gone.passages.push(id);
    if (excerpts.length < SHOWN) excerpts.push(shortened(text));
  }
  const { asked, ...rest } = gone;
  const order = { at, by, keep: [...keep], words, branches, agent, ...rest, notes: [...notes.sentences] };
  return { order, asked, excerpts, notes: notes.passages };
}

/** Most texts that a preview shows, and characters of each. */
const SHOWN = 5;
const EXCERPT = 100;

function shortened(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT - 1)}…` : text;
}

/** Adds a text as it is looked for elsewhere: not if it is short, and without the stop at its end. */
function addQuote(quotes: Set<string>, text: string): void {
  const quote = folded(text).replace(/[\s.!?;。！？]+$/u, "");
  if (quote.length >= SHORTEST_QUOTE) quotes.add(quote);
}

/** The names of turns and commands that quote a message. */
const QUOTING = /"|^\/(edit|retry) /;

/** The turns and commands that quote what goes: of `asked`, those of the messages, and of all those that say one of the words. */
export function quotingLabels(asked: readonly string[], all: readonly string[], words: readonly string[]): string[] {
  return [...new Set([...asked.filter((label) => QUOTING.test(label)), ...all.filter((it) => mentions(it, words))])];
}

/** Whether a request names a row directly. */
function test(request: ForgetRequest): {
  message(it: StoredMessage): boolean;
  passage(it: StoredPassage): boolean;
} {
  const { message, passage, source, from, to, allUndone = false } = request;
  const isThen = ({ created_at: at }: { readonly created_at: string }): boolean =>
    (from !== undefined || to !== undefined) && at >= (from ?? "") && (to === undefined || at < to);
  const isUndone = ({ live }: { readonly live: boolean }): boolean => allUndone && !live;
  const isOf = ({ message: it }: StoredMessage): boolean =>
    it.role === "function" && (it.hits?.some((hit) => hit.source === source) ?? false);
  return {
    message: (it) => it.id === message || isThen(it) || isUndone(it) || (source !== undefined && isOf(it)),
    passage: (it) => it.id === passage || isThen(it) || isUndone(it),
  };
}
