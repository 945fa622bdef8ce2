/**
 * Learns the weights of passage features (src/search/passages/weights.ts) from questions with known passages, in the format
 * that `memgpt eval doc-qa` reads:
 *
 *     npx tsx scripts/learn-passages.ts --passages FILE --questions FILE [--write]
 *
 * Splits the questions in halves several times and scores each half with weights learned on the other. Then learns weights
 * on all. `--without rarest,phrase` shows what those features are worth. The model is linear: its weights make the right
 * passage likely among all candidates (a softmax over the list) and are kept small.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MemGPT } from "memgpt";
import { format } from "prettier";
import * as z from "zod";
import { readJsonLines } from "../src/eval/dataset.ts";
import { agentFolder, homeAt } from "../src/storage/files/paths.ts";
import { PASSAGE_FEATURES, type PassageColumns, type PassageFeature } from "../src/search/passages/features.ts";
import { lookAtPassages } from "../src/search/passages/ranking.ts";
import { openDatabase } from "../src/storage/sqlite/database.ts";
import { SqlitePassages } from "../src/storage/sqlite/passages.ts";

const ROUNDS = 150;
const STEP = 0.1;
const PENALTY = 0.003;
const SPLITS = 5;
const TARGET = new URL("../src/search/passages/weights.ts", import.meta.url);

/** A question: its candidate passages in the order that breaks ties, and the index of the right one, or -1. */
type Lesson = { readonly columns: PassageColumns; readonly size: number; readonly right: number };
type Weights = ReadonlyMap<PassageFeature, number>;

const passageSchema = z.object({ id: z.string(), title: z.string(), text: z.string() });
const questionSchema = z.object({ question: z.string(), passage_id: z.string() });

