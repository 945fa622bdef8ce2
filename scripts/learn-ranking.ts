/**
 * Learns the weights of line and session features (src/search/recall/weights.ts) from conversations with questions whose
 * answers are known, in LoCoMo's format: `npm run learn -- --data FILE [--write]`. First scores each conversation with
 * weights learned on the others and prints the figures, then learns weights on all.
 *
 * The model is linear. Its weights make the answer likely among all candidates (a softmax over the list)
 * and are kept small.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Embedder, MemGPT } from "memgpt";
import { format } from "prettier";
import { type LocomoConversation, readLocomo } from "../src/eval/locomo-data.ts";
import { LiteEmbedder } from "../src/llm/embedders/lite-embedder.ts";
import { type Meaning, Trust, meaningOf } from "../src/search/meaning.ts";
import { SaidVectors } from "../src/storage/sqlite/said-vectors.ts";
import { agentFolder, homeAt } from "../src/storage/files/paths.ts";
import { look } from "../src/search/recall/ranking.ts";
import { FEATURES, SESSION_FEATURES } from "../src/search/recall/features.ts";
import { sessionFeatures } from "../src/search/recall/session-ranking.ts";
import { SqliteConversation } from "../src/storage/sqlite/conversation.ts";
import { openDatabase } from "../src/storage/sqlite/database.ts";

const ROUNDS = 300;
const STEP = 0.07;

/** Share of the loss for finding any line of the right session. Without it, sessions rank a point worse. */
const SESSION_SHARE = 0.3;
const TARGET = new URL("../src/search/recall/weights.ts", import.meta.url);

/** A list to rank: names of its items, their features, and the indexes of the right ones. */
type List<F extends string> = {
  readonly names: readonly string[];
  readonly columns: Readonly<Record<F, Float64Array>>;
  readonly right: readonly number[];
  /** For lines: those in a session with a right one. */
  readonly near?: readonly number[];
};
type Line = (typeof FEATURES)[number];
type Session = (typeof SESSION_FEATURES)[number];
type Weights<F extends string> = ReadonlyMap<F, number>;

/** A question, its candidate lines, and the names of all lines that answer it. */
type Lesson = {
  readonly evidence: readonly string[];
  readonly lines: List<Line>;
  readonly sessions: (scores: Float64Array) => List<Session>;
};

