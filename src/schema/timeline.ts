import type { Message } from "./message.ts";
import type { Passage } from "./passage.ts";

/** One turn, or one command that changed something: what one undo reverts. `at` is ISO 8601 in UTC. */
export type Action = {
  readonly at: string;
  /** As people see it, such as `turn "my boyfriend James …"` or `/core edit human`. */
  readonly label: string;
};

/** How one block was changed. */
export type BlockChange = { readonly label: string; readonly before: string; readonly after: string };

/** What a command did to memory, for a person to read. */
export type MemoryChange = {
  /** Messages that left recall storage, returned to it, or were reworded. */
  readonly messages: { readonly removed: number; readonly added: number; readonly rewritten: number };
  /** Messages that a summary replaced in context; below zero, messages that came back for one. */
  readonly evicted: number;
  readonly blocks: readonly BlockChange[];
  /** Texts of passages that left archival storage, or returned to it. */
  readonly passages: { readonly removed: readonly string[]; readonly added: readonly string[] };
  /** Other changes in words: model, context window, system prompt, functions … */
  readonly settings: readonly string[];
};

/** What was undone or redone. `actions` are in the order in which that happened; empty if nothing was left. */
export type Undone = { readonly actions: readonly Action[]; readonly change: MemoryChange };

/** What was popped. */
export type Popped = {
  /** Oldest first. More than `asked` if a call would have lost its return, fewer near the beginning. */
  readonly messages: readonly Message[];
  readonly asked: number;
  readonly change: MemoryChange;
  /** Labels of blocks left as they are because something else changed them since. */
  readonly kept: readonly string[];
};

/** One checkpoint in a list. `number` counts from 1, newest first. */
export type CheckpointEntry = {
  readonly number: number;
  readonly file: string;
  /** The operation of the journal that it was written after; null if the file cannot be read. */
  readonly op: number | null;
  readonly time: string;
  readonly name: string | null;
  /** Whether it is kept for good. */
  readonly kept: boolean;
  /** The turn or command before it; null if unknown. */
  readonly after: string | null;
  /** Why it cannot be loaded; null if it can. */
  readonly problem: string | null;
};

/** One edit of a block. */
export type BlockEdit = BlockChange & {
  readonly op: number;
  readonly at: string;
  /** The turn or command that made it. */
  readonly action: string;
  /** What the agent thought as it made the edit; null for a person's edit. */
  readonly thought: string | null;
  /** The message whose call made the edit; null for a person's edit. */
  readonly messageId: string | null;
  /** Who made the edit, such as `model`, `person` or `client:cursor`; null if an older version did not record it. */
  readonly origin: string | null;
};

/** What led to the last reply. */
export type Explanation = {
  /** The message or event that was answered. */
  readonly asked: string;
  readonly askedAt: string;
  readonly reply: string;
  readonly thoughts: readonly string[];
  /** Lines of core memory, as the model saw it then, that share words with the reply; the most telling first. */
  readonly core: readonly SeenFact[];
  readonly searches: readonly ExplainedSearch[];
  readonly edits: readonly ExplainedEdit[];
};

/** One line of a block. */
export type SeenFact = { readonly label: string; readonly text: string };

export type ExplainedSearch = {
  readonly function: string;
  /** The arguments of the call, as the model wrote them. */
  readonly arguments: string;
  /** The thought beside the call, if any. */
  readonly thought: string | null;
  /** What the model read: the page, or why the call failed. */
  readonly output: string;
  /** The model behind the signal `meaning`; null if words alone ranked. */
  readonly model: string | null;
  /** The results it saw, best first. */
  readonly results: readonly SearchResult[];
};

export type SearchResult = Passage & {
  /** Who said it; null for a passage. */
  readonly role: "user" | "assistant" | null;
  /** The attached source that a passage is from; absent for the agent's own. */
  readonly source?: string;
  /** Their name, if neither the person nor the agent. */
  readonly speaker?: string;
  /** What it was ranked by: signals by name, higher is better. */
  readonly signals: Readonly<Record<string, number>>;
};

export type ExplainedEdit = {
  /** Label of the block, or `archival`. */
  readonly target: string;
  readonly before: string | null;
  readonly after: string;
  readonly thought: string | null;
  /** As for an edit of a block. */
  readonly origin: string | null;
};
