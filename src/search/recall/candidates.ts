import type { ConversationIndex, Line } from "../../ports/text-index.ts";
import type { Hits } from "./hits.ts";
import type { ScoredSession } from "./session-scores.ts";

/** Number of lines, the best by their words alone, that are ranked by all features, and of lines around each that join them. */
const MOST_ANCHORS = 110;
const REACH = 3;

/** Factor by which a line's effect on others decreases per step, in the first look. */
const FADE = 0.8;

/** The powers of `FADE`. Higher ones no longer change a sum. */
const FADED = Float64Array.from({ length: 400 }, (_, steps) => FADE ** steps);

/** Weights of a line's own terms, related words, surroundings and session in the first look. */
const FIRST_LOOK = { own: 1, related: 0.4, nearby: 0.5, session: 0.6 } as const;

/**
 * The lines to rank, in order: the most promising hits by a first look at the words alone, and the lines around them, which need
 * not share a word with the query. The lines numbered `also` are always included.
 */
export function candidates(
  hits: Hits,
  idf: readonly number[],
  scored: ReadonlyMap<number, ScoredSession>,
  also: readonly number[],
  index: Pick<ConversationIndex, "lines">,
): Promise<readonly Line[]> {
  const ranges = firstLook(hits, idf, scored).map(({ n, session }): Range => [
    Math.max(n - REACH, session?.first ?? n),
    Math.min(n + REACH, session?.last ?? n),
  ]);
  const others = also.map((n): Range => [n, n]);
  return index.lines(joined([...ranges, ...others].sort(([a], [b]) => a - b)));
}

type Anchor = { readonly n: number; readonly session: ScoredSession | undefined };

/** The most promising hits, in order. */
function firstLook({ n, terms, related, relatedIdf }: Hits, idf: readonly number[], scored: Scored): Anchor[] {
  const length = n.length;
  const sessions = [...scored.values()];
  const bestSession = sessions.reduce((best, session) => Math.max(best, session.score), 0);
  const total = idf.reduce((sum, worth) => sum + worth, 0);
  const own = new Float64Array(length);
  const score = new Float64Array(length);
  const sessionAt = new Int32Array(length);
  let at = 0;
  let before = 0;
  for (let i = 0; i < length; i += 1) {
    const number = n[i] ?? 0;
    while (at < sessions.length - 1 && (sessions[at]?.last ?? 0) < number) at += 1;
    sessionAt[i] = at;
    own[i] = worthOf(terms[i] ?? 0, idf) + FIRST_LOOK.related * worthOf(related[i] ?? 0, relatedIdf);
    const isNext = i > 0 && sessionAt[i - 1] === at;
    before = isNext ? (before + (own[i - 1] ?? 0)) * (FADED[number - (n[i - 1] ?? 0)] ?? 0) : 0;
    const share = bestSession === 0 ? 0 : (sessions[at]?.score ?? 0) / bestSession;
    score[i] = FIRST_LOOK.own * (own[i] ?? 0) + FIRST_LOOK.nearby * before + FIRST_LOOK.session * share * total;
  }
  let after = 0;
  for (let i = length - 2; i >= 0; i -= 1) {
    const isNext = sessionAt[i] === sessionAt[i + 1];
    after = isNext ? (after + (own[i + 1] ?? 0)) * (FADED[(n[i + 1] ?? 0) - (n[i] ?? 0)] ?? 0) : 0;
    score[i] = (score[i] ?? 0) + FIRST_LOOK.nearby * after;
  }
  return bestOf(score, MOST_ANCHORS).map((i) => ({ n: n[i] ?? 0, session: sessions[sessionAt[i] ?? 0] }));
}

/** Indexes of the `most` highest scores, ascending; of equal scores, the later ones. */
function bestOf(score: Float64Array, most: number): number[] {
  // Lowest first, where most of what comes later finds its place.
  const best = new Int32Array(most);
  const scores = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < score.length; i += 1) {
    const value = score[i] ?? 0;
    if (value < (scores[0] ?? 0)) continue;
    let at = 0;
    for (; at + 1 < most && value >= (scores[at + 1] ?? 0); at += 1) {
      best[at] = best[at + 1] ?? 0;
      scores[at] = scores[at + 1] ?? 0;
    }
    best[at] = i;
    scores[at] = value;
  }
  return [...best.subarray(Math.max(0, most - score.length)).sort()];
}

type Scored = ReadonlyMap<number, ScoredSession>;

type Range = [first: number, last: number];

/** Merges ranges that overlap or touch. `ranges` are in order. */
function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const [first, last] of ranges) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** The sum of `idf` over the terms in `bits`. */
export function worthOf(bits: number, idf: readonly number[]): number {
  let sum = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) sum += idf[31 - Math.clz32(rest & -rest)] ?? 0;
  return sum;
}
