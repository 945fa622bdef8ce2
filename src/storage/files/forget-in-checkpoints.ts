import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { forgetInState, mentions } from "../../memory/forgetting.ts";
import { isIn } from "../../memory/phrases.ts";
import type { CheckpointFile } from "../../schema/checkpoint.ts";
import { FORGOTTEN, type ForgetOrder } from "../../schema/forgetting.ts";
import { writeFileAtomic } from "./atomic.ts";
import { checkpointText, readCheckpointText } from "./checkpoint-text.ts";

/**
 * Rewrites checkpoints that contain forgotten text. Removes unreadable ones that contain it, and those of forgotten branches.
 *
 * @returns how many were or, with `isDry`, would be changed.
 */
export function forgetInCheckpoints(
  folder: string,
  files: readonly string[],
  order: ForgetOrder,
  { isDry = false }: { readonly isDry?: boolean } = {},
): number {
  let changed = 0;
  for (const name of files) {
    const file = join(folder, name);
    const text = readFileSync(file, "utf8");
    const rest = forgetInCheckpointText(text, order);
    if (rest === text) continue;
    changed += 1;
    if (isDry) continue;
    if (rest === undefined) rmSync(file, { force: true });
    else writeFileAtomic(file, rest);
  }
  return changed;
}

/** What remains of a checkpoint's text: the same text if nothing is forgotten, undefined if all of it is. */
export function forgetInCheckpointText(text: string, order: ForgetOrder): string | undefined {
  const read = readCheckpointText(text);
  if (!("state" in read)) return mentions(text, order.words) ? undefined : text;
  const left = leftOf(read, order);
  if (left === read) return text;
  return left === undefined ? undefined : checkpointText(left);
}

/** What remains of a checkpoint: the same object if nothing is forgotten, undefined if all of it is. */
function leftOf(read: CheckpointFile, order: ForgetOrder): CheckpointFile | undefined {
  const { op, name, after } = read;
  if (order.branches.some(([first, last]) => op >= first && op <= last)) return undefined;
  const state = forgetInState(read.state, order);
  if (order.only !== undefined) {
    return JSON.stringify(state) === JSON.stringify(read.state) ? read : { ...read, state };
  }
  const isQuoting = after !== null && (isIn(order.labels, after) || mentions(after, order.words));
  const left = {
    ...read,
    name: name !== null && mentions(name, order.words) ? FORGOTTEN : name,
    after: isQuoting ? FORGOTTEN : after,
    state,
  };
  return JSON.stringify(left) === JSON.stringify(read) ? read : left;
}