async function lessonsOf(conversation: LocomoConversation, embedder: Embedder | undefined): Promise<Lesson[]> {
  const dir = mkdtempSync(join(tmpdir(), "learn-"));
  try {
    const memgpt = await MemGPT.open({ dir, env: {}, ...(embedder === undefined ? {} : { embedder: () => embedder }) });
    const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
    await agent.importMessages(conversation.turns.map(({ message }) => message));
    await agent.embedSaid();
    await agent.close();
    const db = await openDatabase(agentFolder(homeAt(dir), "reader").database, { readonly: true });
    const view = await new SqliteConversation(db).view({});
    const turn = (n: number): string => conversation.turns[n - 1]?.id ?? "";
    const [said, trust] = [new SaidVectors(db), new Trust()];
    const meaning = async (question: string): Promise<Meaning | undefined> => {
      const [vector = null] = (await embedder?.embed([question])) ?? [];
      if (embedder === undefined || vector === null) return undefined;
      return meaningOf(await said.comparedWith({ model: embedder.model, vector }, 0), view, trust);
    };
    const lessons: Lesson[] = [];
    for (const { question, evidence } of conversation.questions) {
      const found = await look(question, view, { meaning: await meaning(question) });
      if (found === undefined) continue;
      const names = found.lines.map(({ n }) => turn(n));
      const within = evidence.map(sessionOf);
      lessons.push({
        evidence,
        lines: {
          names,
          columns: found.columns,
          right: indicesOf(names, evidence),
          near: indicesOf(names.map(sessionOf), within),
        },
        sessions: (scores) => {
          const rows = sessionFeatures(found, scores, new Set(found.lines.map(({ n }) => n)));
          const sessions = rows.map(({ session }) => sessionOf(turn(session)));
          const columns = columnsOf(SESSION_FEATURES, (feature) => rows.map((row) => row[feature]));
          return { names: sessions, columns, right: indicesOf(sessions, within) };
        },
      });
    }
    db.close();
    return lessons;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `D3` of `D3:14`. */
function sessionOf(id: string): string {
  return id.split(":")[0] ?? "";
}

function indicesOf(names: readonly string[], wanted: readonly string[]): number[] {
  return names.flatMap((name, i) => (wanted.includes(name) ? [i] : []));
}

function columnsOf<F extends string>(
  features: readonly F[],
  read: (feature: F) => readonly number[],
): Record<F, Float64Array> {
  return Object.fromEntries(features.map((feature) => [feature, Float64Array.from(read(feature))])) as Record<
    F,
    Float64Array
  >;
}

/** Descends the loss with Adam. */
function learn<F extends string>(lists: readonly List<F>[], features: readonly F[], penalty: number): Weights<F> {
  const usable = lists.filter(({ right }) => right.length > 0);
  const weights = new Map(features.map((feature) => [feature, 0]));
  const momentum = new Map(features.map((feature) => [feature, { first: 0, second: 0 }]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    const slopes = new Map(features.map((feature) => [feature, penalty * (weights.get(feature) ?? 0)]));
    for (const list of usable) {
      const likely = likelihoods(scoresOf(list, weights));
      const error = likely.slice();
      const { right, near = [] } = list;
      const share = near.length === 0 ? 0 : SESSION_SHARE;
      const together = near.reduce((sum, i) => sum + (likely[i] ?? 0), 0);
      for (const i of right) error[i] = (error[i] ?? 0) - (1 - share) / right.length;
      for (const i of near) error[i] = (error[i] ?? 0) - (share * (likely[i] ?? 0)) / together;
      for (const feature of features) {
        const column = list.columns[feature];
        let sum = 0;
        for (let i = 0; i < error.length; i += 1) sum += (error[i] ?? 0) * (column[i] ?? 0);
        slopes.set(feature, (slopes.get(feature) ?? 0) + sum / usable.length);
      }
    }
    for (const [feature, slope] of slopes) {
      const moment = momentum.get(feature) ?? { first: 0, second: 0 };
      moment.first = 0.9 * moment.first + 0.1 * slope;
      moment.second = 0.999 * moment.second + 0.001 * slope * slope;
      const step = moment.first / (1 - 0.9 ** round) / (Math.sqrt(moment.second / (1 - 0.999 ** round)) + 1e-8);
      weights.set(feature, (weights.get(feature) ?? 0) - STEP * step);
    }
  }
  return weights;
}

function scoresOf<F extends string>({ names, columns }: List<F>, weights: Weights<F>): Float64Array {
  const scores = new Float64Array(names.length);
  for (const [feature, weight] of weights) {
    const column = columns[feature];
    for (let i = 0; i < scores.length; i += 1) scores[i] = (scores[i] ?? 0) + weight * (column[i] ?? 0);
  }
  return scores;
}

function likelihoods(values: Float64Array): Float64Array {
  const most = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

type Learned = { readonly lines: Weights<Line>; readonly sessions: Weights<Session> };

function learnBoth(lessons: readonly Lesson[], features: readonly Line[], penalty: number): Learned {
  const lines = learn(
    lessons.map((lesson) => lesson.lines),
    features,
    penalty,
  );
  const lists = lessons.map((lesson) => lesson.sessions(scoresOf(lesson.lines, lines)));
  return { lines, sessions: learn(lists, SESSION_FEATURES, penalty) };
}

/** Recall at 5, 10, 25 and 50 lines, and whether the first 1, 5 and 10 sessions include one with an answer. */
function evaluate(lessons: readonly Lesson[], { lines, sessions }: Learned): number[] {
  const rows = lessons.map((lesson) => {
    const scores = scoresOf(lesson.lines, lines);
    const ranked = order(lesson.lines.names, scores);
    const { evidence } = lesson;
    const recall = [5, 10, 25, 50].map((k) => {
      const top = new Set(ranked.slice(0, k));
      return evidence.length === 0 ? 1 : evidence.filter((id) => top.has(id)).length / evidence.length;
    });
    const list = lesson.sessions(scores);
    const first = order(list.names, scoresOf(list, sessions));
    const within = new Set(evidence.map(sessionOf));
    const any = [1, 5, 10].map((k) => Number(first.slice(0, k).some((session) => within.has(session))));
    return { recall, any: evidence.length === 0 ? undefined : any };
  });
  const any = rows.flatMap((row) => (row.any === undefined ? [] : [row.any]));
  return [
    ...[0, 1, 2, 3].map((k) => mean(rows.map(({ recall }) => recall[k] ?? 0))),
    ...[0, 1, 2].map((k) => mean(any.map((hits) => hits[k] ?? 0))),
  ];
}

function order(names: readonly string[], scores: Float64Array): string[] {
  const sorted = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a);
  return sorted.map((i) => names[i] ?? "");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      write: { type: "boolean", default: false },
      /** Learns the weights with meaning, by local-lite, instead of those without. */
      meaning: { type: "boolean", default: false },
      penalty: { type: "string", default: "0.003" },
      /** Features to leave out, to measure what they contribute. */
      without: { type: "string", default: "" },
    },
  });
  if (values.data === undefined) throw new Error("Pass --data FILE with conversations in LoCoMo's format.");
  const dropped = new Set(values.without.split(","));
  const embedder = values.meaning ? new LiteEmbedder() : undefined;
  const features = FEATURES.filter(
    (feature) => !dropped.has(feature) && (values.meaning || !feature.startsWith("meaning")),
  );
  const penalty = Number(values.penalty);
  const conversations = await readLocomo(values.data);
  const lessons = await Promise.all(conversations.map((conversation) => lessonsOf(conversation, embedder)));
  const percent = (figures: readonly number[]): string =>
    figures.map((it) => (100 * it).toFixed(1).padStart(7)).join("");
  console.log(`${"learned on the others".padEnd(22)}    R@5   R@10   R@25   R@50   session 1st, in 5, in 10`);
  const left = conversations.map(({ name }, i) => {
    const others = lessons.filter((_, j) => j !== i).flat();
    const figures = evaluate(lessons[i] ?? [], learnBoth(others, features, penalty));
    console.log(name.padEnd(22) + percent(figures));
    return figures;
  });
  console.log("mean".padEnd(22) + percent(Array.from({ length: 7 }, (_, k) => mean(left.map((row) => row[k] ?? 0)))));
  const all = lessons.flat();
  const learned = learnBoth(all, features, penalty);
  console.log("learned on all".padEnd(22) + percent(evaluate(all, learned)));
  const reach = all.filter(({ evidence }) => evidence.length > 0);
  const share = mean(reach.map(({ lines, evidence }) => lines.right.length / evidence.length));
  console.log(`${(100 * share).toFixed(1)} % of the evidence is among the candidates`);
  for (const weights of [learned.lines, learned.sessions]) {
    const sorted = [...weights].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
    console.log(sorted.map(([feature, weight]) => `${feature} ${weight.toFixed(2)}`).join(", "));
  }
  if (values.write) await write(learned, values.meaning ? "WEIGHTS_WITH_MEANING" : "CONVERSATION_WEIGHTS");
}

