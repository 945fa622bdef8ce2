import { z } from "zod";
import type { Agent, ImportedMessage } from "../index.ts";
import { Bm25 } from "./bm25.ts";
import { type Dataset, datasetAt, readJsonItems } from "./dataset.ts";
import { type Metrics, averaged, isGold, metricsOf, sessionMetricsOf } from "./longmemeval-score.ts";
import { type Running, forEach, inTemporaryHome, timed } from "./run.ts";
import { type Latency, latencyOf, rounded } from "./scores.ts";
import { sessionTimes, utc } from "./sessions.ts";
import { percent, table } from "./table.ts";

export type LongMemEvalOptions = Running & {
  readonly data: string;
  /** What is ranked: whole sessions, or single turns of the user. Sessions if absent. */
  readonly unit?: "turn" | "session" | undefined;
};

/** One averaged row. `turn` is there where turns were ranked. */
type Row = { readonly session: Metrics; readonly turn?: Metrics };

/** The two ways in which the authors leave questions out: see `evaluateLongMemEval`. */
type Rows = {
  readonly no_abstention: { readonly n: number; readonly ours: Row; readonly bm25: Row };
  readonly with_target: { readonly n: number; readonly ours: Row; readonly bm25: Row };
};

/** All fractions are in [0, 1]. */
export type LongMemEvalReport = Rows & {
  readonly dataset: Dataset;
  readonly unit: "turn" | "session";
  /** Questions in all, abstentions included. */
  readonly n: number;
  /** Of our search alone. */
  readonly latency_ms: Latency;
  readonly seconds: number;
};

const turnSchema = z.object({ role: z.string(), content: z.string(), has_answer: z.boolean().optional() });

const entrySchema = z
  .object({
    question_id: z.string(),
    question: z.string(),
    haystack_session_ids: z.array(z.string()),
    haystack_dates: z.array(z.string()),
    haystack_sessions: z.array(z.array(turnSchema)),
  })
  .refine(
    ({ haystack_session_ids: ids, haystack_dates: dates, haystack_sessions: sessions }) =>
      ids.length === sessions.length && dates.length === sessions.length,
    { error: "haystack_session_ids, haystack_dates and haystack_sessions differ in length" },
  );
type Entry = z.infer<typeof entrySchema>;

/**
 * Whether the sessions, or turns, that hold the answer to a question are found, scored as the authors' code does, beside
 * the lexical ranking that they compare with. Only what the user said is indexed; the bare question is the query. What our
 * search does not return is not found; theirs ranks everything.
 *
 * Averages are given twice: without the questions about nothing that was said (`_abs`), as the authors' printer does, and
 * also without those whose answer is not in a turn of the user, as their run does. State which.
 *
 * @source Wu et al. 2024 (LongMemEval); xiaowu0162/LongMemEval, src/retrieval
 * @throws MemGPTError as the data is read; `interrupted`.
 */
