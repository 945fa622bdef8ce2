import type { CheckpointFile } from "../schema/checkpoint.ts";
import type { Message } from "../schema/message.ts";
import type { EmbeddedPassage, Passage } from "../schema/passage.ts";
import type { AgentState } from "../schema/state.ts";

/** `page` counts from 0. `size` is in items. */
export type PageRequest = { readonly page: number; readonly size: number };

/** One page of a result list whose order is the same for every page. `total` is exact. */
export type Page<T> = { readonly items: readonly T[]; readonly total: number };

/** `from` inclusive, `to` exclusive, both ISO 8601 in UTC. */
export type TimeRange = { readonly from?: string | undefined; readonly to?: string | undefined };

/** What was said, by whom and when: the searchable part of a message. */
export type Utterance = {
  readonly id: string;
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly createdAt: string;
};

/** A result with the number it was ranked by; higher is better, comparable within one list only. */
export type Hit<T> = T & { readonly score: number };

/**
 * The complete log of one agent's messages, including those already evicted from its FIFO queue.
 *
 * What is searched is what was *said*: a person's words and the text of `send_message`; not envelopes, not the internal
 * monologue, not function returns.
 */
export interface RecallStorage {
  /** Best match first. A query without a searchable term matches nothing. */
  search(query: string, range: TimeRange, page: PageRequest): Promise<Page<Hit<Utterance>>>;
  /** What was said in `range`, oldest first. */
  searchDate(range: TimeRange, page: PageRequest): Promise<Page<Utterance>>;
  /** The newest messages of every kind, oldest of them first. */
  latest(count: number): Promise<Message[]>;
  /** The whole message, or undefined. */
  get(id: string): Promise<Message | undefined>;
  /** Number of messages appended and not taken back. */
  size(): Promise<number>;
}

/** One agent's passages. */
export interface ArchivalStorage {
  /**
   * Best match first. With `vector`, passages that are only similar (cosine at least `minSimilarity`) follow and mix
   * with those that share words.
   */
  search(query: ArchivalQuery, page: PageRequest): Promise<Page<Hit<Passage>>>;
  /** Newest first. */
  latest(count: number): Promise<Passage[]>;
  size(): Promise<number>;
}

export type ArchivalQuery = {
  readonly text: string;
  readonly vector?: Float32Array | null | undefined;
  readonly minSimilarity?: number | undefined;
  readonly range?: TimeRange | undefined;
};

/** One change to memory. `before` and `after` are JSON texts; null where there was or is nothing. */
export type JournalEntry = {
  readonly op: number;
  readonly at: string;
  /** Id of the message that made the change, or the command that did. */
  readonly cause: string;
  readonly kind: "message" | "passage" | "block" | "queue" | "state";
  /** Message id, passage id, block label or name of the state's field. */
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
};

/**
 * The record of every change, numbered from 1 without gaps. Only where a checkpoint knew of operations that the database
 * did not (it was lost, or is an older copy) the numbers go on from the checkpoint's.
 */
export interface Journal {
  /** Number of the newest operation; 0 when there is none. */
  head(): Promise<number>;
  /** Entries with `from < op <= to`, oldest first. */
  entries(from: number, to: number): Promise<JournalEntry[]>;
}

/** All that one step changed. Applied whole or not at all. */
export type Change = {
  readonly cause: string;
  readonly at: string;
  readonly state: AgentState;
  readonly messages: readonly Message[];
  readonly passages: readonly EmbeddedPassage[];
};

/**
 * Which checkpoint file the database last agreed with. `intended` is the one that was about to be written after it, and
 * may be there or not: that it was written has not been noted.
 */
export type CheckpointMark = { readonly file: string; readonly op: number; readonly intended?: string };

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
  /** What a person should know of how searches are served; grows while the store is in use. */
  readonly notices: readonly string[];
  /** The current state, or undefined in a new store. */
  load(): Promise<AgentState | undefined>;
  /** Stores `change` and journals it. @returns the number of its last operation. */
  commit(change: Change): Promise<number>;
  /**
   * Undoes every operation after `op`, which is journalled in turn and so can be undone by reverting to a later one.
   *
   * @returns the state as it was right after `op`.
   */
  revert(op: number, cause: string, at: string): Promise<AgentState>;
  /**
   * Goes to a checkpoint. As far as the journal reaches, this is a revert; what then still differs from the checkpoint,
   * because the database is not the one it was written beside, is set to what it says. Journalled.
   *
   * @returns the checkpoint's state.
   */
  restore(checkpoint: Pick<CheckpointFile, "op" | "state">, cause: string, at: string): Promise<AgentState>;
  checkpointMark(): Promise<CheckpointMark | undefined>;
  /** Notes beside the mark which file is about to be written. Without a mark there is nothing to note. */
  intendCheckpoint(file: string): Promise<void>;
  /** Notes that a file is in place, which ends every intention. */
  markCheckpoint(mark: Omit<CheckpointMark, "intended">): Promise<void>;
  close(): void;
}
