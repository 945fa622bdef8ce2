import type { Agent, ImportedMessage, MemGPT } from "../index.ts";
import { Bm25 } from "./bm25.ts";
import { type Dataset, datasetAt, readJsonItems } from "./dataset.ts";
import {
  type Document,
  type Entry,
  type Unit,
  corpusOf,
  entrySchema,
  isAbstention,
  saidIn,
  startOf,
} from "./longmemeval-data.ts";
import { Pool, type PoolSize, type PooledQuestion, type Rankings } from "./longmemeval-pool.ts";
import { type Metrics, averaged, isGold, metricsOf, sessionMetricsOf } from "./longmemeval-score.ts";
import { type Running, forEach, inTemporaryHome, timed } from "./run.ts";
import { type Latency, latencyOf, rounded } from "./scores.ts";
import { sessionTimes } from "./sessions.ts";
import { percent, table } from "./table.ts";

export type LongMemEvalOptions = Running & {
  readonly data: string;
  /** Unit to rank (default: session). */
  readonly unit?: Unit | undefined;
  /** Whether to ask every question (up to `limit`) of the sessions of all of them, instead of its own. */
  readonly pooled?: boolean | undefined;
};

/** One averaged row. `turn` is present if turns were ranked. */
type Row = { readonly session: Metrics; readonly turn?: Metrics };

/** The authors' two ways of leaving questions out; see `evaluateLongMemEval`. */
type Rows = {
  readonly no_abstention: { readonly n: number; readonly ours: Row; readonly bm25: Row };
  readonly with_target: { readonly n: number; readonly ours: Row; readonly bm25: Row };
};

/** All fractions are in [0, 1]. */
export type LongMemEvalReport = Rows & {
  readonly dataset: Dataset;
  readonly unit: Unit;
  /** The common pool, if there was one. */
  readonly pool?: PoolSize;
  /** All questions, abstentions included. */
  readonly n: number;
  /** Latency of our search alone. */
  readonly latency_ms: Latency;
  readonly seconds: number;
};

/**
 * Does search find the sessions, or turns, that hold the answer to a question? Scored as the authors' code does, next to
 * their lexical baseline. Only the user's words are indexed; the bare question is the query. Units that our search does not
 * return count as not found; the baseline ranks everything.
 *
 * Averages come in two versions: without questions about things never said (`_abs`), like the authors' printer, and also
 * without those whose answer is not in a turn of the user, like their run. State which one you quote.
 *
 * The pooled variant is ours, and harder: one recall storage holds the sessions of all questions, each once, and the
 * answers to other questions are distractors. Only the first 100 sessions, or 1,000 turns, of each ranking count.
 *
 * @source Wu et al. 2024 (LongMemEval); xiaowu0162/LongMemEval, src/retrieval
 * @throws MemGPTError from reading the data; `interrupted`.
 */
export async function evaluateLongMemEval(options: LongMemEvalOptions): Promise<LongMemEvalReport> {
  const { data, unit = "session", pooled = false } = options;
  const started = performance.now();
  const dataset = await datasetAt(data);
  const { outcomes, ...rest } = await inTemporaryHome(
    (memgpt) => (pooled ? measurePooled(memgpt, unit, options) : measureSeparately(memgpt, unit, options)),
    { database: options.database },
  );
  const answerable = outcomes.filter(({ isAbstention }) => !isAbstention);
  return {
    dataset,
    unit,
    ...rest,
    n: outcomes.length,
    no_abstention: rowsOf(answerable),
    with_target: rowsOf(answerable.filter(({ hasTarget }) => hasTarget)),
    latency_ms: latencyOf(outcomes.map(({ milliseconds }) => milliseconds)),
    seconds: rounded((performance.now() - started) / 1000, 1),
  };
}

type Outcome = {
  readonly isAbstention: boolean;
  readonly hasTarget: boolean;
  readonly ours: Row;
  readonly bm25: Row;
  readonly milliseconds: number;
};

type Measured = { readonly outcomes: readonly Outcome[]; readonly pool?: PoolSize };

async function measureSeparately(memgpt: MemGPT, unit: Unit, options: LongMemEvalOptions): Promise<Measured> {
  const { data, signal } = options;
  const outcomes: Outcome[] = [];
  await forEach(readJsonItems(data, entrySchema), options, async (entry) => {
    const corpus = corpusOf(entry, unit);
    const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
    const { ranked, milliseconds } = await ourRanking(agent, entry, corpus, { unit, signal });
    await agent.close();
    await memgpt.deleteAgent("reader");
    const bm25 = new Bm25(corpus.map(({ text }) => text)).rank(entry.question);
    const ids = corpus.map(({ id }) => id);
    outcomes.push(outcomeOf(entry.question_id, unit, { ids, ours: ranked, bm25, milliseconds }));
  });
  return { outcomes };
}

async function measurePooled(memgpt: MemGPT, unit: Unit, options: LongMemEvalOptions): Promise<Measured> {
  const { data, signal, limit, onProgress } = options;
  const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
  const pool = new Pool(agent, unit, signal);
  const questions: PooledQuestion[] = [];
  const onAdded = (): void => onProgress?.(pool.size.sessions, undefined, "sessions added");
  await forEach(readJsonItems(data, entrySchema), { signal, limit, onProgress: onAdded }, async (entry) => {
    questions.push(await pool.add(entry));
  });
  await pool.flush();
  const outcomes: Outcome[] = [];
  await forEach(questions, options, async (question) => {
    outcomes.push(outcomeOf(question.id, unit, await pool.rank(question)));
  });
  return { outcomes, pool: pool.size };
}

