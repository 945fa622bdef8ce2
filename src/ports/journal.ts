/** One change to memory. `before` and `after` are JSON texts; null for something that did not exist. */
export type JournalEntry = {
  readonly op: number;
  readonly at: string;
  /** Id of the message that made the change, or the command that did. */
  readonly cause: string;
  /** Who made the change, in the form of `originOf`; null for entries of older versions. */
  readonly origin?: string | null | undefined;
  /** `position`: the agent went from the state after operation `before` to the one after operation `after`. */
  readonly kind: "message" | "passage" | "block" | "queue" | "state" | "position";
  /** Message id, passage id, block label or name of the state's field; `quarantine` where a held write was released. */
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
};

/**
 * The record of every change, numbered from 1 without gaps. After a loss, when a checkpoint knows of operations that
 * the storage does not, numbering continues after the checkpoint's.
 *
 * Going back in time is an entry of its own, of kind `position`; later changes continue from there. So the journal is a
 * tree of states in the order of time. The present is one of them, and every other can be reached.
 */
export interface Journal {
  /** Number of the newest operation; 0 if the journal is empty. */
  head(): Promise<number>;
  /** Entries with `from < op <= to`, oldest first, whether or not the present descends from them. */
  entries(from: number, to: number): Promise<JournalEntry[]>;
  /** The changes of a block, or of all, that the present descends from, oldest first. */
  blockEntries(label?: string): Promise<JournalEntry[]>;
  /** The changes of blocks, passages and fields of the state that the message of that id made, oldest first. */
  causedBy(cause: string): Promise<JournalEntry[]>;
}

/** What the rules of undo and redo (memory/journey.ts) read of a journal. Nobody else writes at the same time. */
export interface JournalReader {
  /** Number of the newest operation; 0 if the journal is empty. */
  head(): Promise<number>;
  /** Number of the oldest operation; 0 if the journal is empty. */
  first(): Promise<number>;
  /** The newest operation up to `op`, if any, and where it went if its kind is `position`. */
  newest(op: number): Promise<{ readonly op: number; readonly to: number | undefined } | undefined>;
  /** The newest entry of kind `position` before `op`, and the operation that it went to. */
  journeyBefore(op: number): Promise<{ readonly op: number; readonly to: number } | undefined>;
  /** Entries with `from < op <= to`, oldest first. */
  entries(from: number, to: number): Promise<JournalEntry[]>;
  /** The stored JSON of the messages with these ids, retracted or not. Unknown ids are missing. */
  messages(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
