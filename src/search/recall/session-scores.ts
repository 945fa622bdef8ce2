import type { Hits } from "./hits.ts";
import { lowerBound } from "./surroundings.ts";
import { inverseFrequency } from "../inverse-frequency.ts";

/** k1 and b of BM25. */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;

/** A session scored as one document. `first` and `last`: the range of its lines' numbers. */
export type ScoredSession = {
  readonly first: number;
  readonly last: number;
  /** BM25 of the terms over the session's lines. */
  readonly score: number;
  /** Share of the query's weight that is said in it. A term weighs more the fewer sessions have it. */
  readonly coverage: number;
};

/**
 * Scores every session with any of the terms.
 *
 * @param sessions Numbers of the first lines of all sessions, in order. @param end Number of the newest line.
 * @returns the scores by the number of the session's first line.
 */
export function scoreSessions(
  hits: Hits,
  terms: number,
  sessions: readonly number[],
  end: number,
): ReadonlyMap<number, ScoredSession> {
  const { spans, counts } = countBySession(hits, terms, sessions, end);
  const within = new Float64Array(terms);
  for (let at = 0; at < spans.length * terms;) {
    for (let term = 0; term < terms; term += 1, at += 1)
      if ((counts[at] ?? 0) > 0) within[term] = (within[term] ?? 0) + 1;
  }
  const idf = Array.from(within, (count) => (count === 0 ? 0 : inverseFrequency(count, sessions.length)));
  const total = idf.reduce((sum, worth) => sum + worth, 0);
  const average = sessions.length === 0 ? 1 : (end - (sessions[0] ?? 0) + 1) / sessions.length;
  const scored = new Map<number, ScoredSession>();
  for (let i = 0; i < spans.length; i += 1) {
    const { first, last } = spans[i] ?? NO_SPAN;
    const norm = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * (last - first + 1)) / average);
    let score = 0;
    let covered = 0;
    for (let term = 0; term < terms; term += 1) {
      const count = counts[i * terms + term] ?? 0;
      if (count === 0) continue;
      const worth = idf[term] ?? 0;
      score += (worth * count * (SATURATION + 1)) / (count + norm);
      covered += worth;
    }
    scored.set(first, { first, last, score, coverage: total === 0 ? 0 : covered / total });
  }
  return scored;
}

type Span = Pick<ScoredSession, "first" | "last">;
const NO_SPAN: Span = { first: 0, last: 0 };

/**
 * The sessions with hits, and in one array, the number of lines with each term in each of them. Hits and sessions are in order.
 */
function countBySession(
  { n, terms: bits }: Hits,
  terms: number,
  sessions: readonly number[],
  end: number,
): { readonly spans: readonly Span[]; readonly counts: Uint32Array } {
  const spans: Span[] = [];
  const counts = new Uint32Array(terms * Math.min(n.length, sessions.length + 1));
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n.length; i += 1) {
    const number = n[i] ?? 0;
    if (number > last) {
      const at = lowerBound(sessions, number + 1) - 1;
      last = (sessions[at + 1] ?? end + 1) - 1;
      spans.push({ first: sessions[at] ?? number, last });
    }
    for (let rest = bits[i] ?? 0; rest !== 0; rest &= rest - 1) {
      const at = (spans.length - 1) * terms + 31 - Math.clz32(rest & -rest);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  return { spans, counts };
}
