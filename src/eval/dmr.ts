import * as z from "zod";
import type { Agent, ImportedMessage, Llm } from "../index.ts";
import { type Dataset, datasetAt, readJsonLines } from "./dataset.ts";
import { type Running, type Subject, forEach, inTemporaryHome } from "./run.ts";
import { mean, rougeLRecall, rounded } from "./scores.ts";
import { percent, table } from "./table.ts";

export type DmrOptions = Running & {
  readonly data: string;
  /** The model that answers. */
  readonly subject: Subject;
  /** Decides whether an answer is right. Without one, only ROUGE-L is measured. */
  readonly judge?: Llm | undefined;
};

export type DmrReport = {
  readonly dataset: Dataset;
  readonly model: string;
  readonly judge: string | null;
  readonly n: number;
  /** In [0, 1], according to the judge; null without one. */
  readonly accuracy: number | null;
  /** Verdicts that were neither CORRECT nor WRONG. They count as wrong. */
  readonly unclear: number;
  /** Recall of ROUGE-L against the gold answer, in [0, 1]. */
  readonly rouge_l_recall: number;
};

const dialogSchema = z.array(z.object({ text: z.string() }));
const entrySchema = z.object({
  previous_dialogs: z.array(z.object({ dialog: dialogSchema })),
  dialog: dialogSchema,
  self_instruct: z.object({ B: z.string().min(1), A: z.string().min(1) }),
});
type Entry = z.infer<typeof entrySchema>;

/** @source Packer et al. 2023, appendix 6.1.1 */
const PERSONA =
  "The following is information about myself. My task is to completely immerse myself in this role (I should never say that " +
  "I am an AI, and should reply as if I am playing this role). If the user asks me a question, I should reply with a best " +
  "guess using the information in core memory and conversation search.";

const DAY = 86_400_000;

/**
 * The paper's deep memory retrieval: does an agent answer a question about earlier conversations? Imports the sessions of a
 * pair into recall storage a day apart, the last one yesterday. The agent is speaker A; the person, speaker B, asks. A judge
 * decides whether the answer agrees with the gold answer.
 *
 * @source Packer et al. 2023, section 3.1.1 and table 2; the data is MSC-Self-Instruct, one JSON object per line
 * @throws MemGPTError from reading the data; `interrupted`; what the models throw.
 */
export async function evaluateDmr(options: DmrOptions): Promise<DmrReport> {
  const { data, subject, judge, signal } = options;
  const dataset = await datasetAt(data);
  const entries = await readJsonLines(data, entrySchema);
  const outcomes: { verdict: boolean | undefined; rouge: number }[] = [];
  let model = "";
  await inTemporaryHome(
    async (memgpt) => {
      await forEach(entries, options, async (entry) => {
        const agent = await memgpt.createAgent({ name: "speaker-a" });
        const answer = await answerOf(agent, entry, signal);
        model = agent.state.settings.model;
        await agent.close();
        await memgpt.deleteAgent("speaker-a");
        const { A: gold, B: question } = entry.self_instruct;
        const verdict = judge === undefined ? undefined : await verdictOf(judge, { question, gold, answer }, signal);
        outcomes.push({ verdict, rouge: rougeLRecall(gold, answer) });
      });
    },
    { ...subject, database: options.database },
  );
  const judgements = outcomes.map(({ verdict }) => verdict);
  const share = judgements.filter((verdict) => verdict === true).length / Math.max(1, outcomes.length);
  return {
    dataset,
    model,
    judge: judge?.model ?? null,
    n: outcomes.length,
    accuracy: judge === undefined ? null : rounded(share),
    unclear: judge === undefined ? 0 : judgements.filter((verdict) => verdict === undefined).length,
    rouge_l_recall: rounded(mean(outcomes.map(({ rouge }) => rouge))),
  };
}

async function answerOf(agent: Agent, entry: Entry, signal: AbortSignal | undefined): Promise<string> {
  await agent.editBlock("persona", PERSONA);
  await agent.importMessages(historyOf(entry), { signal });
  return (await agent.ask(entry.self_instruct.B, { signal })) ?? "";
}

