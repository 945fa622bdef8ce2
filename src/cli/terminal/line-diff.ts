/** One line of a diff: `-` is only in the first text, `+` only in the second. */
export type DiffLine = { readonly sign: "-" | "+" | " "; readonly text: string };

/** Largest table (lines of one text times lines of the other) for which common lines are searched. */
const MAX_CELLS = 1_000_000;

/** How `after` differs from `before`, line by line. An empty text has no lines. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  return [
    ...lines(" ", a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...lines(" ", a.slice(a.length - tail)),
  ];
}

/** The lines that only one of the texts has. */
export function changedLines(before: string, after: string): { removed: string[]; added: string[] } {
  const diff = lineDiff(before, after);
  const only = (sign: DiffLine["sign"]): string[] =>
    diff.filter((line) => line.sign === sign && line.text.trim() !== "").map(({ text }) => text);
  return { removed: only("-"), added: only("+") };
}

/** A diff for people: `- old`, `+ new`, without the common lines. */
export function renderDiff(before: string, after: string): string {
  return lineDiff(before, after)
    .filter(({ sign }) => sign !== " ")
    .map(({ sign, text }) => `${sign} ${text}`)
    .join("\n");
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

function lines(sign: DiffLine["sign"], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ sign, text }));
}

/** Keeps the longest common subsequence; between its lines, those of `a` come before those of `b`. */
function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length * b.length > MAX_CELLS) return [...lines("-", a), ...lines("+", b)];
  const common = commonLengths(a, b);
  const commonFrom = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const diff: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      diff.push({ sign: " ", text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || commonFrom(i + 1, j) >= commonFrom(i, j + 1))) {
      diff.push({ sign: "-", text: left });
      i += 1;
    } else if (right !== undefined) {
      diff.push({ sign: "+", text: right });
      j += 1;
    }
  }
  return diff;
}

/** `[i][j]` is the length of the longest common subsequence of `a` from i and `b` from j. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const [row = [], below = []] = [table[i], table[i + 1]];
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
