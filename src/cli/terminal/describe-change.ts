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

/** Characters of a block's line, or of a passage, that are shown. */
const EXCERPT = 70;

/** Passages that are named; of more only the number is told. */
const NAMED_PASSAGES = 3;

/** What a command did to memory, as one clause after another; empty if it did nothing. */
export function describeChange({ messages, evicted, blocks, passages, settings }: MemoryChange): string {
  return [
    ...(messages.removed > 0 ? [`${counted(messages.removed, "message")} taken back`] : []),
    ...(messages.added > 0 ? [`${counted(messages.added, "message")} back`] : []),
    ...(messages.rewritten > 0 ? [`${counted(messages.rewritten, "message")} as worded then`] : []),
    ...(evicted < 0 ? [`${counted(-evicted, "message")} back in context`] : []),
    ...(evicted > 0 ? [`${counted(evicted, "message")} out of context again, in a summary`] : []),
    ...blocks.map(describeBlock),
    ...describePassages(passages.removed, "taken back"),
    ...describePassages(passages.added, "back"),
    ...(settings.length > 0 ? [listed(settings)] : []),
  ].join("; ");
}

/** What `/pop` did, in a line. `/retry` begins with the same. */
export function describePopped({ messages, asked, change, kept }: Popped): string {
  if (messages.length === 0) return "There is nothing to pop.";
  const rest = describeChange({ ...change, messages: { removed: 0, added: 0, rewritten: 0 } });
  const stays = kept.length === 0 ? "" : `; ${listed(kept)} stays as it is, as it was changed again afterwards`;
  return `Popped ${counted(messages.length, "message")}${whyNotAsked(messages.length, asked)}${rest === "" ? "" : `; ${rest}`}${stays}.`;
}

/** What going to a checkpoint did, in a line. `undo` is the command that takes it back. */
export function describeLoaded({ checkpoint, change }: Loaded, undo = "/undo"): string {
  const what = checkpoint.name === null ? "the checkpoint" : `checkpoint "${checkpoint.name}"`;
  return `Loaded ${what} of ${shownTime(checkpoint.time)}${afterColon(change)}. ${undo} comes back.`;
}

/** What an undo did, in a line. `asked`: how many actions were to be undone; `redo` is the command that takes it back. */
export function describeUndone(undone: Undone, asked: number, redo = "/redo"): string {
  if (undone.actions.length === 0) return "There is nothing to undo.";
  const fewer = undone.actions.length < asked ? ", which is all there was" : "";
  return `Undid ${named(undone.actions)}${fewer}${afterColon(undone.change)}. ${redo} brings ${pronoun(undone)} back.`;
}

/** What a redo did, in a line. */
export function describeRedone(redone: Undone, undo = "/undo"): string {
  if (redone.actions.length === 0) return "There is nothing to redo.";
  return `Did ${named(redone.actions)} again${afterColon(redone.change)}. ${undo} takes ${pronoun(redone)} back.`;
}

function pronoun({ actions }: Undone): string {
  return actions.length === 1 ? "it" : "them";
}

function whyNotAsked(popped: number, asked: number): string {
  if (popped > asked) return ` (${asked} would have parted a call from its return)`;
  return popped < asked ? " (there are no more in context)" : "";
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

/** By the lines that changed. A command returns to what was, so a line that comes is one that comes back. */
function describeBlock({ label, before, after }: BlockChange): string {
  const { removed, added } = changedLines(before, after);
  const [old, now] = [quoted(removed), quoted(added)];
  if (removed.length === 0 && added.length === 0) return `${label} is again as before`;
  if (added.length === 0) return `${label}: ${old} is gone`;
  return removed.length === 0 ? `${label}: ${now} is back` : `${label}: ${old} is ${now} again`;
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
