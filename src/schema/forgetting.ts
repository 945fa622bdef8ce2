import * as z from "zod";
import { once } from "./once.ts";

/** Replaces a forgotten text where an empty one is impossible. */
export const FORGOTTEN = "[forgotten]";

/** What to forget. Exactly one field is given, except that `from` and `to` can be combined. */
export type ForgetRequest = {
  /** Everything that contains this text, in any letter case. */
  readonly match?: string | undefined;
  /** Id of a message. */
  readonly message?: string | undefined;
  /** Id of a passage. */
  readonly passage?: string | undefined;
  /** Name of a source: what searches showed of it. */
  readonly source?: string | undefined;
  /** ISO 8601; what was said and stored in this time, `from` inclusive, `to` exclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Everything that an undo, a pop or a wipe reverted. */
  readonly allUndone?: boolean | undefined;
};

/**
 * A request with everything looked up, so an interrupted one can be resumed. It is stored only while it is carried out.
 */
export const forgetOrderSchema = once(() =>
  z.object({
    at: z.string(),
    /** Who asked. */
    by: z.string(),
    /** Id of the agent. */
    agent: z.string(),
    /** In lower case. Nothing that says one of these stays. */
    words: z.array(z.string()),
    messages: z.array(z.string()),
    passages: z.array(z.string()),
    /** Sentences that the agent noted in a block because of what goes: the label of the block, and the sentence in lower case. */
    notes: z.array(z.tuple([z.string(), z.string()])).default([]),
    /** Names of turns and commands that quote what goes. */
    labels: z.array(z.string()),
    /** What stays as it is: labels of blocks, `summary`, and ids of passages. */
    keep: z.array(z.string()),
    /** Operations on branches of the journal that go, first and last of each run. */
    branches: z.array(z.tuple([z.number(), z.number()])),
    /** Labels of the blocks to which it is limited: those that an agent shares with the one that forgets. */
    only: z.array(z.string()).optional(),
    /** Ids of the same blocks: their labels may have been different. */
    blocks: z.array(z.string()).optional(),
  }),
);
export type ForgetOrder = Readonly<z.infer<ReturnType<typeof forgetOrderSchema>>>;

/** A block, or the summary in context, before and after forgetting. `label` is `summary` for the summary. */
export type ForgetRewrite = { readonly label: string; readonly before: string; readonly after: string };

/** A passage that the agent noted because of a forgotten message. */
export type ForgetNote = { readonly id: string; readonly text: string };

/** What would be forgotten, and where. */
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
  /** Other agents that forget it too, in a shared block. */
  readonly sharers: readonly string[];
  /** Backup files written by memgpt that still hold it. They are not changed. */
  readonly backups: readonly string[];
  /** The beginnings of some of the messages and passages. */
  readonly excerpts: readonly string[];
  /** Where it may remain afterwards, as a sentence. */
  readonly remains: string;
};
