import type { ConversationIndex, Line } from "../../ports/text-index.ts";
import type { Hits } from "./hits.ts";
import type { ScoredSession } from "./session-scores.ts";

/** Number of lines that are ranked closely, the best by their words alone, and how many lines before and after each come along. */
const MOST_ANCHORS = 110;
const REACH = 3;

/** Steps after which what was said no longer counts in the first look. */
const FADE = 0.8;

/** What the first look makes of a line's own terms, related words, surroundings and session. */
const FIRST_LOOK = { own: 1, related: 0.4, nearby: 0.5, session: 0.6 } as const;

/**
 * The lines to be ranked, in order: the most promising hits by a first look at the words alone, and what was said around
 * them, which need not share a word with the query. Those numbered `also` are among them whatever they say.
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
    before = isNext ? (before + (own[i - 1] ?? 0)) * FADE ** (number - (n[i - 1] ?? 0)) : 0;
    const share = bestSession === 0 ? 0 : (sessions[at]?.score ?? 0) / bestSession;
    score[i] = FIRST_LOOK.own * (own[i] ?? 0) + FIRST_LOOK.nearby * before + FIRST_LOOK.session * share * total;
  }
  let after = 0;
  for (let i = length - 2; i >= 0; i -= 1) {
    const isNext = sessionAt[i] === sessionAt[i + 1];
    after = isNext ? (after + (own[i + 1] ?? 0)) * FADE ** ((n[i + 1] ?? 0) - (n[i] ?? 0)) : 0;
    score[i] = (score[i] ?? 0) + FIRST_LOOK.nearby * after;
  }
  return bestOf(score, MOST_ANCHORS).map((i) => ({ n: n[i] ?? 0, session: sessions[sessionAt[i] ?? 0] }));
}

/** Indices of the `most` highest scores, in order; of equals the last. */
function bestOf(score: Float64Array, most: number): number[] {
  const higher = (a: number, b: number): number => (score[b] ?? 0) - (score[a] ?? 0) || b - a;
  let best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < score.length; i += 1) {
    if ((score[i] ?? 0) < least) continue;
    best.push(i);
    // Sorted now and then: a fraction of the work of sorting all.
    if (best.length < 4 * most) continue;
    best = best.sort(higher).slice(0, most);
    least = score[best.at(-1) ?? 0] ?? least;
  }
  return best
    .sort(higher)
    .slice(0, most)
    .sort((a, b) => a - b);
}

type Scored = ReadonlyMap<number, ScoredSession>;

type Range = [first: number, last: number];

/** The same numbers in ranges that do not overlap. `ranges` are in order. */
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
