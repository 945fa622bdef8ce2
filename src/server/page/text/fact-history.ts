import { type ChangedLine, changedLines } from "./line-diff.ts";

type Edit = { readonly op: number; readonly before: string | null; readonly after: string };

/** The edits of a block that change the lines of `fact`, or earlier and later versions of them, oldest first, with these lines. */
export function historyOfFact<T extends Edit>(
  edits: readonly T[],
  fact: Edit,
): { readonly edit: T; readonly lines: readonly ChangedLine[] }[] {
  const known = new Set<string>();
  const learn = (lines: readonly ChangedLine[]): void => {
    for (const text of lines.flatMap((line) => [line.before ?? [], line.after ?? []].flat())) known.add(text);
  };
  learn(linesOf(fact));
  const concerned = (edit: T): { readonly edit: T; readonly lines: readonly ChangedLine[] } => {
    const lines = linesOf(edit).filter((line) => isKnown(line.before) || isKnown(line.after));
    learn(lines);
    return { edit, lines };
  };
  const isKnown = (text: string | null): boolean => text !== null && known.has(text);
  const earlier = edits.filter(({ op }) => op < fact.op);
  const later = edits.filter(({ op }) => op >= fact.op);
  const all = [...earlier.toReversed().map(concerned).reverse(), ...later.map(concerned)];
  return all.filter(({ lines }) => lines.length > 0);
}

/** Changed lines. A single line that replaced another is paired with it, even without a common word. */
function linesOf({ before, after }: Edit): ChangedLine[] {
  const lines = changedLines(before ?? "", after);
  const [one, other] = lines;
  const isReplaced = lines.length === 2 && one?.after === null && other?.before === null;
  return isReplaced ? [{ before: one.before, after: other.after }] : lines;
}
