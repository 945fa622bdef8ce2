import type { ConversationIndex } from "../../ports/text-index.ts";
import { type Look, type RankOptions, look, scoresOf, weightsFor } from "./ranking.ts";
import { SESSION_WEIGHTS } from "./weights.ts";
import { SESSION_FEATURES, type SessionFeature } from "./features.ts";

export type SessionFeatures = { readonly session: number } & Readonly<Record<SessionFeature, number>>;

export type RankedSession = { readonly session: number; readonly score: number; readonly coverage: number };

/** The sessions that a question is about, best first; those without a line ranked by all features come last. */
export async function rankSessions(
  question: string,
  index: ConversationIndex,
  options: RankOptions = {},
): Promise<RankedSession[]> {
  const found = await look(question, index, options);
  if (found === undefined) return [];
  const { lines, columns, sessions } = found;
  const admitted = await index.admitted(lines.map(({ n }) => n));
  const looked = sessionFeatures(found, scoresOf(columns, lines.length, weightsFor(options.meaning)), admitted);
  const ranked = looked.map((features) => ({
    session: features.session,
    score: SESSION_FEATURES.reduce((sum, feature) => sum + SESSION_WEIGHTS[feature] * features[feature], 0),
  }));
  const lowest = ranked.reduce((least, { score }) => Math.min(least, score), 0);
  const known = new Set(ranked.map(({ session }) => session));
  const rest = [...sessions.values()].filter(({ first }) => !known.has(first));
  const others = rest.map(({ first, score }) => ({ session: first, score: lowest - 1 / (1 + score) }));
  return [...ranked, ...others]
    .sort((a, b) => b.score - a.score || b.session - a.session)
    .map((it) => ({ ...it, coverage: sessions.get(it.session)?.coverage ?? 0 }));
}

/** The features of every session with an admitted line. `scores`: those of the lines. */
export function sessionFeatures(
  { lines, sessions }: Pick<Look, "lines" | "sessions">,
  scores: Float64Array,
  admitted: ReadonlySet<number>,
): SessionFeatures[] {
  const sums = new Map<number, { sum: number; best: number }>();
  for (const [i, { n, session }] of lines.entries()) {
    if (!admitted.has(n)) continue;
    const { sum, best } = sums.get(session) ?? { sum: 0, best: Number.NEGATIVE_INFINITY };
    const score = scores[i] ?? 0;
    sums.set(session, { sum: sum + Math.exp(score), best: Math.max(best, score) });
  }
  const most = [...sessions.values()].reduce((top, { score }) => Math.max(top, score), Number.MIN_VALUE);
  return [...sums].map(([session, { sum, best }]) => {
    const { score = 0, coverage = 0 } = sessions.get(session) ?? {};
    return { session, lines: Math.log(sum), best, score: score / most, coverage };
  });
}
