import type { Message } from "./message.ts";
import type { Passage } from "./passage.ts";

/** One turn, or one command that changed something: what one undo takes back. `at` is ISO 8601 in UTC. */
export type Action = {
  readonly at: string;
  /** What a person calls it, such as `turn "my boyfriend James …"` or `/core edit human`. */
  readonly label: string;
};

/** How one block was changed. */
export type BlockChange = { readonly label: string; readonly before: string; readonly after: string };

/** What a command did to memory, for a person to read. */
export type MemoryChange = {
  /** Messages that recall storage no longer has, that it has again, and that say something else. */
  readonly messages: { readonly removed: number; readonly added: number; readonly rewritten: number };
  /** Messages that left the context for a summary, or, below zero, that came back from it. */
  readonly evicted: number;
  readonly blocks: readonly BlockChange[];
  /** Texts of passages that archival storage no longer has, and that it has again. */
  readonly passages: { readonly removed: readonly string[]; readonly added: readonly string[] };
  /** What else is another now: `model`, `context window`, `system prompt`, `functions` … */
  readonly settings: readonly string[];
};

/** What was undone or redone. `actions` are in the order in which they were undone or redone; empty: nothing was left to. */
export type Undone = { readonly actions: readonly Action[]; readonly change: MemoryChange };

/** What was popped. */
export type Popped = {
  /** Oldest first. More than was asked for where a call would have been parted from its return, fewer at the beginning. */
  readonly messages: readonly Message[];
  readonly asked: number;
  readonly change: MemoryChange;
  /** Labels of blocks that stay as they are, since they were changed again after what was popped. */
  readonly kept: readonly string[];
};

/** One checkpoint in a list. `number` counts from 1, the newest. */
export type CheckpointEntry = {
  readonly number: number;
  readonly file: string;
  /** The operation of the journal that it was written after; null where the file cannot be read. */
  readonly op: number | null;
  readonly time: string;
  readonly name: string | null;
  /** Whether it stays for ever. */
  readonly kept: boolean;
  /** The turn or command that led to it; null where that is not known. */
  readonly after: string | null;
  /** Why it cannot be loaded; null for one that can. */
  readonly problem: string | null;
};

/** How a block came to say what it says: one edit. */
export type BlockEdit = BlockChange & {
  readonly op: number;
  readonly at: string;
  /** The turn or command that made it. */
  readonly action: string;
  /** What the agent thought when it made it; null for a person's edit. */
  readonly thought: string | null;
};

/** What led to the last reply. */
export type Explanation = {
  /** The message, or the event, that was answered. */
  readonly asked: string;
  readonly askedAt: string;
  readonly reply: string;
  readonly thoughts: readonly string[];
  readonly searches: readonly ExplainedSearch[];
  readonly edits: readonly ExplainedEdit[];
};

export type ExplainedSearch = {
  readonly function: string;
  /** The arguments of the call, as the model wrote them. */
  readonly arguments: string;
  /** Why, as far as the model said. */
  readonly thought: string | null;
  /** What the model was told: the page, or why it failed. */
  readonly output: string;
  /** The results that it was shown, best first. */
  readonly results: readonly SearchResult[];
};

export type SearchResult = Passage & {
  /** Who said it; null for a passage. */
  readonly role: "user" | "assistant" | null;
  /** Their name, where they are neither the person nor the agent. */
  readonly speaker?: string;
  /** What it was ranked by: each signal by its name, higher is better. */
  readonly signals: Readonly<Record<string, number>>;
};

export type ExplainedEdit = {
  /** Label of the block, or `archival`. */
  readonly target: string;
  readonly before: string | null;
  readonly after: string;
  readonly thought: string | null;
};