function outcomeOf(questionId: string, unit: Unit, { ids, ours, bm25, milliseconds }: Rankings): Outcome {
  return {
    isAbstention: isAbstention(questionId),
    hasTarget: ids.some(isGold),
    ours: rowOf(ours, ids, unit),
    bm25: rowOf(bm25, ids, unit),
    milliseconds,
  };
}

async function ourRanking(
  agent: Agent,
  entry: Entry,
  corpus: readonly Document[],
  { unit, signal }: { readonly unit: Unit; readonly signal: AbortSignal | undefined },
): Promise<{ ranked: number[]; milliseconds: number }> {
  const said = messagesOf(entry);
  const ids = await agent.importMessages(
    said.map(({ message }) => message),
    { signal },
  );
  const query = { text: entry.question };
  const page = { page: 0, size: corpus.length };
  if (unit === "turn") {
    const places = new Map(corpus.map(({ session, turn }, place) => [`${session}/${turn ?? 0}`, place]));
    const placeOf = new Map(ids.map((id, index) => [id, places.get(said[index]?.at ?? "") ?? -1]));
    const { result, milliseconds } = await timed(() => agent.recall.search(query, page));
    return { ranked: result.items.map(({ id }) => placeOf.get(id) ?? -1), milliseconds };
  }
  const stored = await agent.recall.searchDate({}, { page: 0, size: said.length });
  const sessionOf = new Map(ids.map((id, index) => [id, said[index]?.session ?? -1]));
  const placeOf = new Map(stored.items.map(({ id, session }) => [session, sessionOf.get(id) ?? -1]));
  const { result, milliseconds } = await timed(() => agent.recall.searchSessions(query, page));
  return { ranked: result.items.map(({ session }) => placeOf.get(session) ?? -1), milliseconds };
}

/** The user's messages with their indexes in the haystack. */
function messagesOf({ haystack_sessions: sessions, haystack_dates: dates }: Entry): Said[] {
  const times = sessionTimes(
    sessions.map((turns, session) => ({ start: startOf(dates[session] ?? ""), turns: turns.length })),
  );
  return sessions.flatMap((turns, session) =>
    saidIn(turns, times[session] ?? []).map(({ message, turn }) => ({ message, session, at: `${session}/${turn}` })),
  );
}

type Said = { readonly message: ImportedMessage; readonly session: number; readonly at: string };

function rowOf(ranked: readonly number[], ids: readonly string[], unit: Unit): Row {
  if (unit === "session") return { session: metricsOf(ranked, ids) };
  return { turn: metricsOf(ranked, ids), session: sessionMetricsOf(ranked, ids) };
}

function rowsOf(outcomes: readonly Outcome[]): Rows["with_target"] {
  const row = (of: "ours" | "bm25"): Row => {
    const turns = outcomes.map((outcome) => outcome[of].turn).filter((metrics) => metrics !== undefined);
    const session = averaged(outcomes.map((outcome) => outcome[of].session));
    return turns.length === 0 ? { session } : { session, turn: averaged(turns) };
  };
  return { n: outcomes.length, ours: row("ours"), bm25: row("bm25") };
}

const SHOWN = ["recall_any@1", "recall_any@5", "recall_all@5", "ndcg_any@5", "recall_all@10", "ndcg_any@10"];

/** The report as text, fractions in percent except for the mean reciprocal rank. */
export function longMemEvalTable(report: LongMemEvalReport): string {
  const part = (title: string, { n, ours, bm25 }: Rows["with_target"]): string[] => {
    const cells = (metrics: Metrics | undefined): string[] => [
      ...SHOWN.map((name) => percent(metrics?.[name] ?? 0)),
      (metrics?.["mrr"] ?? 0).toFixed(3),
    ];
    const sessions = [
      ["memgpt, sessions", ...cells(ours.session)],
      ["authors' BM25, sessions", ...cells(bm25.session)],
    ];
    const turns = [
      ["memgpt, turns", ...cells(ours.turn)],
      ["authors' BM25, turns", ...cells(bm25.turn)],
    ];
    return [
      "",
      table([`${title}, n = ${n}`, ...SHOWN, "MRR"], [...(report.unit === "turn" ? turns : []), ...sessions]),
    ];
  };
  const { p50, p95 } = report.latency_ms;
  return [
    `LongMemEval, ${report.unit === "turn" ? "turns" : "sessions"} of the user ranked, ${report.n} questions, in percent`,
    ...poolLines(report.pool),
    ...part("without abstentions", report.no_abstention),
    ...part("and with a target in the user's turns", report.with_target),
    "",
    `Search: p50 ${p50} ms, p95 ${p95} ms; ${report.seconds} s in total.`,
  ].join("\n");
}

function poolLines(pool: PoolSize | undefined): string[] {
  if (pool === undefined) return [];
  const [sessions, turns, differing] = [pool.sessions, pool.turns, pool.differing].map((n) =>
    n.toLocaleString("en-US"),
  );
  const lines = [
    `Pooled: every question is asked of all ${sessions} sessions in one store, with ${turns} turns of the user.`,
  ];
  if (pool.differing > 0)
    lines.push(`Session ids that recur with different words: ${differing}; the store has the first version.`);
  return lines;
}
