import { type Agent, type ArchivalQuery, type Embedder, type MemGPT, MemGPTError, type RecallQuery } from "../index.ts";
import { type Dataset, datasetAt, emptyData } from "./dataset.ts";
import { type LocomoConversation, type LocomoQuestion, type LocomoTurn, readLocomo } from "./locomo-data.ts";
import { PlainVectors, remembering } from "./plain-vectors.ts";
import { type Running, checkInterrupt, inTemporaryHome, timed } from "./run.ts";
import { type Latency, anyAt, latencyOf, mean, means, recallAt } from "./scores.ts";
import { StrictEmbedder } from "./strict-embedder.ts";
import { percent, table } from "./table.ts";

export type LocomoOptions = Running & {
  readonly data: string;
  /** Unit to rank (default: turn). */
  readonly unit?: "turn" | "session" | undefined;
  /** Names such as `conv-26` (default: all). */
  readonly conversations?: readonly string[] | undefined;
  /** Where the turns are stored: as messages, or as passages without speakers (default: recall). */
  readonly in?: "recall" | "archival" | undefined;
  /** Embeds turns and questions (default: the built-in one). */
  readonly embedder?: Embedder | undefined;
};

/** Share of a question's evidence among the first k. */
type Recall = Readonly<Record<"5" | "10" | "25" | "50", number>>;
/** Whether any evidence is among the first k, for questions with evidence. */
type AnyHit = Readonly<Record<"1" | "5" | "10", number>>;

/** All fractions are in [0, 1]. */
export type LocomoReport = {
  readonly dataset: Dataset;
  readonly unit: "turn" | "session";
  readonly in: "recall" | "archival";
  /** The embedding model; null if none was chosen, when recall is searched by words only. */
  readonly embedding: string | null;
  readonly n: number;
  readonly recall: Recall;
  /** Recall of ranking turns by cosine alone, if an embedder was chosen. */
  readonly plain_vectors?: Recall;
  /** Questions with evidence, the basis of `any`. */
  readonly n_any: number;
  readonly any: AnyHit;
  readonly by_category: Readonly<Record<string, { readonly id: number; readonly n: number; readonly recall: Recall }>>;
  readonly by_conversation: Readonly<Record<string, { n: number; recall: Recall; n_any: number; any: AnyHit }>>;
  /** Latency of the search alone. */
  readonly latency_ms: Latency;
};

/** Numbers from the authors' code in the order of their table. Other reports mix up the names. */
const CATEGORIES: readonly (readonly [id: number, name: string])[] = [
  [4, "single-hop"],
  [1, "multi-hop"],
  [2, "temporal"],
  [3, "open-domain"],
  [5, "adversarial"],
];

const DEPTH = 50;

/**
 * Does search find the turns, or sessions, that hold the answers to questions about long conversations? Follows the paper's
 * protocol: one agent per conversation, every turn in recall storage, the bare question as the query, evidence ids compared
 * as written, a question without evidence counted as found.
 *
 * @source Maharana et al. 2024 (LoCoMo), table 3; snap-research/LoCoMo, task_eval
 * @throws MemGPTError from reading the data; `invalid_input` for an unknown conversation, or without questions; `interrupted`.
 */
export async function evaluateLocomo(options: LocomoOptions): Promise<LocomoReport> {
  const { data, unit = "turn", in: storage = "recall", signal, onProgress, limit = Infinity } = options;
  if (unit === "session" && storage === "archival") {
    throw new MemGPTError(
      "invalid_input",
      "Passages have no sessions: rank turns, or search recall. Nothing was measured.",
    );
  }
  const embedder =
    options.embedder === undefined ? undefined : new StrictEmbedder(remembering(options.embedder), signal);
  const dataset = await datasetAt(data);
  const conversations = chosen(await readLocomo(data), options);
  const total = Math.min(
    limit,
    conversations.map(({ questions }) => questions.length).reduce((a, b) => a + b, 0),
  );
  if (total === 0) throw emptyData(data);
  const outcomes: Outcome[] = [];
  const measure = async (memgpt: MemGPT): Promise<void> => {
    for (const conversation of conversations) {
      if (outcomes.length >= total) return;
      const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
      if (embedder !== undefined) embedder.onEmbedded = (count) => onProgress?.(count, undefined, "lines embedded");
      const plain = unit === "turn" ? await plainVectors(conversation.turns, embedder, signal) : undefined;
      const rank = await ranker(agent, conversation.turns, { unit, storage, embedder, signal });
      if (embedder !== undefined) embedder.onEmbedded = undefined;
      for (const question of conversation.questions.slice(0, total - outcomes.length)) {
        await checkInterrupt(signal);
        const { result: ranked, milliseconds } = await rank(question.question);
        await embedder?.check();
        const near = plain === undefined ? undefined : await plain(question.question);
        const byVectors = near === undefined ? {} : { plain: scored(question, near, unit).recall };
        const outcome = { ...scored(question, ranked, unit), ...byVectors };
        outcomes.push({ ...outcome, milliseconds, conversation: conversation.name });
        onProgress?.(outcomes.length, total);
      }
      await agent.close();
      await memgpt.deleteAgent("reader");
    }
  };
  await inTemporaryHome(measure, { embedder, database: options.database });
  return report({ dataset, unit, in: storage, embedding: embedder?.model ?? null }, outcomes);
}

