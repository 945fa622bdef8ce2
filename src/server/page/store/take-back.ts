import type { Edit } from "../../wire/entries.ts";
import { type Standing, standingOf, withChange, withoutChange } from "../text/standing.ts";
import { memory, readMemory, removePassage, writeBlock } from "./memory.ts";
import { panel, tell } from "./view.ts";

/** Whether memory still has an edit; `holds` while unknown. */
export function standingNow({ target, ref, before, after, isGone = false }: Edit): Standing {
  if (target === "archival") return isGone ? "gone" : "holds";
  if (memory.value === null) return "holds";
  return standingOf({ before, after }, valueOf(ref));
}

/**
 * Reverses one change of memory and leaves everything else unchanged, including later changes. If these concern the same lines,
 * nothing is written, and the memory panel opens.
 */
export async function takeBack(edit: Edit): Promise<void> {
  const { target, ref } = edit;
  if (target === "archival") {
    await removePassage(ref);
    tell("The passage is gone from archival memory. One undo brings it back.");
    return;
  }
  await rewrite(edit, withoutChange, `${ref} no longer says it. One undo brings it back.`);
}

/** Redoes an edit that was taken back. */
export async function putBack(edit: Edit): Promise<void> {
  await rewrite(edit, withChange, `${edit.ref} says it again. One undo takes it back.`);
}

async function rewrite(edit: Edit, change: typeof withChange, done: string): Promise<void> {
  const { ref } = edit;
  await readMemory();
  const block = memory.value?.blocks.find(({ label }) => label === ref);
  if (block === undefined) {
    tell(`There is no block ${ref} any more.`, true);
    return;
  }
  const value = change(edit, block.value);
  if (value === undefined) {
    panel.value = "memory";
    tell(`${ref} was changed again since. Edit it in the panel; nothing was changed.`, true);
    return;
  }
  if (value !== block.value) await writeBlock({ ...block, value }, block.value);
  tell(done);
}

function valueOf(ref: string): string | null {
  return memory.value?.blocks.find(({ label }) => label === ref)?.value ?? null;
}
