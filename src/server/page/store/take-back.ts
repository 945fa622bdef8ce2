import type { Edit } from "../../wire/entries.ts";
import { merge } from "../text/merge.ts";
import { memory, readMemory, removePassage, writeBlock } from "./memory.ts";
import { panel, tell } from "./view.ts";

/**
 * Takes back one change of memory and leaves everything else as it is, also what was written after it. Where later changes
 * concern the same lines, nothing is written: both stand in the memory panel.
 */
export async function takeBack({ target, ref, before, after }: Edit): Promise<void> {
  if (target === "archival") {
    await removePassage(ref);
    tell("The passage is gone from archival memory. One undo brings it back.");
    return;
  }
  await readMemory();
  const block = memory.value?.blocks.find(({ label }) => label === ref);
  if (block === undefined) {
    tell(`There is no block ${ref} any more.`, true);
    return;
  }
  const { text, conflicts } = merge(after, block.value, before ?? "");
  if (conflicts > 0) {
    panel.value = "memory";
    tell(`${ref} was changed again since. Edit it in the panel; nothing was changed.`, true);
    return;
  }
  if (text === block.value) {
    tell("It was taken back already.");
    return;
  }
  await writeBlock({ ...block, value: text }, block.value);
  tell(`${ref} no longer says it. One undo brings it back.`);
}