/** Speakers take turns, A first. */
function historyOf({ previous_dialogs: previous, dialog }: Entry): ImportedMessage[] {
  const sessions = [...previous.map((session) => session.dialog), dialog];
  const start = Date.now() - sessions.length * DAY;
  return sessions.flatMap((turns, session) =>
    turns.flatMap(({ text }, turn) => {
      if (text.trim() === "") return [];
      const createdAt = new Date(start + session * DAY + turn * 1000).toISOString();
      return [{ role: turn % 2 === 0 ? ("assistant" as const) : ("user" as const), text, createdAt }];
    }),
  );
}

type Case = { readonly question: string; readonly gold: string; readonly answer: string };

/** @returns whether the answer is right; undefined if the verdict is unclear. */
async function verdictOf(
  judge: Llm,
  { question, gold, answer }: Case,
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  const system = "You label answers to questions as CORRECT or WRONG.";
  const content = JUDGE_PROMPT.replace("{question}", () => question)
    .replace("{gold}", () => gold)
    .replace("{answer}", () => answer);
  const createdAt = new Date().toISOString();
  const context = {
    system,
    queue: [{ id: "case", createdAt, role: "user" as const, event: "user_message" as const, content }],
    functions: [],
  };
  const answering = judge.complete({ context, maxTokens: 1024, signal });
  for (;;) {
    const { done, value } = await answering.next();
    if (done !== true) continue;
    const verdict = (value.content ?? "")
      .toUpperCase()
      .match(/\b(?:IN)?CORRECT\b|\bWRONG\b/g)
      ?.at(-1);
    return verdict === undefined ? undefined : verdict === "CORRECT";
  }
}

/** @source Packer et al. 2023, appendix 6.1.2 */
const JUDGE_PROMPT = `Your task is to label an answer to a question as "CORRECT" or "WRONG". You will be given the following data: (1) a question (posed by one user to another user), (2) a "gold" (ground truth) answer, (3) a generated answer which you will score as CORRECT/WRONG. The point of the question is to ask about something one user should know about the other user based on their prior conversations. The gold answer will usually be a concise and short answer that includes the referenced topic, for example:
Question: Do you remember what I got the last time I went to Hawaii?
Gold answer: A shell necklace
The generated answer might be much longer, but you should be generous with your grading - as long as it touches on the same topic as the gold answer, it should be counted as CORRECT. For example, the following answers would be considered CORRECT:
Generated answer (CORRECT): Oh yeah, that was so fun! I got so much stuff there, including that shell necklace.
Generated answer (CORRECT): I got a ton of stuff... that surfboard, the mug, the necklace, those coasters too..
Generated answer (CORRECT): That cute necklace
The following answers would be considered WRONG:
Generated answer (WRONG): Oh yeah, that was so fun! I got so much stuff there, including that mug.
Generated answer (WRONG): I got a ton of stuff... that surfboard, the mug, those coasters too..
Generated answer (WRONG): I'm sorry, I don't remember what you're talking about.
Now it's time for the real question:
Question: {question}
Gold answer: {gold}
Generated answer: {answer}
First, provide a short (one sentence) explanation of your reasoning, then finish with CORRECT or WRONG. Do NOT include both CORRECT and WRONG in your response, or it will break the evaluation script.`;

/** The report as text. */
export function dmrTable({ model, judge, n, accuracy, unclear, rouge_l_recall: rouge }: DmrReport): string {
  const right = accuracy === null ? "not judged" : percent(accuracy);
  const by = judge === null ? "The practice model cannot judge; name a judge model with --judge." : `Judge: ${judge}.`;
  return [
    table(["deep memory retrieval", "n", "accuracy %", "ROUGE-L (R)"], [[model, String(n), right, rouge.toFixed(3)]]),
    "",
    unclear === 0 ? by : `${by} ${unclear} unclear verdict${unclear === 1 ? " counts" : "s count"} as wrong.`,
  ].join("\n");
}
