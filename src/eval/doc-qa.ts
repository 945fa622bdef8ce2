import * as z from "zod";
import { type Agent, type Embedder, MemGPTError } from "../index.ts";
import { type Dataset, datasetAt, readJsonLines } from "./dataset.ts";
import { DocQaDriver } from "./drivers/doc-qa-driver.ts";
import { type Running, type Subject, checkInterrupt, forEach, inTemporaryHome, timed } from "./run.ts";
import { type Latency, latencyOf, mean, means, rounded } from "./scores.ts";
import { StrictEmbedder } from "./strict-embedder.ts";
import { percent, table } from "./table.ts";

export type DocQaOptions = Running & {
  readonly passages: string;
  readonly questions: string;
  /**
   * The model that answers the questions. A subject without a model uses a driver built for this task. Without a subject,
   * only the search is measured.
   */
  readonly subject?: Subject | undefined;
  /** Embeds passages and questions (default: the built-in one). */
  readonly embedder?: Embedder | undefined;
};

type Recall = Readonly<Record<"1" | "5" | "10" | "20", number>>;

/** All fractions are in [0, 1]. */
export type DocQaReport = {
  readonly dataset: { readonly passages: Dataset; readonly questions: Dataset };
  readonly n: number;
  /** Share of questions whose passage is among the first k. */
  readonly recall: Recall;
  /** Mean of 1 / rank; 0 for a passage that is not among the first 100 results. */
  readonly mrr: number;
  /** The embedding of the pieces of passages, and how many have nothing to embed. */
  readonly embedding: { model: string | null; dimensions: number | null; without_vector: number };
  /** Latency of the search, including the embedding of the question. */
  readonly latency_ms: Latency;
  /** An agent's answers, if it was asked. */
  readonly agent?: { readonly model: string; readonly n: number; readonly correct: number; readonly accuracy: number };
};

const passageSchema = z.object({ id: z.string(), title: z.string(), text: z.string() });
const questionSchema = z.object({ question: z.string(), answers: z.array(z.string()).min(1), passage_id: z.string() });
type Question = z.infer<typeof questionSchema>;

/** Results to consider. A passage in several pieces takes several. */
const DEPTH = 100;

/** @source Packer et al. 2023, appendix 6.1.4 */
const PERSONA =
  "I am MemGPT DOC-QA bot. I answer questions about documents that are stored in my archival memory. The answer to the " +
  "user's question will ALWAYS be in my archival memory, so I keep searching if I cannot find it. I answer as though the " +
  "year were 2018.";

const TASK =
  "Search your archival memory to answer the provided question. Provide both the answer and the archival memory result from " +
  "which you determined your answer. Format your response with the format 'ANSWER: <YOUR ANSWER>, DOCUMENT: <ARCHIVAL MEMORY " +
  "TEXT>'. Your task is to answer the question: ";

/**
 * Does archival search find the passage that answers a question and, with a subject, does an agent answer it? A passage is
 * its title, a line break and its text, cut into pieces if long; ranks count passages, not pieces. The agent's answer is
 * correct if it contains one of the given answers, case included: the first of the paper's two tests, without its judge.
 *
 * @source Packer et al. 2023, section 3.2.1; cpacker/MemGPT, paper_experiments/doc_qa_task
 * @throws MemGPTError from reading the data; `invalid_input` for a question about a missing passage; `interrupted`;
 *   what the model throws, and the embedder.
 */
export async function evaluateDocQa(options: DocQaOptions): Promise<DocQaReport> {
  const { subject, signal, onProgress } = options;
  const dataset = { passages: await datasetAt(options.passages), questions: await datasetAt(options.questions) };
  const passages = await readJsonLines(options.passages, passageSchema);
  const questions = await readJsonLines(options.questions, questionSchema);
  checkGold(questions, new Set(passages.map(({ id }) => id)), options);
  const driver = subject !== undefined && subject.llm === undefined ? new DocQaDriver() : undefined;
  const answering = driver === undefined ? subject : { ...subject, llm: () => driver };
  const embedder = options.embedder === undefined ? undefined : new StrictEmbedder(options.embedder, signal);
  return inTemporaryHome(
    async (memgpt) => {
      const agent = await memgpt.createAgent({ name: "librarian" }, { withoutModel: subject === undefined });
      const passageOf = await storePassages(agent, passages, { signal, onProgress, embedder });
      if (subject !== undefined) await agent.editBlock("persona", PERSONA);
      const outcomes: { rank: number; milliseconds: number }[] = [];
      const answers: boolean[] = [];
      await forEach(questions, options, async (question) => {
        const request = { query: question.question, in: "archival", size: DEPTH } as const;
        const { result, milliseconds } = await timed(() => agent.find(request));
        await embedder?.check();
        const ranked = [...new Set(result.results.map(({ id }) => passageOf.get(id)))];
        outcomes.push({ rank: ranked.indexOf(question.passage_id) + 1, milliseconds });
        if (subject === undefined) return;
        answers.push(await answersCorrectly(agent, question, signal));
        await embedder?.check();
      });
      const { model, dimensions, withoutVector } = await agent.archival.collection();
      const embedding = { model, dimensions, without_vector: withoutVector };
      const measured = { dataset, n: outcomes.length, ...scores(outcomes), embedding };
      if (subject === undefined) return measured;
      const correct = answers.filter(Boolean).length;
      const accuracy = rounded(correct / Math.max(1, answers.length));
      return {
        ...measured,
        agent: { model: driver?.model ?? agent.state.settings.model, n: answers.length, correct, accuracy },
      };
    },
    { ...answering, embedder, database: options.database },
  );
}