async function lessonsOf(files: { passages: string; questions: string }): Promise<Lesson[]> {
  const passages = await readJsonLines(files.passages, passageSchema);
  const questions = await readJsonLines(files.questions, questionSchema);
  const dir = mkdtempSync(join(tmpdir(), "learn-"));
  try {
    const memgpt = await MemGPT.open({ dir, env: {} });
    const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
    const pieces = await agent.addPassages(passages.map(({ title, text }) => ({ text: `${title}\n${text}` })));
    await agent.close();
    const folder = agentFolder(homeAt(dir), "reader");
    const db = await openDatabase(folder.database, { readonly: true });
    const seqs = db.prepare<[], { seq: number; id: string }>("SELECT seq, id FROM passages").all();
    const seqOf = new Map(seqs.map(({ seq, id }) => [id, seq]));
    const firstPiece = new Map(passages.map(({ id }, i) => [id, (pieces[i] ?? []).map((it) => seqOf.get(it))]));
    const view = await new SqlitePassages(db).view(undefined);
    const lessons: Lesson[] = [];
    for (const { question, passage_id: id } of questions) {
      const found = await lookAtPassages(question, view);
      const right = found.passages.findIndex(({ n }) => firstPiece.get(id)?.includes(n) === true);
      lessons.push({ columns: found.columns, size: found.passages.length, right });
    }
    db.close();
    return lessons;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Descends the loss with Adam. */
function learn(lessons: readonly Lesson[], features: readonly PassageFeature[]): Weights {
  const usable = lessons.filter(({ right }) => right !== -1);
  const learned = features.map((feature) => ({ feature, weight: 0, first: 0, second: 0 }));
  for (let round = 1; round <= ROUNDS; round += 1) {
    const weights = new Map(learned.map(({ feature, weight }) => [feature, weight]));
    const slopes = new Map(learned.map(({ feature, weight }) => [feature, PENALTY * weight]));
    for (const lesson of usable) {
      const error = likelihoods(scoresOf(lesson, weights));
      error[lesson.right] = (error[lesson.right] ?? 0) - 1;
      for (const feature of features) {
        const slope = error.reduce((sum, value, i) => sum + value * (lesson.columns[feature][i] ?? 0), 0);
        slopes.set(feature, (slopes.get(feature) ?? 0) + slope / usable.length);
      }
    }
    for (const it of learned) {
      const slope = slopes.get(it.feature) ?? 0;
      it.first = 0.9 * it.first + 0.1 * slope;
      it.second = 0.999 * it.second + 0.001 * slope * slope;
      it.weight -= (STEP * (it.first / (1 - 0.9 ** round))) / (Math.sqrt(it.second / (1 - 0.999 ** round)) + 1e-8);
    }
  }
  return new Map(learned.map(({ feature, weight }) => [feature, weight]));
}

function scoresOf({ columns, size }: Lesson, weights: Weights): Float64Array {
  const scores = new Float64Array(size);
  for (const [feature, weight] of weights) {
    for (let i = 0; i < size; i += 1) scores[i] = (scores[i] ?? 0) + weight * (columns[feature][i] ?? 0);
  }
  return scores;
}

function likelihoods(values: Float64Array): Float64Array {
  const most = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

/** Rank from 1; infinite if the right passage is no candidate. Among equals it comes last. */
function rankOf(lesson: Lesson, weights: Weights): number {
  if (lesson.right === -1) return Number.POSITIVE_INFINITY;
  const scores = scoresOf(lesson, weights);
  const own = scores[lesson.right] ?? 0;
  return scores.filter((score) => score >= own).length;
}

/** Scores each half with weights learned on the other, over several splits. */
function crossRanks(lessons: readonly Lesson[], features: readonly PassageFeature[]): number[] {
  return Array.from({ length: SPLITS }, (_, split) => {
    const isLeft = (i: number): boolean => mixed(i, split) < 0.5;
    const left = lessons.filter((_, i) => isLeft(i));
    const right = lessons.filter((_, i) => !isLeft(i));
    const [fromLeft, fromRight] = [learn(left, features), learn(right, features)];
    return [...right.map((it) => rankOf(it, fromLeft)), ...left.map((it) => rankOf(it, fromRight))];
  }).flat();
}

/** A reproducible pseudo-random number from 0 to 1. */
function mixed(i: number, split: number): number {
  const bits = Math.imul((i + 1) ^ Math.imul(split + 1, 0x9e3779b9), 0x85ebca6b);
  return ((Math.imul(bits ^ (bits >>> 15), 0xc2b2ae35) >>> 8) % 10_000) / 10_000;
}

function figures(name: string, ranks: readonly number[]): string {
  const share = (k: number): string => ((100 * ranks.filter((rank) => rank <= k).length) / ranks.length).toFixed(1);
  const mrr = ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length;
  return `${name.padEnd(24)}${[1, 5, 10, 20].map((k) => share(k).padStart(6)).join("")}  ${mrr.toFixed(4)}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      passages: { type: "string" },
      questions: { type: "string" },
      write: { type: "boolean", default: false },
      without: { type: "string", default: "" },
    },
  });
  const { passages, questions } = values;
  if (passages === undefined || questions === undefined) throw new Error("Pass --passages FILE and --questions FILE.");
  const without = new Set(values.without.split(","));
  const features = PASSAGE_FEATURES.filter((feature) => !without.has(feature));
  const lessons = await lessonsOf({ passages, questions });
  console.log(`${"".padEnd(24)}   R@1   R@5  R@10  R@20     MRR`);
  console.log(figures(`other half, ${SPLITS} splits`, crossRanks(lessons, features)));
  const weights = learn(lessons, features);
  console.log(
    figures(
      "all, on all",
      lessons.map((it) => rankOf(it, weights)),
    ),
  );
  const reached = lessons.filter(({ right }) => right !== -1).length / lessons.length;
  console.log(`${(100 * reached).toFixed(1)} % of the right passages are candidates`);
  console.log([...weights].map(([feature, weight]) => `${feature} ${weight.toFixed(2)}`).join(", "));
  if (values.write) await write(weights);
}

/** Replaces the weights without meaning. */
async function write(weights: Weights): Promise<void> {
  const rows = PASSAGE_FEATURES.map((feature) => `  ${feature}: ${Number((weights.get(feature) ?? 0).toFixed(3))},`);
  const text = readFileSync(TARGET, "utf8").replace(
    /(PASSAGE_WEIGHTS: \w+ = \{)[^}]*/,
    (_, head: string) => `${head}\n${rows.join("\n")}\n`,
  );
  writeFileSync(TARGET, await format(text, { parser: "typescript", printWidth: 120 }));
}

await main();
