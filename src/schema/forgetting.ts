import * as z from "zod";

/** What a forgotten text is replaced by, where something must stand. */
export const FORGOTTEN = "[forgotten]";

/** What to forget. Exactly one field is given, but for `from` and `to`, which may both be. */
export type ForgetRequest = {
  /** Everything that says this, in any case of letters. */
  readonly match?: string | undefined;
  /** Id of a message. */
  readonly message?: string | undefined;
  /** Id of a passage. */
  readonly passage?: string | undefined;
  /** Name of a source: what searches showed of it. */
  readonly source?: string | undefined;
  /** ISO 8601: what was said and kept from then on, and before then. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Everything that an undo, a pop or a wipe reverted. */
  readonly allUndone?: boolean | undefined;
};

const ids = z.array(z.string());

/**
 * A request as it is carried out. Nothing has to be looked up any more, so that an interrupted one can be resumed. It is
 * stored while it is carried out, and not after.
 */
export const forgetOrderSchema = z.object({
  at: z.string(),
  /** Who asked. */
  by: z.string(),
  /** Id of the agent. */
  agent: z.string(),
  /** In lower case. Nothing that says one of these stays. */
  words: z.array(z.string()),
  messages: ids,
  passages: ids,
  /** Sentences that the agent noted in a block because of what goes: the label of the block, and the sentence in lower case. */
  notes: z.array(z.tuple([z.string(), z.string()])).default([]),
  /** Names of turns and commands that quote what goes. */
  labels: z.array(z.string()),
  /** What stays as it is: labels of blocks, `summary`, and ids of passages. */
  keep: z.array(z.string()),
  /** Operations on branches of the journal that go, first and last of each run. */
  branches: z.array(z.tuple([z.number(), z.number()])),
});
export type ForgetOrder = Readonly<z.infer<typeof forgetOrderSchema>>;

/** A block or the summary in context that says it, and what is left of it. `label` is `summary` for the summary. */
export type ForgetRewrite = { readonly label: string; readonly before: string; readonly after: string };

/** A passage that the agent noted because of a message that goes. */
export type ForgetNote = { readonly id: string; readonly text: string };

/** What is forgotten, and where it stands. */
export type Forgettable = {
  readonly messages: number;
  readonly passages: number;
  /** Rows of the journal, and turns and commands that quote it. */
  readonly journal: number;
  readonly quarantined: number;
  readonly checkpoints: number;
  /** Lines typed in the chat. */
  readonly typed: number;
  /** Lines of the record of blocks, outdated ones included. */
  readonly blockLines: number;
  /** Copies of damaged databases, which are removed as a whole. */
  readonly copies: readonly string[];
  readonly rewrites: readonly ForgetRewrite[];
  readonly notes: readonly ForgetNote[];
  /** Files of backups that memgpt wrote and that still hold it. They are not changed. */
  readonly backups: readonly string[];
  /** The beginnings of some of the messages and passages. */
  readonly excerpts: readonly string[];
  /** Where it may still stand afterwards, as a sentence. */
  readonly remains: string;
};
