import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Agent, MemGPTError } from "../index.ts";
import { datasetAt, readJsonLines } from "./dataset.ts";
import { NestedKvDriver } from "./drivers/nested-kv-driver.ts";
import { type Running, type Subject, checkInterrupt, inTemporaryHome } from "./run.ts";
import { rounded } from "./scores.ts";
import { percent, table } from "./table.ts";

export type NestedKvOptions = Running & {
  /** Folder with the records and orderings. */
  readonly data: string;
  /** Levels from 1 to 6 (default: all). */
  readonly levels?: readonly number[] | undefined;
  /** Number of records to use (default: 1, as in the paper). */
  readonly records?: number | undefined;
  /** The model's window in tokens (default: 4,096). */
  readonly contextWindow?: number | undefined;
  /** The model that answers (default: a driver built for this task). */
  readonly subject?: Subject | undefined;
};

type Score = { readonly n: number; readonly correct: number };

export type NestedKvReport = {
  /** `files`: SHA-256 by file name. */
  readonly dataset: { readonly path: string; readonly files: Readonly<Record<string, string>> };
  readonly model: string;
  readonly context_window: number;
  /** By number of keys in a chain, which is the paper's number of nestings plus one. */
  readonly levels: Readonly<Record<string, Score>>;
  readonly total: Score;
  readonly searches_per_question: number;
  readonly seconds: number;
};

const LEVELS: readonly number[] = [1, 2, 3, 4, 5, 6];

/** In tokens. The 140 pairs need more than twice as much. */
export const NESTED_KV_WINDOW = 4096;

const recordSchema = z.object({ ordered_kv_records: z.array(z.tuple([z.string(), z.string()])).min(1) });
const orderingSchema = z.array(z.number().int().nonnegative()).min(1);

/** Accepts the names of the paper's repository, too. */
const RECORDS = ["kv-140.jsonl", "kv-retrieval-140_keys.jsonl"];
const orderings = (level: number): string[] => [
  `orderings-${level}-levels.jsonl`,
  `random_orderings_100_samples_140_indices_${level}_levels.jsonl`,
];

/** @source Packer et al. 2023, appendix 6.1.6, shortened to fit the smallest core memory. */
const PERSONA =
  "I am MemGPT DOC-QA bot. I answer questions about documents that are stored in my archival memory. The answer to the " +
  "user's question will ALWAYS be in my archival memory, so I keep searching if I cannot find it. I do not stop searching " +
  "until I have verified that the value is not a key.";

const TASK =
  "I've put key-value pairs in your archival memory; all keys and values are 128-bit UUIDs, and your task is to return the " +
  "value of the key that I give you. If a value is itself a key, return the value of that key (a nested lookup). For " +
  "example, if the value of 'x' is 'y', but 'y' is also a key, return the value of key 'y'. Answer only with the value, " +
  "nothing else. This is the key: ";

/**
 * The paper's nested key-value task: does an agent follow a chain of keys through archival memory that does not fit its
 * context? Each question gets a new agent, the 140 pairs and one message. An answer is correct if it contains the last
 * value.
 *
 * @source Packer et al. 2023, section 3.2.2; cpacker/MemGPT, paper_experiments/nested_kv_task
 * @throws MemGPTError from reading the data; `interrupted`; what the model throws.
 */