type Storing = Pick<Running, "signal" | "onProgress"> & { readonly embedder: StrictEmbedder | undefined };

/** Adds the passages to archival storage. @returns passage ids by the ids of their pieces. */
async function storePassages(
  agent: Agent,
  passages: readonly z.infer<typeof passageSchema>[],
  { signal, onProgress, embedder }: Storing,
): Promise<ReadonlyMap<string, string>> {
  if (embedder !== undefined) embedder.onEmbedded = (count) => onProgress?.(count, undefined, "pieces embedded");
  const texts = passages.map(({ title, text }) => ({ text: `${title}\n${text}` }));
  const pieces = await agent.addPassages(texts, { signal });
  if (embedder !== undefined) embedder.onEmbedded = undefined;
  return new Map(pieces.flatMap((ids, index) => ids.map((id) => [id, passages[index]?.id ?? ""])));
}

/** Asks the agent one question, then undoes the turn, so that it knows only the passages. */
async function answersCorrectly(
  agent: Agent,
  { question, answers }: Question,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  await checkInterrupt(signal);
  const reply = (await agent.ask(`${TASK}${question}?`, { signal })) ?? "";
  await agent.undo();
  return answers.some((answer) => reply.includes(answer));
}

/** @param outcomes `rank` counts from 1; 0 if the passage was not found. */
function scores(
  outcomes: readonly { readonly rank: number; readonly milliseconds: number }[],
): Pick<DocQaReport, "recall" | "mrr" | "latency_ms"> {
  const within = (rank: number, k: number): number => (rank >= 1 && rank <= k ? 1 : 0);
  const recalls = outcomes.map(({ rank }) => ({
    "1": within(rank, 1),
    "5": within(rank, 5),
    "10": within(rank, 10),
    "20": within(rank, 20),
  }));
  return {
    recall: means(recalls),
    mrr: rounded(mean(outcomes.map(({ rank }) => (rank === 0 ? 0 : 1 / rank)))),
    latency_ms: latencyOf(outcomes.map(({ milliseconds }) => milliseconds)),
  };
}

function checkGold(questions: readonly Question[], passages: ReadonlySet<string>, options: DocQaOptions): void {
  const lost = questions.find(({ passage_id: id }) => !passages.has(id));
  if (lost === undefined) return;
  const text = `${options.questions} asks about passage ${lost.passage_id}, which is not in ${options.passages}.`;
  throw new MemGPTError("invalid_input", `${text} Nothing was measured.`);
}

/** The report as text, fractions in percent. */
export function docQaTable({ n, recall, mrr, embedding, latency_ms: { p50, p95 }, agent }: DocQaReport): string {
  const { "1": one, "5": five, "10": ten, "20": twenty } = recall;
  const search = table(
    ["passages found, in percent", "n", "R@1", "R@5", "R@10", "R@20", "MRR"],
    [["archival search", String(n), ...[one, five, ten, twenty].map(percent), mrr.toFixed(3)]],
  );
  const answers =
    agent === undefined
      ? []
      : [
          "",
          table(
            ["questions answered", "n", "correct", "%"],
            [[agent.model, String(agent.n), String(agent.correct), percent(agent.accuracy)]],
          ),
        ];
  const { model, dimensions, without_vector: without } = embedding;
  const vectors = model === null ? "nothing" : `${model}, ${dimensions ?? 0} dimensions`;
  const rest = without === 0 ? "" : `; ${without} pieces have nothing to embed`;
  const timing = `Search, the question's embedding included: p50 ${p50} ms, p95 ${p95} ms.`;
  return [search, ...answers, "", `Embedded with ${vectors}${rest}.`, timing].join("\n");
}
