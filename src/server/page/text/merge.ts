/** Part of the difference of two texts. */
export type Piece = { readonly kind: "same" | "removed" | "added"; readonly text: string };

/** What two people made of one text. A conflict is a part that both changed, each in another way. */
export type Merged = { readonly text: string; readonly conflicts: number };

/** The table of a comparison grows with the product of the lengths; texts beyond this are compared as a whole. */
const MOST_CELLS = 4_000_000;

/** The difference of two texts, word by word. */
export function wordDiff(before: string, after: string): Piece[] {
  const pieces = diff(words(before), words(after));
  // One after another of the same kind are one piece.
  return pieces.reduce<Piece[]>((joined, piece) => {
    const last = joined.at(-1);
    if (last?.kind !== piece.kind) return [...joined, piece];
    return [...joined.slice(0, -1), { kind: piece.kind, text: last.text + piece.text }];
  }, []);
}

/**
 * Brings two edits of `base` together, line by line. Where both changed the same lines, both versions stand there, one under
 * the other, so that neither is lost.
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

/** Takes the changes that begin at `start` and all that touch them. */
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
  for (const { kind, text } of diff(base, other)) {
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

/** The shortest difference of two lists. */
function diff(a: readonly string[], b: readonly string[]): Piece[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const [one, other] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const same = (text: string): Piece => ({ kind: "same", text });
  return [...a.slice(0, head).map(same), ...between(one, other), ...a.slice(a.length - tail).map(same)];
}

function between(a: readonly string[], b: readonly string[]): Piece[] {
  const removed = (text: string): Piece => ({ kind: "removed", text });
  const added = (text: string): Piece => ({ kind: "added", text });
  const width = b.length + 1;
  if ((a.length + 1) * width > MOST_CELLS) return [...a.map(removed), ...b.map(added)];
  // Length of the longest common rest, from each pair of places on.
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [down, right] = [common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0];
      const diagonal = common[(i + 1) * width + j + 1] ?? 0;
      common[i * width + j] = a[i] === b[j] ? diagonal + 1 : Math.max(down, right);
    }
  }
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [one, other] = [a[i], b[j]];
    const [down, right] = [common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0];
    if (one !== undefined && one === other) {
      pieces.push({ kind: "same", text: one });
      i += 1;
      j += 1;
    } else if (one !== undefined && (other === undefined || down >= right)) {
      pieces.push(removed(one));
      i += 1;
    } else if (other !== undefined) {
      pieces.push(added(other));
      j += 1;
    }
  }
  return pieces;
}

function words(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}\p{M}'’-]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];
}
