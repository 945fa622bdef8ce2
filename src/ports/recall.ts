import type { Message } from "../schema/message.ts";
import type { Embedding } from "../schema/passage.ts";
import type { Hit, ListRequest, Page, PageRequest, TimeRange } from "../schema/page.ts";
import type { Person } from "../schema/person.ts";
import type { Rerank } from "./reranker.ts";

/**
 * What was said, by whom and when: the searchable part of a message. `session` numbers the sittings of a conversation
 * (see SESSION_GAP_MS); `speaker` is null where it was the person or the agent.
 */
export type Utterance = {
  readonly id: string;
  readonly role: "user" | "assistant";
  readonly speaker: string | null;
  readonly session: number;
  readonly text: string;
  readonly createdAt: string;
};

/** A search of the conversation. Every field but `text` narrows it. */
export type RecallQuery = {
  readonly text: string;
  readonly range?: TimeRange | undefined;
  readonly role?: "user" | "assistant" | undefined;
  /** The whole name, or one of several, in any case of letters, with or without accents. */
  readonly speaker?: string | undefined;
  readonly session?: number | undefined;
  /** Whether words that nobody said may find lines with related words. */
  readonly orRelated?: boolean | undefined;
  /** Names in `text` that mean the person or the agent, whose messages have no speaker. */
  readonly people?: readonly Person[] | undefined;
  /** Used only if what was said is embedded with the same model. */
  readonly embedding?: Embedding | null | undefined;
  readonly minSimilarity?: number | undefined;
  /** Reads the best results of a question again. */
  readonly rerank?: Rerank | undefined;
  /** What "last week" in `text` is relative to, ISO 8601 in UTC; without it such words steer nothing. */
  readonly now?: string | undefined;
};

/** A sitting: what was said without a long pause. */
export type Session = {
  readonly session: number;
  readonly from: string;
  readonly to: string;
  /** Messages in it that were said. */
  readonly size: number;
};

/**
 * The complete log of one agent's messages, including those already evicted from its FIFO queue.
 *
 * What is searched is what was *said*: a person's words and the text of `send_message`; not envelopes, not the internal
 * monologue, not function returns.
 */
export interface RecallStorage {
  /**
   * Best match first. A query without a searchable term matches nothing. Pages of one query keep their order while more
   * is said.
   */
  search(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Utterance>>>;
  /** Whether a search for `text` would use a vector of `model`. */
  usesVector(text: string, model: string): Promise<boolean>;
  /** The sittings that `query` is about, best first. */
  searchSessions(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Session>>>;
  /** The message of that id between up to `count` said before it and as many after it in its session, oldest first. */
  around(id: string, count: number): Promise<Utterance[]>;
  /** Names of everybody who has spoken, other than the person and the agent. */
  speakers(): Promise<readonly string[]>;
  /** What was said in `range`, oldest first. */
  searchDate(range: TimeRange, page: PageRequest): Promise<Page<Utterance>>;
  /** The newest messages of every kind, oldest of them first. */
  latest(count: number): Promise<Message[]>;
  /** Messages of every kind in the order of time. */
  list(request: ListRequest): Promise<Message[]>;
  /** Every message of every kind, oldest first; few of them are in memory at a time. */
  all(): AsyncIterable<Message>;
  /** The whole message, or undefined. */
  get(id: string): Promise<Message | undefined>;
  /** Number of messages appended and not retracted. */
  size(): Promise<number>;
  /** The same storage as if the messages with these ids had been retracted. Unknown ids are ignored. */
  without(ids: readonly string[]): RecallStorage;
}