export async function evaluateLongMemEval(options: LongMemEvalOptions): Promise<LongMemEvalReport> {
  const { data, unit = "session", signal } = options;
  const started = performance.now();
  const dataset = await datasetAt(data);
  const entries = readJsonItems(data, entrySchema);
  const outcomes: Outcome[] = [];
  await inTemporaryHome(async (memgpt) => {
    await forEach(entries, options, async (entry) => {
      const corpus = corpusOf(entry, unit);
      const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
      const { ranked, milliseconds } = await ourRanking(agent, entry, corpus, { unit, signal });
      await agent.close();
      await memgpt.deleteAgent("reader");
      const bm25 = new Bm25(corpus.map(({ text }) => text)).rank(entry.question);
      const ids = corpus.map(({ id }) => id);
      outcomes.push({
        isAbstention: entry.question_id.includes("_abs"),
        hasTarget: ids.some(isGold),
        ours: rowOf(ranked, ids, unit),
        bm25: rowOf(bm25, ids, unit),
        milliseconds,
      });
    });
  });
  const answerable = outcomes.filter(({ isAbstention }) => !isAbstention);
  return {
    dataset,
    unit,
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

/** A unit as the authors index it. `session` and `turn` are places in the haystack; a session as a whole has no turn. */
type Unit = { readonly id: string; readonly text: string; readonly session: number; readonly turn?: number };

function corpusOf({ haystack_session_ids: ids, haystack_sessions: sessions }: Entry, unit: "turn" | "session"): Unit[] {
  return sessions.flatMap((turns, session): Unit[] => {
    const id = ids[session] ?? "";
    const own = turns.flatMap((turn, index) => (turn.role === "user" ? [{ ...turn, index }] : []));
    if (unit === "session") {
      const isTarget = own.some((turn) => turn.has_answer === true);
      return [{ id: isTarget ? id : withoutAnswer(id), text: own.map(({ content }) => content).join(" "), session }];
    }
    return own.map(({ content, has_answer: hasAnswer, index }) => {
      const name = `${id}_${index + 1}`;
      return { id: hasAnswer === true ? name : withoutAnswer(name), text: content, session, turn: index };
    });
  });
}

/** What is named after an answer that the user's own turns do not give is not wanted. */
function withoutAnswer(id: string): string {
  return id.replaceAll("answer", "noans");
}

async function ourRanking(
  agent: Agent,
  entry: Entry,
  corpus: readonly Unit[],
  { unit, signal }: { readonly unit: "turn" | "session"; readonly signal: AbortSignal | undefined },
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

/** The turns of the user that say anything, with their places in the haystack. */
function messagesOf({ haystack_sessions: sessions, haystack_dates: dates }: Entry): Said[] {
  const times = sessionTimes(
    sessions.map((turns, session) => ({ start: startOf(dates[session] ?? ""), turns: turns.length })),
  );
  return sessions.flatMap((turns, session) =>
    turns.flatMap(({ role, content }, turn) => {
      if (role !== "user" || content.trim() === "") return [];
      const message = { role: "user" as const, text: content, createdAt: times[session]?.[turn] };
      return [{ message, session, at: `${session}/${turn}` }];
    }),
  );
}

type Said = { readonly message: ImportedMessage; readonly session: number; readonly at: string };

/** Milliseconds of a time such as `2023/05/20 (Sat) 02:21`, taken as UTC; those of the year 2000 if it is none. */
function startOf(text: string): number {
  const [, day = "", hour, minute] = /^(\d{4}\/\d{1,2}\/\d{1,2})(?: \(\w+\))? (\d{1,2}):(\d\d)/.exec(text) ?? [];
  const start = utc(day, Number(hour), Number(minute));
  return Number.isNaN(start) ? Date.UTC(2000) : start;
}

function rowOf(ranked: readonly number[], ids: readonly string[], unit: "turn" | "session"): Row {
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

/** The report for a person to read; fractions in percent. */
export function longMemEvalTable(report: LongMemEvalReport): string {
  const part = (title: string, { n, ours, bm25 }: Rows["with_target"]): string[] => {
    const cells = (metrics: Metrics | undefined): string[] => SHOWN.map((name) => percent(metrics?.[name] ?? 0));
    const sessions = [
      ["memgpt, sessions", ...cells(ours.session)],
      ["BM25 of the authors, sessions", ...cells(bm25.session)],
    ];
    const turns = [
      ["memgpt, turns", ...cells(ours.turn)],
      ["BM25 of the authors, turns", ...cells(bm25.turn)],
    ];
    return ["", table([`${title}, n = ${n}`, ...SHOWN], [...(report.unit === "turn" ? turns : []), ...sessions])];
  };
  const { p50, p95 } = report.latency_ms;
  return [
    `LongMemEval, ${report.unit === "turn" ? "turns" : "sessions"} of the user ranked, ${report.n} questions, in percent`,
    ...part("without abstentions", report.no_abstention),
    ...part("and with a target in the user's turns", report.with_target),
    "",
    `Search: p50 ${p50} ms, p95 ${p95} ms; ${report.seconds} s in all.`,
  ].join("\n");
}
