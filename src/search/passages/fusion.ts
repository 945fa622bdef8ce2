/** Each list's first counts for 1 / 61 and its tenth for 1 / 70: near the top of both is better than first in one. */
const DAMPING = 60;

/**
 * One ranking of several, by the reciprocal ranks of what they rank, best first. Of equals, those first that stand in the
 * earlier list.
 *
 * @source Cormack, Clarke and Buettcher 2009, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods"
 */
export function fuse(rankings: readonly (readonly number[])[]): { readonly key: number; readonly score: number }[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings) {
    for (const [rank, key] of ranking.entries()) {
      scores.set(key, (scores.get(key) ?? 0) + 1 / (DAMPING + rank + 1));
    }
  }
  return [...scores].map(([key, score]) => ({ key, score })).sort((a, b) => b.score - a.score);
}

/** Whether vectors of `model` tell what a text means. Hashed ones tell how it is spelled, and never outrank its words. */
export function isOfMeaning(model: string): boolean {
  return !model.startsWith("hash-");
}