/** Ranks turns by cosine alone; undefined if no embedder was chosen. */
async function plainVectors(
  turns: readonly LocomoTurn[],
  embedder: StrictEmbedder | undefined,
  signal: AbortSignal | undefined,
): Promise<((question: string) => Promise<string[]>) | undefined> {
  if (embedder === undefined) return undefined;
  const plain = new PlainVectors(embedder);
  await plain.hold(
    turns.map(({ message }) => message.text),
    signal,
  );
  return async (question) => (await plain.rank(question, DEPTH)).map((i) => turns[i]?.id ?? "");
}

type Ranker = (question: string) => Promise<{ result: string[]; milliseconds: number }>;

type Setting = {
  readonly unit: "turn" | "session";
  readonly storage: "recall" | "archival";
  readonly embedder: StrictEmbedder | undefined;
  readonly signal: AbortSignal | undefined;
};

/** Imports a conversation into storage. @returns a function that ranks its turns or sessions, by their names in evidence. */
async function ranker(
  agent: Agent,
  turns: readonly LocomoTurn[],
  { unit, storage, embedder, signal }: Setting,
): Promise<Ranker> {
  const messages = turns.map(({ message }) => message);
  const page = { page: 0, size: DEPTH };
  const queryOf = async (text: string): Promise<RecallQuery & ArchivalQuery> => {
    if (embedder === undefined) return { text };
    const [vector = null] = await embedder.embed([text], signal);
    const embedding = vector === null ? null : { model: embedder.model, vector };
    return { text, embedding, minSimilarity: embedder.minSimilarity };
  };
  const ids =
    storage === "archival"
      ? await agent.addPassages(messages, { signal })
      : await agent.importMessages(messages, { signal });
  const named = ids.flatMap((some, i) => [some].flat().map((id) => [id, turns[i]?.id ?? ""] as const));
  await agent.embedSaid({ signal });
  if (unit === "turn") {
    const names = new Map(named);
    return async (text) => {
      const search = async () => agent[storage].search(await queryOf(text), page);
      const { result, milliseconds } = await timed(search);
      return { result: result.items.map(({ id }) => names.get(id) ?? ""), milliseconds };
    };
  }
  const said = await agent.recall.searchDate({}, { page: 0, size: turns.length });
  const places = new Map(named.map(([id], index) => [id, index]));
  const names = new Map(said.items.map(({ id, session }) => [session, turns[places.get(id) ?? -1]?.session ?? ""]));
  return async (text) => {
    const search = async () => agent.recall.searchSessions(await queryOf(text), page);
    const { result, milliseconds } = await timed(search);
    return { result: result.items.map(({ session }) => names.get(session) ?? ""), milliseconds };
  };
}

type Outcome = {
  readonly conversation: string;
  readonly category: number;
  readonly recall: Recall;
  /** Undefined without evidence. */
  readonly any: AnyHit | undefined;
  /** Recall of ranking by cosine alone. */
  readonly plain?: Recall;
  readonly milliseconds: number;
};

function scored(
  { evidence, category }: LocomoQuestion,
  ranked: readonly string[],
  unit: "turn" | "session",
): Pick<Outcome, "category" | "recall" | "any"> {
  const gold = unit === "turn" ? evidence : [...new Set(evidence.map(sessionOf))];
  const recall = (k: number): number => recallAt(gold, ranked, k);
  const any = (k: number): number => anyAt(gold, ranked, k);
  return {
    category,
    recall: { "5": recall(5), "10": recall(10), "25": recall(25), "50": recall(50) },
    any: gold.length === 0 ? undefined : { "1": any(1), "5": any(5), "10": any(10) },
  };
}

