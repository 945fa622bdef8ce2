/** Part of the difference between two texts. */
export type Piece = { readonly kind: "same" | "removed" | "added"; readonly text: string };

/** Largest table of a comparison, which grows with the product of the lengths. Longer texts are replaced as a whole. */
const MOST_CELLS = 4_000_000;

/** The shortest difference between two lists. */
export function difference(a: readonly string[], b: readonly string[]): Piece[] {
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
  // Length of the longest common subsequence of the rests, for each pair of positions.
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
