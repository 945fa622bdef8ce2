import {
  type Action,
  type BlockChange,
  type CheckpointEntry,
  type MemoryChange,
  type Popped,
  type Undone,
  shownTime,
} from "../../index.ts";
import { changedLines } from "./line-diff.ts";
import { counted, excerpt, listed } from "./one-line.ts";

/** What `agent.loadCheckpoint` returns. */
type Loaded = { readonly checkpoint: CheckpointEntry; readonly change: MemoryChange };

/** Most characters shown of a block's line or of a passage. */
const EXCERPT = 70;

/** Most passages to quote; further ones are only counted. */
const NAMED_PASSAGES = 3;

/** What a command did to memory, as a list of clauses; empty if nothing. */
export function describeChange({ messages, evicted, blocks, passages, settings }: MemoryChange): string {
  return [
    ...(messages.removed > 0 ? [`${counted(messages.removed, "message")} removed`] : []),
    ...(messages.added > 0 ? [`${counted(messages.added, "message")} restored`] : []),
    ...(messages.rewritten > 0 ? [`${counted(messages.rewritten, "message")} reworded as before`] : []),
    ...(evicted < 0 ? [`${counted(-evicted, "message")} back in context`] : []),
    ...(evicted > 0 ? [`${counted(evicted, "message")} replaced in context by a summary again`] : []),
    ...blocks.map(describeBlock),
    ...describePassages(passages.removed, "removed"),
    ...describePassages(passages.added, "restored"),
    ...(settings.length > 0 ? [listed(settings)] : []),
  ].join("; ");
}

/** What `/pop` did, in a line. `/retry` shows it, too. */
export function describePopped({ messages, asked, change, kept }: Popped): string {
  if (messages.length === 0) return "Nothing to pop.";
  const rest = describeChange({ ...change, messages: { removed: 0, added: 0, rewritten: 0 } });
  const stays = kept.length === 0 ? "" : `; ${listed(kept)} is unchanged, because it was edited again since`;
  return `Popped ${counted(messages.length, "message")}${countNote(messages.length, asked)}${rest === "" ? "" : `; ${rest}`}${stays}.`;
}

/** What loading a checkpoint did, in a line. `undo` is the command that reverts it. */
export function describeLoaded({ checkpoint, change }: Loaded, undo = "/undo"): string {
  const what = checkpoint.name === null ? "the checkpoint" : `checkpoint "${checkpoint.name}"`;
  return `Loaded ${what} of ${shownTime(checkpoint.time)}${afterColon(change)}. ${undo} reverts it.`;
}

/** What an undo of `asked` actions did, in a line. `redo` is the command that reverses it. */
export function describeUndone(undone: Undone, asked: number, redo = "/redo"): string {
  if (undone.actions.length === 0) return "Nothing to undo.";
  const fewer = undone.actions.length < asked ? " (there were no more)" : "";
  return `Undid ${named(undone.actions)}${fewer}${afterColon(undone.change)}. ${redo} brings ${pronoun(undone)} back.`;
}

/** What a redo did, in a line. */
export function describeRedone(redone: Undone, undo = "/undo"): string {
  if (redone.actions.length === 0) return "Nothing to redo.";
  return `Redid ${named(redone.actions)}${afterColon(redone.change)}. ${undo} undoes ${pronoun(redone)} again.`;
}

function pronoun({ actions }: Undone): string {
  return actions.length === 1 ? "it" : "them";
}

function countNote(popped: number, asked: number): string {
  if (popped > asked) return ` (${asked} would have separated a call from its return)`;
  return popped < asked ? " (no more are in context)" : "";
}

function named(actions: readonly Action[]): string {
  const labels = actions.map(({ label }) => label);
  const shown = labels.length <= 4 ? listed(labels) : `${labels.slice(0, 3).join(", ")} and ${labels.length - 3} more`;
  return labels.length === 1 ? shown : `${labels.length} actions (${shown})`;
}

function afterColon(change: MemoryChange): string {
  const described = describeChange(change);
  return described === "" ? "" : `: ${described}`;
}

/** Describes a block by its changed lines. These commands return to an earlier state, so an added line is a restored one. */
function describeBlock({ label, before, after }: BlockChange): string {
  const { removed, added } = changedLines(before, after);
  const [old, now] = [quoted(removed), quoted(added)];
  if (removed.length === 0 && added.length === 0) return `${label} restored`;
  if (added.length === 0) return `${label}: ${old} removed`;
  return removed.length === 0 ? `${label}: ${now} restored` : `${label}: ${old} is ${now} again`;
}

function quoted(texts: readonly string[]): string {
  return `"${excerpt(texts.join("; "), EXCERPT)}"`;
}

function describePassages(passages: readonly string[], what: string): string[] {
  if (passages.length === 0) return [];
  const names = passages.slice(0, NAMED_PASSAGES).map((text) => `"${excerpt(text, EXCERPT)}"`);
  const more = passages.length > NAMED_PASSAGES ? `${names.join(", ")} ...` : listed(names);
  return [`${counted(passages.length, "archival passage")} ${what} (${more})`];
}
