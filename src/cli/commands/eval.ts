import { dmrTable, evaluateDmr } from "../../eval/dmr.ts";
import type { Dataset } from "../../eval/dataset.ts";
import { docQaTable, evaluateDocQa } from "../../eval/doc-qa.ts";
import { evaluateFunctions, functionsTable } from "../../eval/functions.ts";
import { evaluateLocomo, locomoTable } from "../../eval/locomo.ts";
import { evaluateLongMemEval, longMemEvalTable } from "../../eval/longmemeval.ts";
import { NESTED_KV_WINDOW, evaluateNestedKv, nestedKvTable } from "../../eval/nested-kv.ts";
import { evaluatePoisoning, poisoningTable } from "../../eval/poisoning.ts";
import { evaluateParaphrase, paraphraseTable } from "../../eval/paraphrase.ts";
import type { Running } from "../../eval/run.ts";
import { type EmbeddingFlags, embedderOf, inFlags } from "./eval-embedding.ts";
import { subjectOf, type ModelFlags } from "./eval-model.ts";
import { jsonText } from "../terminal/json-text.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { visible } from "../terminal/sanitize.ts";

type Common = Pick<Running, "limit" | "database"> & { readonly json?: boolean };
type Unit = { readonly unit: "turn" | "session" };

type Storage = { readonly in: "recall" | "archival" };

export type LocomoCommand = Common &
  Unit &
  Storage &
  EmbeddingFlags & { readonly data: string; readonly conversations?: string[] };
export type ParaphraseCommand = Common & Storage & EmbeddingFlags & { readonly data: string };
export type LongMemEvalCommand = Common & Unit & { readonly data: string; readonly pooled?: boolean };
export type DocQaCommand = Common &
  ModelFlags &
  EmbeddingFlags & { readonly passages: string; readonly questions: string; readonly agent?: boolean };
export type NestedKvCommand = Common & ModelFlags & { readonly data: string; levels: number[]; records: number };
export type DmrCommand = Common & ModelFlags & { readonly data: string; readonly judge?: string };
export type PoisoningCommand = Common & {
  readonly data: string;
  readonly conversations?: string;
  readonly passages?: string;
};
export type FunctionsCommand = Common & ModelFlags & { readonly tries: number };

/** `memgpt eval locomo`. @returns the exit code. */
export async function evalLocomo(options: LocomoCommand): Promise<number> {
  return measured(options, async (running) => {
    const { data, unit, conversations, in: storage } = options;
    const embedder = await embedderOf(options);
    const report = await evaluateLocomo({ data, unit, conversations, in: storage, embedder, ...running });
    return { report, text: [locomoTable(report), "", dataLine(report.dataset)] };
  }).catch((error: unknown) => {
    throw inFlags(error);
  });
}

/** `memgpt eval paraphrase`. @returns the exit code. */
export async function evalParaphrase(options: ParaphraseCommand): Promise<number> {
  return measured(options, async (running) => {
    const { data, in: storage } = options;
    const embedder = await embedderOf(options);
    const report = await evaluateParaphrase({ data, in: storage, embedder, ...running });
    return { report, text: [paraphraseTable(report), "", dataLine(report.dataset)] };
  }).catch((error: unknown) => {
    throw inFlags(error);
  });
}

/** `memgpt eval longmemeval`. @returns the exit code. */
export async function evalLongMemEval(options: LongMemEvalCommand): Promise<number> {
  return measured(options, async (running) => {
    const report = await evaluateLongMemEval({ ...options, ...running });
    return { report, text: [longMemEvalTable(report), "", dataLine(report.dataset)] };
  });
}

/** `memgpt eval doc-qa`. @returns the exit code. */
export async function evalDocQa({ agent = false, ...options }: DocQaCommand): Promise<number> {
  const work = async (running: Running): Promise<Measured> => {
    const { passages, questions } = options;
    const embedder = await embedderOf(options);
    const subject = agent ? (await subjectOf(options)).subject : undefined;
    const report = await evaluateDocQa({ passages, questions, subject, embedder, ...running });
    const { dataset } = report;
    return { report, text: [docQaTable(report), "", dataLine(dataset.passages), dataLine(dataset.questions)] };
  };
  return measured(options, work).catch((error: unknown) => {
    throw inFlags(error);
  });
}

/** `memgpt eval nested-kv`. @returns the exit code. */
export async function evalNestedKv(options: NestedKvCommand): Promise<number> {
  return measured(options, async (running) => {
    const { data, levels, records, model = "practice", contextWindow = NESTED_KV_WINDOW } = options;
    const { subject } = await subjectOf({ ...options, model, contextWindow });
    const report = await evaluateNestedKv({ data, levels, records, contextWindow, subject, ...running });
    const { path, files } = report.dataset;
    const lines = Object.entries(files).map(([name, sha256]) => dataLine({ path: `${path}/${name}`, sha256 }));
    return { report, text: [nestedKvTable(report), "", ...lines] };
  });
}

/** `memgpt eval dmr`. @returns the exit code. */
export async function evalDmr({ judge: judgeName, ...options }: DmrCommand): Promise<number> {
  return measured(options, async (running) => {
    const { subject, judge } = await subjectOf(options, judgeName);
    const report = await evaluateDmr({ data: options.data, subject, judge, ...running });
    return { report, text: [dmrTable(report), "", dataLine(report.dataset)] };
  });
}

/** `memgpt eval functions`. @returns the exit code. */
export async function evalFunctions(options: FunctionsCommand): Promise<number> {
  return measured(options, async (running) => {
    const { subject } = await subjectOf(options);
    const report = await evaluateFunctions({ tries: options.tries, subject, ...running });
    return { report, text: [functionsTable(report)] };
  });
}

/** `memgpt eval poisoning`. @returns the exit code. */
export async function evalPoisoning(options: PoisoningCommand): Promise<number> {
  return measured(options, async (running) => {
    const report = await evaluatePoisoning({ ...options, ...running });
    return { report, text: [poisoningTable(report), "", ...report.datasets.map(dataLine)] };
  });
}

function dataLine({ path, sha256 }: Dataset): string {
  return `${path}  sha256 ${sha256}`;
}

type Measured = { readonly report: unknown; readonly text: readonly string[] };

/** Runs one evaluation with a progress line, stops at Ctrl-C, and prints the report. */
async function measured(
  { json = false, limit, database }: Common,
  work: (running: Running) => Promise<Measured>,
): Promise<number> {
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  const progress = new ProgressLine(process.stderr);
  const onProgress = (done: number, total?: number, unit?: string): void => {
    progress.show({ done, total, unit });
  };
  for (const signal of ENDINGS) process.on(signal, end);
  try {
    const { report, text } = await work({ signal: ending.signal, onProgress, limit, database });
    progress.end();
    process.stdout.write(json ? `${jsonText(report, 2)}\n` : `${visible(text.join("\n"))}\n`);
    return 0;
  } finally {
    progress.end();
    for (const signal of ENDINGS) process.off(signal, end);
  }
}

/** Signals that end the run after cleaning up. */
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
