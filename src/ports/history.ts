import type { Message } from "../schema/message.ts";
import type { EmbeddedPassage, Passage } from "../schema/passage.ts";
import type { Held } from "../schema/quarantine.ts";
import type { Spent } from "../schema/spent.ts";
import type { AgentState } from "../schema/state.ts";
import type { Action } from "../schema/timeline.ts";
import type { Journal, JournalReader } from "./journal.ts";

/** A turn or a command, to which every change belongs. Changes with the same `id` are undone together. */
export type ActionRef = { readonly id: string; readonly label: string };

/** Everything that one step, or one command, changed. Applied whole or not at all. */
export type Change = {
  readonly action: ActionRef;
  readonly cause: string;
  readonly at: string;
  /** Who made the change, in the form of `originOf`. Messages of a step have their own origin. */
  readonly origin?: string | undefined;
  readonly state: AgentState;
  readonly messages: readonly Message[];
  /** A vector that is not of the collection's model is not stored; its passage is, with a notice. */
  readonly passages: readonly EmbeddedPassage[];
  /** Spent on the model since the last commit. No undo gives it back. */
  readonly spent?: Spent;
  /** Messages of recall storage with new text. */
  readonly rewritten?: readonly Message[];
  /** Writes that are held back. No undo concerns them. */
  readonly held?: readonly Held[];
  /** Writes that this change releases and makes. An undo holds them back again. */
  readonly released?: readonly Held[];
  /** Ids of messages and passages to retract. */
  readonly retracted?: { readonly messages: readonly string[]; readonly passages: readonly string[] };
};

/** `from`: the newest operation that the caller knows of. */
export type CommitOptions = { readonly from?: number | undefined };

/** The effect of going from one state to another: ids of messages, without summaries, and whole passages. */
export type HistoryMove = {
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

/** An undo or a redo, with the turns and commands concerned, in that order. */
export type UndoMove = HistoryMove & { readonly actions: readonly Action[] };

/** The states that one agent has had, and the turns and commands between them. */
export interface History {
  readonly journal: Journal & JournalReader;
  /** The current state; undefined in a new store. */
  load(): Promise<AgentState | undefined>;
  /** What the agent has spent so far, undone turns included. */
  spent(): Promise<Spent>;
  /**
   * Stores changes one after another, all of them or none, and journals them.
   *
   * @returns the number of the last operation.
   * @throws MemGPTError `agent_locked` if there is a newer operation than `from`.
   */
  commit(changes: Change | readonly Change[], options?: CommitOptions): Promise<number>;
  /** The turns and commands that an undo would revert, newest first. */
  actions(count: number): Promise<Action[]>;
  /** The turn or command that the operation was part of, if known. */
  actionOf(op: number): Promise<Action | undefined>;
  /** Reverts the last `count` turns and commands, or all if there are fewer. Undefined if there is nothing to undo. */
  undo(count: number, at: string): Promise<UndoMove | undefined>;
  /** Reverts the last undo, unless something was done since. Undefined if there is nothing to redo. */
  redo(at: string): Promise<UndoMove | undefined>;
  /**
   * Goes to the state after an operation, memory and searches included, as far as the journal reaches; whatever then
   * still differs from `target.state` is set to it. Journalled as `action`. The agent's id, name and embedding stay.
   *
   * @throws MemGPTError `not_found` if `target.state` is absent and the operation does not exist.
   */
  goTo(target: Destination, action: ActionRef, at: string): Promise<HistoryMove>;
}