/**
 * Set by hand: the questions share words with their answers and say little about those that do not. Learning gives 0.36, with
 * which fewer paraphrases find their answer first.
 */
const SET_WITH_MEANING: ReadonlyMap<Line, number> = new Map([["meaningAlone", 1]]);

/** Replaces the table of that name and, with the one learned without meaning, the weights of sessions. */
async function write(
  { lines, sessions }: Learned,
  table: "CONVERSATION_WEIGHTS" | "WEIGHTS_WITH_MEANING",
): Promise<void> {
  const rows = <F extends string>(features: readonly F[], weights: Weights<F>): string =>
    features.map((feature) => `  ${feature}: ${Number((weights.get(feature) ?? 0).toFixed(3))},`).join("\n");
  const exchange = (text: string, name: string, body: string): string =>
    text.replace(new RegExp(`(${name}: \\w+ = \\{)[^}]*`), (_, head: string) => `${head}\n${body}\n`);
  const weights = table === "WEIGHTS_WITH_MEANING" ? new Map([...lines, ...SET_WITH_MEANING]) : lines;
  let text = exchange(readFileSync(TARGET, "utf8"), table, rows(FEATURES, weights));
  if (table === "CONVERSATION_WEIGHTS") text = exchange(text, "SESSION_WEIGHTS", rows(SESSION_FEATURES, sessions));
  writeFileSync(TARGET, await format(text, { parser: "typescript", printWidth: 120 }));
}

await main();
