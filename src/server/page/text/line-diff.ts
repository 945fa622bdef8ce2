import { type Piece, difference } from "./difference.ts";

/** A changed line: null before for an added one, null after for a removed one. */
export type ChangedLine = { readonly before: string | null; readonly after: string | null };

/** Share of common letters from which two lines count as one edited line. */
const ALIKE = 0.4;

/** The lines in which two texts differ, in their order. An edited line is one entry. */
export function changedLines(before: string, after: string): ChangedLine[] {
  const changed: ChangedLine[] = [];
  let [removed, added]: [string[], string[]] = [[], []];
  const close = (): void => {
    changed.push(...paired(removed, added));
    [removed, added] = [[], []];
  };
  for (const { kind, text } of difference(linesOf(before), linesOf(after))) {
    if (kind === "same") close();
    else if (kind === "removed") removed.push(text);
    else added.push(text);
  }
  close();
  return changed.filter(({ before: was, after: is }) => `${was ?? ""}${is ?? ""}`.trim() !== "");
}

/** The difference within a changed line, word by word. */
export function wordsOf({ before, after }: ChangedLine): Piece[] {
  if (before !== null && after !== null) return joined(difference(words(before), words(after)));
  return [{ kind: before === null ? "added" : "removed", text: before ?? after ?? "" }];
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

/** Pairs each removed line with the next similar added one. */
function paired(removed: readonly string[], added: readonly string[]): ChangedLine[] {
  const lines: ChangedLine[] = [];
  let next = 0;
  for (const before of removed) {
    const at = added.findIndex((after, index) => index >= next && likeness(before, after) >= ALIKE);
    if (at < 0) {
      lines.push({ before, after: null });
      continue;
    }
    lines.push(...added.slice(next, at).map(come), { before, after: added[at] ?? null });
    next = at + 1;
  }
  return [...lines, ...added.slice(next).map(come)];
}

function come(after: string): ChangedLine {
  return { before: null, after };
}

/** The share of letters in common words. */
function likeness(one: string, other: string): number {
  const [a, b] = [lettered(one), lettered(other)];
  const common = difference(a, b).flatMap(({ kind, text }) => (kind === "same" ? [text] : []));
  const length = (all: readonly string[]): number => all.join("").length;
  return length(common) / Math.max(1, length(a), length(b));
}

function lettered(line: string): string[] {
  return words(line).filter((word) => word.trim() !== "");
}

/** Joins changes that only spaces separate. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  let [removed, added] = ["", ""];
  const close = (): void => {
    if (removed !== "") result.push({ kind: "removed", text: removed });
    if (added !== "") result.push({ kind: "added", text: added });
    [removed, added] = ["", ""];
  };
  for (const [index, { kind, text }] of pieces.entries()) {
    const isBetween = text.trim() === "" && removed + added !== "" && (pieces[index + 1]?.kind ?? "same") !== "same";
    if (kind === "same" && !isBetween) {
      close();
      result.push({ kind, text });
      continue;
    }
    if (kind !== "added") removed += text;
    if (kind !== "removed") added += text;
  }
  close();
  return result;
}

function words(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}\p{M}'’-]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];
}
