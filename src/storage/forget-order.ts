import { spokenText } from "../memory/envelope.ts";
import { folded, isSummary, mentions } from "../memory/forgetting.ts";
import type { ForgetOptions } from "../ports/forgetting.ts";
import type { ForgetOrder, ForgetRequest } from "../schema/forgetting.ts";
import type { Message } from "../schema/message.ts";

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

/** All that an agent has said and kept, and what else an order is made of. */
export type ForgetSubject = {
  readonly agent: string;
  readonly messages: readonly StoredMessage[];
  readonly passages: readonly StoredPassage[];
  readonly branches: ForgetOrder["branches"];
};

/** What a request amounts to, but for the labels, which need the journal. `asked`: ids of the messages that turns are named by. */
export type Wanted = {
  readonly order: Omit<ForgetOrder, "labels">;
  readonly asked: readonly string[];
  readonly texts: readonly string[];
};

export function wantedBy(
  request: ForgetRequest,
  { by, at, keep }: ForgetOptions,
  { agent, passages, branches, ...rest }: ForgetSubject,
): Wanted {
  const messages = rest.messages.filter(({ message }) => !isSummary(message));
  const isNamed = test(request);
  const named = {
    messages: messages.filter((it) => isNamed.message(it)),
    passages: passages.filter((it) => isNamed.passage(it)),
  };
  const texts = [...named.messages.map(({ message }) => spokenText(message)), ...named.passages.map((it) => it.text)];
  const quotes = texts.flatMap((text) => (text === undefined || text.length < SHORTEST_QUOTE ? [] : [folded(text)]));
  // What was undone may also be said by what stands, which stays.
  const isQuoted = request.match === undefined && request.allUndone !== true;
  const words = request.match !== undefined ? [folded(request.match)] : isQuoted ? [...new Set(quotes)] : [];
  const gone = messages.filter((it) => named.messages.includes(it) || mentions(it.json, words));
  const away = passages.filter((it) => named.passages.includes(it) || mentions(it.text, words));
  const order = {
    ...{ at, by, keep: [...keep], words, branches, agent },
    messages: gone.map(({ id }) => id),
    passages: away.map(({ id }) => id),
  };
  return {
    order,
    asked: gone.filter(({ message }) => message.role === "user").map(({ id }) => id),
    texts: [...gone.flatMap(({ message }) => spokenText(message) ?? []), ...away.map(({ text }) => text)],
  };
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

/** The texts that a preview shows, and how many characters of each. */
const SHOWN = 5;
const EXCERPT = 100;

/** The beginnings of some of the texts. */
export function excerptsOf(texts: readonly string[]): string[] {
  return texts.slice(0, SHOWN).map((text) => text.slice(0, EXCERPT));
}