export async function evaluateNestedKv(options: NestedKvOptions): Promise<NestedKvReport> {
  const { data, levels = LEVELS, records: count = 1, limit, signal, onProgress, subject } = options;
  const contextWindow = options.contextWindow ?? NESTED_KV_WINDOW;
  const started = performance.now();
  const files = new Map<string, string>();
  const records = (await readFile(data, RECORDS, recordSchema, files)).slice(0, count);
  const tasks: { level: number; question: Question }[] = [];
  for (const level of levels) {
    const lists = (await readFile(data, orderings(level), orderingSchema, files)).slice(0, limit);
    for (const { ordered_kv_records: pairs } of records) {
      for (const list of lists) tasks.push({ level, question: questionOf(pairs, list, `${data}, level ${level}`) });
    }
  }
  const outcomes: (Outcome & { readonly level: number })[] = [];
  const driver = subject?.llm === undefined ? new NestedKvDriver() : undefined;
  const answering = { ...subject, llm: driver === undefined ? subject?.llm : () => driver, database: options.database };
  await inTemporaryHome(async (memgpt) => {
    for (const { level, question } of tasks) {
      await checkInterrupt(signal);
      const agent = await memgpt.createAgent({ name: "follower", contextWindow });
      outcomes.push({ level, ...(await ask(agent, question, signal)) });
      await agent.close();
      await memgpt.deleteAgent("follower");
      onProgress?.(outcomes.length, tasks.length);
    }
  }, answering);
  const score = (those: readonly Outcome[]): Score => ({
    n: those.length,
    correct: those.filter(({ isCorrect }) => isCorrect).length,
  });
  const searches = outcomes.reduce((sum, outcome) => sum + outcome.searches, 0);
  return {
    dataset: { path: data, files: Object.fromEntries(files) },
    model: driver?.model ?? outcomes[0]?.model ?? "",
    context_window: contextWindow,
    levels: Object.fromEntries(
      levels.map((level) => [String(level), score(outcomes.filter((outcome) => outcome.level === level))]),
    ),
    total: score(outcomes),
    searches_per_question: rounded(searches / Math.max(1, outcomes.length), 2),
    seconds: rounded((performance.now() - started) / 1000, 1),
  };
}

type Pair = readonly [key: string, value: string];
type Question = { readonly pairs: readonly Pair[]; readonly key: string; readonly answer: string };
type Outcome = { readonly isCorrect: boolean; readonly searches: number; readonly model: string };

/** Chains the pairs of `order`: the value of each becomes the key of the next; the last keeps its own. */
function questionOf(pairs: readonly Pair[], order: readonly number[], where: string): Question {
  const chain = order.map((index) => {
    const pair = pairs[index];
    if (pair !== undefined) return pair;
    const text = `${where}: no pair ${index}, only ${pairs.length} pairs. Nothing was measured.`;
    throw new MemGPTError("invalid_input", text);
  });
  const next = new Map(chain.slice(0, -1).map(([key], index) => [key, chain[index + 1]?.[0] ?? ""]));
  return {
    pairs: pairs.map(([key, value]) => [key, next.get(key) ?? value]),
    key: chain[0]?.[0] ?? "",
    answer: chain.at(-1)?.[1] ?? "",
  };
}

async function ask(agent: Agent, { pairs, key, answer }: Question, signal: AbortSignal | undefined): Promise<Outcome> {
  await agent.editBlock("persona", PERSONA);
  await agent.addPassages(pairs.map(([k, v]) => ({ text: `Key-value pair: key = ${k}, value = ${v}` })));
  let [reply, searches] = ["", 0];
  for await (const event of agent.send(TASK + key, { signal })) {
    if (event.type === "function_call" && event.call.name === "archival_memory_search") searches += 1;
    if (event.type === "turn_end") reply = event.reply ?? "";
  }
  return { isCorrect: reply.includes(answer), searches, model: agent.state.settings.model };
}

/** Reads the first of `names` in the folder and adds its SHA-256 to `files`. */
async function readFile<T>(
  folder: string,
  names: readonly string[],
  schema: z.ZodType<T>,
  files: Map<string, string>,
): Promise<T[]> {
  const name = names.find((candidate) => existsSync(join(folder, candidate)));
  if (name === undefined) {
    const text = `No ${names.join(" or ")} in ${folder}. The data is not part of the program: unpack your copy there.`;
    throw new MemGPTError("not_found", text);
  }
  const path = join(folder, name);
  files.set(name, (await datasetAt(path)).sha256);
  return readJsonLines(path, schema);
}

/** The report as text. */
export function nestedKvTable(report: NestedKvReport): string {
  const row = (name: string, { n, correct }: Score): string[] => [
    name,
    String(n),
    String(correct),
    percent(n === 0 ? 0 : correct / n),
  ];
  return [
    `Nested key-value retrieval with ${report.model}, ${report.context_window} tokens of context`,
    "",
    table(
      ["keys in the chain", "n", "correct", "%"],
      [...Object.entries(report.levels).map(([level, score]) => row(level, score)), row("all", report.total)],
    ),
    "",
    `${report.searches_per_question} searches per question; ${report.seconds} s in total.`,
  ].join("\n");
}
