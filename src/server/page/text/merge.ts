import { difference } from "./difference.ts";

/** A merged text. A conflict is a part that both edits changed differently. */
export type Merged = { readonly text: string; readonly conflicts: number };

/**
 * Merges two edits of `base`, line by line. If both changed the same lines, the result has both versions, one below the other, so
 * that neither is lost.
 */
export function merge(base: string, mine: string, theirs: string): Merged {
  if (mine === theirs || theirs === base) return { text: mine, conflicts: 0 };
  if (mine === base) return { text: theirs, conflicts: 0 };
  const lines = base.split("\n");
  const [a, b] = [changesOf(lines, mine.split("\n")), changesOf(lines, theirs.split("\n"))];
  const merged: string[] = [];
  let conflicts = 0;
  let at = 0;
  while (at < lines.length || a.length > 0 || b.length > 0) {
    const start = Math.min(a[0]?.from ?? Infinity, b[0]?.from ?? Infinity);
    if (start === Infinity) {
      merged.push(...lines.slice(at));
      break;
    }
    merged.push(...lines.slice(at, start));
    const [ours, others] = overlapping(a, b, start);
    const end = Math.max(start, ...[...ours, ...others].map(({ to }) => to));
    const one = applied(lines, ours, start, end);
    const other = applied(lines, others, start, end);
    const isSame = one.join("\n") === other.join("\n");
    if (ours.length > 0 && others.length > 0 && !isSame) {
      conflicts += 1;
      merged.push(...one, ...other);
    } else merged.push(...(ours.length > 0 ? one : other));
    at = end;
  }
  return { text: merged.join("\n"), conflicts };
}

type Change = { readonly from: number; readonly to: number; readonly lines: readonly string[] };

/** Removes and returns the changes that begin at `start`, and all that overlap them. */
function overlapping(a: Change[], b: Change[], start: number): [Change[], Change[]] {
  const [ours, others]: [Change[], Change[]] = [[], []];
  let end = start;
  const touches = (change: Change | undefined): change is Change =>
    change !== undefined && (change.from < end || change.from === start);
  for (;;) {
    const [one, other] = [a[0], b[0]];
    if (touches(one)) ours.push(...a.splice(0, 1));
    else if (touches(other)) others.push(...b.splice(0, 1));
    else return [ours, others];
    end = Math.max(end, ...[...ours, ...others].map(({ to }) => to));
  }
}

function applied(lines: readonly string[], changes: readonly Change[], start: number, end: number): string[] {
  const result: string[] = [];
  let at = start;
  for (const change of changes) {
    result.push(...lines.slice(at, change.from), ...change.lines);
    at = change.to;
  }
  return [...result, ...lines.slice(at, end)];
}

function changesOf(base: readonly string[], other: readonly string[]): Change[] {
  const changes: Change[] = [];
  let [at, open]: [number, { from: number; lines: string[] } | undefined] = [0, undefined];
  const close = (): void => {
    if (open !== undefined) changes.push({ ...open, to: at });
    open = undefined;
  };
  for (const { kind, text } of difference(base, other)) {
    if (kind === "same") {
      close();
      at += 1;
      continue;
    }
    open ??= { from: at, lines: [] };
    if (kind === "removed") at += 1;
    else open.lines.push(text);
  }
  close();
  return changes;
}
