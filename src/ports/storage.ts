import type { Message } from "../schema/message.ts";
import type { EmbeddedPassage, Embedding, Passage } from "../schema/passage.ts";
import type { AgentState, Block } from "../schema/state.ts";
import type { Spent } from "../schema/spent.ts";
import type { Action } from "../schema/timeline.ts";
import type { Person } from "../schema/person.ts";

/** `page` counts from 0. `size` is in items. */
export type PageRequest = { readonly page: number; readonly size: number };

/**
 * Part of a list in the order of time: the `count` items nearest to a cursor, which is the id of an item and in neither.
 * In the order of the list, `after` is where it goes on and `before` where it ends; an item that was taken back still
 * marks its place, and nothing stands after an id that never was.
 */
export type ListRequest = {
  readonly newestFirst: boolean;
  readonly count: number;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
};

/** One page of a result list whose order is the same for every page. `total` is exact. */
export type Page<T> = { readonly items: readonly T[]; readonly total: number };

/** `from` inclusive, `to` exclusive, both ISO 8601 in UTC. */
export type TimeRange = { readonly from?: string | undefined; readonly to?: string | undefined };

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

/** What to look for in what was said, and where. Everything but `text` narrows. */
export type RecallQuery = {
  readonly text: string;
  readonly range?: TimeRange | undefined;
  readonly role?: "user" | "assistant" | undefined;
  /** The whole name, or one of several, in any case of letters, with or without accents. */
  readonly speaker?: string | undefined;
  readonly session?: number | undefined;
  /** Whether a lookup of words that nobody said finds lines with words that may stand for them. */
  readonly orRelated?: boolean | undefined;
  /** Names in `text` that mean the person or the agent, whose messages have no speaker. */
  readonly people?: readonly Person[] | undefined;
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
 * A result with the number it was ranked by, and what that is made of: `lexical` (shared words, BM25), `vector` (cosine),
 * `neighbour` and `session` (what stands around it), `exact` (quoted or identifier), `time`, `speaker`. Higher is better,
 * comparable within one list only.
 */
export type Hit<T> = T & { readonly score: number; readonly signals: Readonly<Record<string, number>> };

/** Part of a text, as UTF-16 offsets: `start` is in it, `end` is not. */
export type TextRange = readonly [start: number, end: number];

/** A line of core memory, counted from 1 in its block. `score` is how many words of the query it has. */
export type FoundLine = {
  readonly label: string;
  readonly line: number;
  readonly text: string;
  readonly score: number;
  readonly matches: readonly TextRange[];
};

/**
 * The complete log of one agent's messages, including those already evicted from its FIFO queue.
 *
 * What is searched is what was *said*: a person's words and the text of `send_message`; not envelopes, not the internal
 * monologue, not function returns.
 */
export interface RecallStorage {
  /** Best match first. A query without a searchable term matches nothing. Pages of one query keep their order while more is said. */
  search(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Utterance>>>;
  /** The sittings that `query` is about, best first. */
  searchSessions(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Session>>>;
  /** The message of that id, and up to `count` that were said before and as many after it in its session, oldest first. */
  around(id: string, count: number): Promise<Utterance[]>;
  /** Names of those who have spoken, beside the person and the agent. */
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
  /** Number of messages appended and not taken back. */
  size(): Promise<number>;
  /** The same storage as if the messages with those ids had been taken back. Unknown ids are ignored. */
  without(ids: readonly string[]): RecallStorage;
}

/** One agent's passages. */
export interface ArchivalStorage {
  /**
   * Best match first. With `embedding`, passages that are only similar (cosine at least `minSimilarity`) follow and mix
   * with those that share words.
   */
  search(query: ArchivalQuery, page: PageRequest): Promise<Page<Hit<Passage>>>;
  /** Newest first. */
  latest(count: number): Promise<Passage[]>;
  /** Passages in the order in which they were kept. */
  list(request: ListRequest): Promise<Passage[]>;
  /** Every passage, oldest first; few of them are in memory at a time. */
  all(): AsyncIterable<Passage>;
  /** The passage, or undefined. */
  get(id: string): Promise<Passage | undefined>;
  size(): Promise<number>;
  /** The same storage as if the passages with those ids had been taken back. Unknown ids are ignored. */
  without(ids: readonly string[]): ArchivalStorage;
  collection(): Promise<CollectionInfo>;
  /** Neither loads nor builds the index. */
  vectorIndex(): Promise<VectorIndexInfo>;
  /**
   * Whether a vector of `model` can stand beside those there are: any can while there are none. Where it cannot, a notice
   * says so, and to embed anything for this collection is wasted.
   */
  takes(model: string): Promise<boolean>;
  /** Whether a search for `text` would use a vector of `model`. Says what `takes` says. */
  usesVector(text: string, model: string): Promise<boolean>;
}

/** What an agent's passages are embedded with. Model and dimensions are null while there is no vector. */
export type CollectionInfo = {
  readonly model: string | null;
  readonly dimensions: number | null;
  /** Passages that only their words find. */
  readonly withoutVector: number;
};

/**
 * How passages are searched by their vectors, as whoever opens the agent finds it. `exact`: the query is compared with each
 * of `vectors`; `graph`: with few, which a graph leads to; `none`: there is no vector.
 */
export type VectorIndexInfo = {
  readonly kind: "none" | "exact" | "graph";
  /** Of a graph: those in its files, without files that are missing or of no use and will be made anew. */
  readonly vectors: number;
  /** Passages that the graph lacks: they are compared one by one, and added to it in the background. */
  readonly pending: number;
  /** Passages that were taken back and are still in the graph. */
  readonly removed: number;
  /** About what it takes once it is loaded, with all that is pending. */
  readonly memoryBytes: number;
  readonly fileBytes: number;
};

export type ArchivalQuery = {
  readonly text: string;
  /** Used only if it is of the model that the collection was made with. */
  readonly embedding?: Embedding | null | undefined;
  readonly minSimilarity?: number | undefined;
  readonly range?: TimeRange | undefined;
  /** As in `RecallQuery`; passages are steered by when they were kept. */
  readonly now?: string | undefined;
};

/** One change to memory. `before` and `after` are JSON texts; null where there was or is nothing. */
export type JournalEntry = {
  readonly op: number;
  readonly at: string;
  /** Id of the message that made the change, or the command that did. */
  readonly cause: string;
  /** `position`: the agent went from the state after operation `before` to the one after operation `after`. */
  readonly kind: "message" | "passage" | "block" | "queue" | "state" | "position";
  /** Message id, passage id, block label or name of the state's field. */
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
};

/**
 * The record of every change, numbered from 1 without gaps. Only where a checkpoint knew of operations that the database
 * did not (it was lost, or is an older copy) the numbers go on from the checkpoint's.
 *
 * Going back in time is an entry of its own, of kind `position`, after which the changes go on from there: the journal
 * is a tree of states written down in the order of time. The present is one of them, and every other can be gone to.
 */
export interface Journal {
  /** Number of the newest operation; 0 when there is none. */
  head(): Promise<number>;
  /** Entries with `from < op <= to`, oldest first, whether or not the present descends from them. */
  entries(from: number, to: number): Promise<JournalEntry[]>;
  /** The changes of a block, or of all, that the present descends from, oldest first. */
  blockEntries(label?: string): Promise<JournalEntry[]>;
  /** The changes of blocks, passages and fields of the state that the message of that id made, oldest first. */
  causedBy(cause: string): Promise<JournalEntry[]>;
}

/** What the rules of going back and forth (memory/journey.ts) read of a journal. Nobody else writes meanwhile. */
export interface JournalReader {
  /** Number of the newest operation; 0 when there is none. */
  head(): Promise<number>;
  /** Number of the oldest operation; 0 when there is none. */
  first(): Promise<number>;
  /** The newest operation up to `op`, and where it went if its kind is `position`; undefined if there is none. */
  newest(op: number): Promise<{ readonly op: number; readonly to: number | undefined } | undefined>;
  /** The newest entry of kind `position` before `op`, and the operation that it went to. */
  journeyBefore(op: number): Promise<{ readonly op: number; readonly to: number } | undefined>;
  /** Entries with `from < op <= to`, oldest first. */
  entries(from: number, to: number): Promise<JournalEntry[]>;
  /** The messages of those ids as they are stored, as JSON, taken back or not. Unknown ids are missing. */
  messages(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/**
 * What passages are embedded anew with: a vector space, which a model and the length of its vectors make. Two servers may
 * call different models the same, so that where it is belongs to it.
 */
export type ReindexTarget = {
  readonly provider: string;
  readonly endpoint: string | null;
  readonly model: string;
  readonly dimensions: number | null;
};

/** A passage to embed, by its number in the collection. */
export type Unembedded = { readonly seq: number; readonly text: string };

/** A vector that was made for a passage; null where there is none that can be used. */
export type Reembedded = { readonly seq: number; readonly vector: Float32Array | null };

/**
 * Embeds every passage anew, those taken back included, since an undo may bring them back. The vectors stand aside until
 * all are there, so that searches are served meanwhile, and stay there if it is interrupted.
 */
export interface Reindexing {
  /** Goes on where one for the same target stopped, or begins. Counts are in passages. */
  begin(target: ReindexTarget): Promise<{ readonly done: number; readonly total: number }>;
  /** The next `count` passages, oldest first; none at the end. */
  next(count: number): Promise<Unembedded[]>;
  /** What cannot be used, or is of another length than the first, is left out: the passage will have no vector. */
  add(vectors: readonly Reembedded[]): Promise<void>;
  /**
   * Makes the new vectors those of the collection, and stores `change`, in one go.
   *
   * @throws MemGPTError `storage_failed` if a passage has not been embedded.
   */
  finish(change: Change): Promise<void>;
}

/** A turn or a command, to which every change belongs. Changes with the same `id` are undone together. */
export type ActionRef = { readonly id: string; readonly label: string };

/** Turns and commands in the order in which they were made. */
export interface Timeline {
  /** What an undo would take back, newest first. */
  done(count: number): Promise<Action[]>;
  /** What the operation was part of; undefined where that is not known. */
  actionOf(op: number): Promise<Action | undefined>;
}

/** All that one step, or one command, changed. Applied whole or not at all. */
export type Change = {
  readonly action: ActionRef;
  readonly cause: string;
  readonly at: string;
  readonly state: AgentState;
  readonly messages: readonly Message[];
  /** A vector that is not of the collection's model is not stored; its passage is, with a notice. */
  readonly passages: readonly EmbeddedPassage[];
  /** What the model was paid for it, and for what led to it since the last commit. No undo gives it back. */
  readonly spent?: Spent;
  /** Messages of recall storage that say something else now. */
  readonly rewritten?: readonly Message[];
  /** Ids of messages and passages that are taken back. */
  readonly retracted?: { readonly messages: readonly string[]; readonly passages: readonly string[] };
};

export type CommitOptions = { readonly from?: number | undefined };

/** What going from one state to another did. Ids of messages (summaries are none), whole passages. */
export type Travel = {
  readonly before: AgentState;
  readonly state: AgentState;
  readonly messages: {
    readonly removed: readonly string[];
    readonly added: readonly string[];
    readonly rewritten: readonly string[];
  };
  readonly passages: { readonly removed: readonly Passage[]; readonly added: readonly Passage[] };
};

/** An operation, and what the state after it must be. */
export type Destination = { readonly op: number; readonly state?: AgentState | undefined };

/** A travel, and the turns and commands that it undid or redid, in that order. */
export type UndoTravel = Travel & { readonly actions: readonly Action[] };

/** The checkpoint file that was known to be in place, and the newest operation that the agent agreed with it after. */
export type CheckpointMark = { readonly file: string; readonly op: number };

/** What the database knows of the checkpoint files beside it. */
export interface CheckpointMarks {
  get(): Promise<CheckpointMark | undefined>;
  /** Notes that a file is in place. Throws nothing: what cannot be stored at once goes with the next commit. */
  note(mark: CheckpointMark): void;
}

/**
 * Everything one agent has on disk. Every method is one atomic unit of work: there is no public transaction, because
 * better-sqlite3 transactions cannot span an `await`.
 *
 * @throws MemGPTError `storage_failed` from every method, with what the disk or the database said.
 */
export interface AgentStore {
  readonly recall: RecallStorage;
  readonly archival: ArchivalStorage;
  readonly journal: Journal;
  readonly timeline: Timeline;
  readonly marks: CheckpointMarks;
  readonly reindexing: Reindexing;
  /** What a person should know of how searches are served; grows while the store is in use. */
  readonly notices: readonly string[];
  /** Adds to `notices`, unless it is there already. */
  say(notice: string): void;
  /** Where words of `query` stand in `text`, in any of the forms in which searches find them. */
  matchesIn(text: string, query: string): readonly TextRange[];
  /** The lines of `blocks` that searches would find, the best first. */
  searchBlocks(query: string, blocks: readonly Block[]): readonly FoundLine[];
  /** The current state, or undefined in a new store. */
  load(): Promise<AgentState | undefined>;
  /** What the agent has spent so far, undone turns included. */
  spent(): Promise<Spent>;
  /**
   * Stores changes one after another, all of them or none, and journals them.
   *
   * @param options.from The newest operation that the caller knows of.
   * @returns the number of the last operation.
   * @throws MemGPTError `agent_locked` if there is a newer operation than `from`.
   */
  commit(changes: Change | readonly Change[], options?: CommitOptions): Promise<number>;
  /** Takes back the last `count` turns and commands, as far as there are so many. Undefined: there is none. */
  undo(count: number, at: string): Promise<UndoTravel | undefined>;
  /** Takes back the last undo, unless something was done since. Undefined: there is none. */
  redo(at: string): Promise<UndoTravel | undefined>;
  /**
   * Goes to the state after an operation, memory and searches included, as far as the journal reaches; what then still
   * differs from `state`, if it is given, is set to what it says. Journalled as `action`. The agent's id, name and
   * embedding stay.
   *
   * @throws MemGPTError `not_found` if `state` is not given and there is no such operation.
   */
  goTo(target: Destination, action: ActionRef, at: string): Promise<Travel>;
  close(): void;
}
