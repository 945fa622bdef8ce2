import type { Agent, Forgettable, ForgetRequest } from "../../index.ts";
import { changedLines } from "../terminal/line-diff.ts";
import { counted, excerpt, excerptAround, namedFew } from "../terminal/one-line.ts";

/** Most characters shown of a text. */
const EXCERPT = 100;

/** What would be forgotten, and where it is. */
export function renderForgettable(found: Forgettable): string {
  const { messages, passages, journal, quarantined, checkpoints, typed, blockLines } = found;
  const { copies, rewrites, backups, excerpts, sharers } = found;
  const places = [
    [messages, "message"],
    [passages, "passage"],
    [quarantined, "quarantined write"],
    [journal, "journal row"],
    [checkpoints, "checkpoint"],
    [typed, "typed line"],
    [blockLines, "line of the record of blocks", "lines of the record of blocks"],
  ] as const;
  const lines = places.flatMap(([count, one, many]) => (count === 0 ? [] : [counted(count, one, many)]));
  const rewritten = rewrites.map(({ label }) => label).join(", ");
  return [
    `Found in: ${[...lines, ...(rewritten === "" ? [] : [rewritten])].join(", ") || "nothing"}.`,
    ...excerpts.map((text) => `  ${excerpt(text, EXCERPT)}`),
    ...(sharers.length === 0 ? [] : [`Also forgotten in blocks shared with: ${namedFew(sharers)}.`]),
    ...(copies.length === 0 ? [] : [`Copies of damaged databases go as a whole: ${copies.join(", ")}.`]),
    ...backups.map((file) => `It stays in the backup ${file}, which is yours to delete.`),
  ].join("\n");
}

function isNothing({ excerpts, rewrites, notes, copies, backups, remains, sharers, ...counts }: Forgettable): boolean {
  return rewrites.length + sharers.length + Object.values(counts).reduce((sum, count) => sum + count, 0) === 0;
}

/** What a block or summary would lose. */
export function renderRewrite(
  { label, before, after }: Forgettable["rewrites"][number],
  { match = "" }: ForgetRequest = {},
): string {
  return `Rewrite ${label} without "${excerptAround(changedLines(before, after).removed.join("; "), match, EXCERPT)}"`;
}

export const NOTHING_TO_FORGET = "Nothing to forget was found.";

type Asking = { show(text: string): void; confirm(question: string): Promise<boolean> };

/**
 * Shows what a request concerns, asks about it and about each text that would be rewritten, and forgets.
 *
 * @returns what to print; undefined if nothing matches.
 */
export async function askAndForget(
  agent: Agent,
  request: ForgetRequest,
  by: string,
  asking: Asking,
): Promise<string | undefined> {
  const found = await agent.forgettable(request);
  if (isNothing(found)) return undefined;
  asking.show(renderForgettable(found));
  const keep: string[] = [];
  for (const { label, before, after } of found.rewrites) {
    if (!(await asking.confirm(`${renderRewrite({ label, before, after }, request)}?`))) keep.push(label);
  }
  if (found.notes.length > 0) {
    const noted = found.notes.map(({ text }) => `"${excerpt(text, EXCERPT)}"`).join(", ");
    const isAgreed = await asking.confirm(
      `Remove ${counted(found.notes.length, "passage")} noted because of it: ${noted}?`,
    );
    if (!isAgreed) keep.push(...found.notes.map(({ id }) => id));
  }
  if (!(await asking.confirm("Forget this for good? No undo brings it back."))) return "Nothing was forgotten.";
  await agent.forget(request, { keep, by });
  const labels = found.rewrites.flatMap(({ label }) => (keep.includes(label) ? [label] : []));
  const places = keep.length > labels.length ? [...labels, "archival memory"] : labels;
  const kept = places.length === 0 ? "" : ` It stays in ${places.join(", ")}, as you chose.`;
  return `Forgotten.${kept} ${found.remains}`;
}