/** As in the authors' code: `D8:6; D9:17` belongs to session 8, `D` to none. */
function sessionOf(evidence: string): string {
  return (evidence.split(":")[0] ?? "").slice(1);
}

function report(
  measured: Pick<LocomoReport, "dataset" | "unit" | "in" | "embedding">,
  outcomes: readonly Outcome[],
): LocomoReport {
  const plain = outcomes.flatMap((outcome) => outcome.plain ?? []);
  const conversations = [...new Set(outcomes.map(({ conversation }) => conversation))];
  const categories = [...new Set([...CATEGORIES.map(([id]) => id), ...outcomes.map(({ category }) => category)])];
  return {
    ...measured,
    ...summary(outcomes),
    ...(plain.length === 0 ? {} : { plain_vectors: means(plain) }),
    by_category: Object.fromEntries(
      categories.flatMap((id) => {
        const own = outcomes.filter(({ category }) => category === id);
        const name = CATEGORIES.find(([known]) => known === id)?.[1] ?? `category ${id}`;
        return own.length === 0 ? [] : [[name, { id, n: own.length, recall: means(own.map(({ recall }) => recall)) }]];
      }),
    ),
    by_conversation: Object.fromEntries(
      conversations.map((name) => [name, summary(outcomes.filter(({ conversation }) => conversation === name))]),
    ),
    latency_ms: latencyOf(outcomes.map(({ milliseconds }) => milliseconds)),
  };
}

function summary(outcomes: readonly Outcome[]): Pick<LocomoReport, "n" | "recall" | "n_any" | "any"> {
  const hits = outcomes.flatMap(({ any }) => (any === undefined ? [] : [any]));
  const any = hits.length === 0 ? { "1": 0, "5": 0, "10": 0 } : means(hits);
  return { n: outcomes.length, recall: means(outcomes.map(({ recall }) => recall)), n_any: hits.length, any };
}

function chosen(all: readonly LocomoConversation[], { data, conversations }: LocomoOptions): LocomoConversation[] {
  for (const name of conversations ?? []) {
    if (all.some((conversation) => conversation.name === name)) continue;
    const known = all.map((conversation) => conversation.name).join(", ");
    throw new MemGPTError("invalid_input", `${data} has no conversation ${name}. It has: ${known}.`);
  }
  return all.filter(({ name }) => conversations?.includes(name) ?? true);
}

/** The report as text, fractions in percent. */
export function locomoTable(report: LocomoReport): string {
  const what = report.unit === "turn" ? "single turns" : "whole sessions";
  const by = report.embedding === null ? "" : ` with ${report.embedding}`;
  const row = (name: string, n: number, recall: Recall, any?: AnyHit): string[] => [
    name,
    String(n),
    ...[recall["5"], recall["10"], recall["25"], recall["50"]].map(percent),
    ...(any === undefined ? [] : [any["1"], any["5"], any["10"]].map(percent)),
  ];
  const head = ["", "n", "R@5", "R@10", "R@25", "R@50"];
  const categories = Object.entries(report.by_category).map(([name, { id, n, recall }]) =>
    row(`${name} (${id})`, n, recall),
  );
  const conversations = Object.entries(report.by_conversation).map(([name, { n, recall, any }]) =>
    row(name, n, recall, any),
  );
  const { p50, p95 } = report.latency_ms;
  const plain =
    report.plain_vectors === undefined ? [] : [row("all, by plain vectors", report.n, report.plain_vectors)];
  const spread = mean(Object.values(report.by_conversation).map(({ recall }) => recall["10"]));
  return [
    `LoCoMo, ${what} in ${report.in}${by}: share of the evidence found, in percent`,
    "",
    table(head, [...categories, row("all questions", report.n, report.recall), ...plain]),
    "",
    `${report.n_any} of ${report.n} questions have evidence; a@k is the share with any of it found.`,
    "",
    table(
      [...head, "a@1", "a@5", "a@10"],
      [...conversations, row("all questions", report.n, report.recall, report.any)],
    ),
    "",
    `Mean R@10 of the conversations: ${percent(spread)}. Search: p50 ${p50} ms, p95 ${p95} ms.`,
  ].join("\n");
}
