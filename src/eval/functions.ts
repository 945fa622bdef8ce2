import { type MemGPT, MemGPTError } from "../index.ts";
import { type Running, type Subject, checkInterrupt, inTemporaryHome } from "./run.ts";
import { rounded } from "./scores.ts";
import { percent, table } from "./table.ts";

export type FunctionsOptions = Running & {
  /** Tries for each function (default: 3). */
  readonly tries?: number | undefined;
  readonly subject: Subject;
};

type Score = { readonly n: number; readonly correct: number };

export type FunctionsReport = {
  readonly model: string;
  readonly context_window: number;
  readonly tries: number;
  readonly functions: Readonly<Record<string, Score>>;
  readonly total: Score;
  /** Tries that ended in an error of the model or its server. */
  readonly errors: number;
  readonly seconds: number;
};

const TRIES = 3;

/** A message, and the function that it should make an agent call. The agent knows the person as Chad. */
const PROMPTS: readonly (readonly [fn: string, message: string])[] = [
  ["core_memory_replace", "Hey there, my name is not Chad, it is John. What is yours?"],
  ["core_memory_append", "I'd like you to remember for later that I like football."],
  ["conversation_search", "Do you remember when I talked about bananas?"],
  ["archival_memory_insert", "Please save this in your archival memory: I like programming."],
  ["archival_memory_search", "Can you look in your archival memory for anything about the war?"],
];

/**
 * Does a model call the function that a message asks for, and then answer? Each try uses a new agent and one message. Helps
 * to choose a model.
 *
 * @source the `benchmark` command of memgpt 0.3, with its five functions, persona and human
 * @throws MemGPTError `interrupted`; what the model throws before its first answer.
 */
export async function evaluateFunctions(options: FunctionsOptions): Promise<FunctionsReport> {
  const { tries = TRIES, subject, limit, signal, onProgress } = options;
  const started = performance.now();
  const prompts = PROMPTS.slice(0, limit);
  const outcomes: Outcome[] = [];
  await inTemporaryHome(
    async (memgpt) => {
      for (const [fn, message] of prompts) {
        for (let n = 0; n < tries; n += 1) {
          await checkInterrupt(signal);
          outcomes.push(
            await attempt(memgpt, fn, message, { signal, isFirst: outcomes.every(({ failed }) => failed) }),
          );
          onProgress?.(outcomes.length, prompts.length * tries);
        }
      }
    },
    { ...subject, database: options.database },
  );
  const score = (those: readonly Outcome[]): Score => ({
    n: those.length,
    correct: those.filter(({ isCorrect }) => isCorrect).length,
  });
  return {
    model: outcomes[0]?.model ?? "",
    context_window: outcomes[0]?.contextWindow ?? 0,
    tries,
    functions: Object.fromEntries(prompts.map(([fn]) => [fn, score(outcomes.filter((outcome) => outcome.fn === fn))])),
    total: score(outcomes),
    errors: outcomes.filter(({ failed }) => failed).length,
    seconds: rounded((performance.now() - started) / 1000, 1),
  };
}

type Outcome = {
  readonly fn: string;
  readonly isCorrect: boolean;
  readonly failed: boolean;
  readonly model: string;
  readonly contextWindow: number;
};

/** @param options.isFirst No try has succeeded yet, so a failure is likely one of the setup. */
async function attempt(
  memgpt: MemGPT,
  fn: string,
  message: string,
  { signal, isFirst }: { readonly signal: AbortSignal | undefined; readonly isFirst: boolean },
): Promise<Outcome> {
  const agent = await memgpt.createAgent({ name: "tried", persona: "sam_pov", human: "cs_phd" });
  const { model, contextWindow } = agent.state.settings;
  let [called, replied, failed] = [false, false, false];
  try {
    for await (const event of agent.send(message, { signal })) {
      if (event.type === "function_return" && event.name === fn && event.status === "OK") called = true;
      if (event.type === "turn_end") replied = event.reply !== null;
    }
  } catch (error) {
    const code = error instanceof MemGPTError ? error.code : undefined;
    const isOfModel = code === "llm_unavailable" || code === "context_overflow";
    if (!isOfModel || isFirst) throw error;
    failed = true;
  } finally {
    await agent.close();
    await memgpt.deleteAgent("tried");
  }
  return { fn, isCorrect: called && replied, failed, model, contextWindow };
}

/** The report as text. */
export function functionsTable(report: FunctionsReport): string {
  const row = (name: string, { n, correct }: Score): string[] => [
    name,
    `${correct}/${n}`,
    percent(n === 0 ? 0 : correct / n),
  ];
  const rows = Object.entries(report.functions).map(([fn, score]) => row(fn, score));
  const errors = report.errors === 0 ? "" : `; ${report.errors} failed with an error`;
  return [
    `Function calls of ${report.model}, ${report.context_window} tokens of context`,
    "",
    table(["called and answered", "tries", "%"], [...rows, row("all", report.total)]),
    "",
    `${report.seconds} s in total${errors}.`,
  ].join("\n");
}
