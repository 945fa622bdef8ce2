import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { forgetInState, mentions } from "../../memory/forgetting.ts";
import { isIn } from "../../memory/phrases.ts";
import type { CheckpointFile } from "../../schema/checkpoint.ts";
import { FORGOTTEN, type ForgetOrder } from "../../schema/forgetting.ts";
import { writeFileAtomic } from "./atomic.ts";
import { checkpointText, readCheckpointText } from "./checkpoint-text.ts";

/**
 * Rewrites the checkpoints that say what is forgotten. Those that cannot be read and say it are removed, and so are those of
 * branches that go.
 *
 * @returns how many.
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
    const left = forgetInCheckpointText(text, order);
    if (left === text) continue;
    changed += 1;
    if (isDry) continue;
    if (left === undefined) rmSync(file, { force: true });
    else writeFileAtomic(file, left);
  }
  return changed;
}

/** What stays of the text of a checkpoint: itself if nothing goes, undefined if all of it does. */
export function forgetInCheckpointText(text: string, order: ForgetOrder): string | undefined {
  const read = readCheckpointText(text);
  if (!("state" in read)) return mentions(text, order.words) ? undefined : text;
  const left = leftOf(read, order);
  if (left === read) return text;
  return left === undefined ? undefined : checkpointText(left);
}

/** What stays of a checkpoint: itself if nothing goes, undefined if all of it does. */
function leftOf(read: CheckpointFile, order: ForgetOrder): CheckpointFile | undefined {
  const { op, name, after } = read;
  if (order.branches.some(([first, last]) => op >= first && op <= last)) return undefined;
  const state = forgetInState(read.state, order);
  const isQuoting = after !== null && (isIn(order.labels, after) || mentions(after, order.words));
  const left = {
    ...read,
    name: name !== null && mentions(name, order.words) ? FORGOTTEN : name,
    after: isQuoting ? FORGOTTEN : after,
    state,
  };
  return JSON.stringify(left) === JSON.stringify(read) ? read : left;
}
