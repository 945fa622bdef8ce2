import { rounded } from "./scores.ts";

/** Values of k that LongMemEval reports. */
const DEPTHS = [1, 3, 5, 10, 30, 50] as const;

/** Metrics by name, such as `recall_all@5` and `mrr`. */
export type Metrics = Readonly<Record<string, number>>;

/** Ids of one question's units. Those that hold the answer contain `answer`. */
type Corpus = readonly string[];

/**
 * Scores one ranking as LongMemEval's own code does. Two of its surprises: rank 2 gains as much as rank 1, and a question
 * without wanted units scores `recall_all` 1 and 0 otherwise. Adds `mrr`: 1 / rank of the first wanted unit, 0 if none is
 * found.
 *
 * @param ranked indexes into `corpus`, best first. Missing ones were not found.
 * @source xiaowu0162/LongMemEval, src/retrieval/eval_utils.py
 */
export function metricsOf(ranked: readonly number[], corpus: Corpus): Metrics {
  return scored(ranked, new Set(corpus.filter(isGold)), corpus, (k) => k);
}

/** Scores turns as their sessions: the first k results are those of k sessions, and `mrr` counts sessions. */
export function sessionMetricsOf(ranked: readonly number[], corpus: Corpus): Metrics {
  const gold = new Set(corpus.filter(isGold).map(sessionOfTurn));
  const sessions = corpus.map(sessionOfTurn);
  return scored(ranked, gold, sessions, (k) => reaching(ranked, sessions, k));
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

/** `id` renamed so that it does not count as an answer. */
export function withoutGold(id: string): string {
  return id.replaceAll("answer", "noans");
}

function sessionOfTurn(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("_")));
}

/** The smallest number of results, at least `k`, that cover `k` sessions. */
function reaching(ranked: readonly number[], sessions: readonly string[], k: number): number {
  const seen = new Set<string>();
  for (const [index, place] of ranked.entries()) {
    seen.add(sessions[place] ?? "");
    if (index + 1 >= k && seen.size >= k) return index + 1;
  }
  return Math.max(k, ranked.length);
}

function scored(
  ranked: readonly number[],
  gold: ReadonlySet<string>,
  corpus: Corpus,
  reach: (k: number) => number,
): Metrics {
  const found = ranked.map((place) => corpus[place] ?? "");
  const relevant = corpus.filter((id) => gold.has(id)).length;
  const first = [...new Set(found)].findIndex((id) => gold.has(id));
  const metrics = DEPTHS.flatMap((k) => {
    const most = reach(k);
    const top = new Set(found.slice(0, most));
    const ideal = discounted(new Array<number>(Math.min(relevant, most)).fill(1));
    const actual = discounted(found.slice(0, most).map((id) => Number(gold.has(id))));
    return [
      [`recall_any@${k}`, Number([...gold].some((id) => top.has(id)))],
      [`recall_all@${k}`, Number([...gold].every((id) => top.has(id)))],
      [`ndcg_any@${k}`, ideal === 0 ? 0 : actual / ideal],
    ] as const;
  });
  return { ...Object.fromEntries(metrics), mrr: first < 0 ? 0 : 1 / (first + 1) };
}

function discounted(relevances: readonly number[]): number {
  return relevances.reduce((sum, value, index) => sum + (index === 0 ? value : value / Math.log2(index + 1)), 0);
}
