import { changedLines } from "./line-diff.ts";
import { merge } from "./merge.ts";

/** An edit of a block. */
type Change = { readonly before: string | null; readonly after: string };
/** `changed`: the same lines were edited again, so undoing the edit would undo more. */
export type Standing = "holds" | "gone" | "changed";

/** What became of an edit in a block whose text is `value` now; null if the block was removed. */
export function standingOf({ before, after }: Change, value: string | null): Standing {
  if (value === null) return "changed";
  const was = before ?? "";
  const { text, conflicts } = merge(after, value, was);
  if (conflicts === 0) return text === value ? "gone" : "holds";
  const written = linesWritten(was, after);
  const lines = value.split("\n");
  if (lines.some((line) => written.has(line))) {
    return withoutChange({ before, after }, value) === undefined ? "changed" : "holds";
  }
  const isRewritten = changedLines(after, value).some((line) => written.has(line.before ?? "") && line.after !== null);
  return isRewritten ? "changed" : "gone";
}

/** The text without the edit; undefined if later edits overlap it. */
export function withoutChange({ before, after }: Change, value: string): string | undefined {
  const was = before ?? "";
  const { text, conflicts } = merge(after, value, was);
  if (conflicts === 0) return text;
  // Lines that were only added can be taken out wherever they stand now.
  const written = linesWritten(was, after);
  const lines = value.split("\n");
  if (!isAddition(was, after) || ![...written].every((line) => lines.includes(line))) return undefined;
  return lines.filter((line) => !written.has(line)).join("\n");
}

/** The text with an undone edit applied again; undefined if later edits overlap it. */
export function withChange({ before, after }: Change, value: string): string | undefined {
  const was = before ?? "";
  const { text, conflicts } = merge(was, value, after);
  // An addition conflicts only with lines added at the same place, and those are kept.
  return conflicts === 0 || isAddition(was, after) ? text : undefined;
}

function linesWritten(before: string, after: string): ReadonlySet<string> {
  return new Set(changedLines(before, after).flatMap((line) => line.after ?? []));
}

function isAddition(before: string, after: string): boolean {
  return changedLines(before, after).every((line) => line.before === null);
}
