import { rounded } from "./scores.ts";

/** What LongMemEval reports at each k. */
const DEPTHS = [1, 3, 5, 10, 30, 50] as const;

/** By names such as `recall_all@5`. */
export type Metrics = Readonly<Record<string, number>>;

/** The units of one question, by their ids, of which those that hold the answer have `answer` in it. */
type Corpus = readonly string[];

/**
 * One ranking scored as LongMemEval's own code does. Two things in it surprise: rank 2 counts as much as rank 1 in the
 * gain, and where nothing is wanted everything wanted is found (`recall_all` 1, the others 0).
 *
 * @param ranked places in `corpus`, best first; what is missing was not found.
 * @source xiaowu0162/LongMemEval, src/retrieval/eval_utils.py
 */
export function metricsOf(ranked: readonly number[], corpus: Corpus): Metrics {
  const wanted = new Set(corpus.filter(isGold));
  return Object.fromEntries(DEPTHS.flatMap((k) => named(k, evaluate(ranked, wanted, corpus, k))));
}

/** Turns scored as the sessions they are of: k reaches as far as there are k sessions. */
export function sessionMetricsOf(ranked: readonly number[], corpus: Corpus): Metrics {
  const wanted = new Set(corpus.filter(isGold).map(sessionOfTurn));
  const sessions = corpus.map(sessionOfTurn);
  return Object.fromEntries(
    DEPTHS.flatMap((k) => named(k, evaluate(ranked, wanted, sessions, reaching(ranked, sessions, k)))),
  );
}

/** The metrics of several questions, averaged. */
export function averaged(all: readonly Metrics[]): Metrics {
  const names = Object.keys(all[0] ?? {});
  const sum = (name: string): number => all.reduce((total, metrics) => total + (metrics[name] ?? 0), 0);
  return Object.fromEntries(names.map((name) => [name, rounded(sum(name) / all.length)]));
}

export function isGold(id: string): boolean {
  return id.includes("answer");
}

function sessionOfTurn(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("_")));
}

/** The least number of results, `k` or more, that are of `k` different sessions. */
function reaching(ranked: readonly number[], sessions: readonly string[], k: number): number {
  const seen = new Set<string>();
  for (const [index, place] of ranked.entries()) {
    seen.add(sessions[place] ?? "");
    if (index + 1 >= k && seen.size >= k) return index + 1;
  }
  return Math.max(k, ranked.length);
}

type Scores = { readonly any: number; readonly all: number; readonly gain: number };

function evaluate(ranked: readonly number[], wanted: ReadonlySet<string>, corpus: Corpus, k: number): Scores {
  const top = ranked.slice(0, k).map((place) => corpus[place] ?? "");
  const found = new Set(top);
  const ideal = discounted(
    corpus.map((id) => Number(wanted.has(id))).sort((a, b) => b - a),
    k,
  );
  const actual = discounted(
    top.map((id) => Number(wanted.has(id))),
    k,
  );
  return {
    any: Number([...wanted].some((id) => found.has(id))),
    all: Number([...wanted].every((id) => found.has(id))),
    gain: ideal === 0 ? 0 : actual / ideal,
  };
}

function discounted(relevances: readonly number[], k: number): number {
  return relevances
    .slice(0, k)
    .reduce((sum, value, index) => sum + (index === 0 ? value : value / Math.log2(index + 1)), 0);
}

function named(k: number, { any, all, gain }: Scores): [string, number][] {
  return [
    [`recall_any@${k}`, any],
    [`recall_all@${k}`, all],
    [`ndcg_any@${k}`, gain],
  ];
}
