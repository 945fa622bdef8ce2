import { dirname, resolve } from "node:path";
import * as z from "zod";
import { type Embedder, MemGPTError, createEmbedder } from "../index.ts";
import { type Dataset, datasetAt, emptyData, readJson, readText } from "./dataset.ts";
import { PlainVectors, remembering } from "./plain-vectors.ts";
import { type Running, forEach, inTemporaryHome, timed } from "./run.ts";
import { type Latency, anyAt, latencyOf, means } from "./scores.ts";
import { StrictEmbedder } from "./strict-embedder.ts";
import { percent, table } from "./table.ts";

export type ParaphraseOptions = Running & {
  /** JSON of `{haystack, pairs}`. */
  readonly data: string;
  /** Where the lines are stored and searched (default: recall). */
  readonly in?: "recall" | "archival" | undefined;
  /** Embeds lines and questions (default: the built-in one). */
  readonly embedder?: Embedder | undefined;
};

type AnyHit = Readonly<Record<"1" | "5" | "10", number>>;

/** All fractions are in [0, 1]: the share of the questions whose answer is among the first k. */
export type ParaphraseReport = {
  readonly dataset: Dataset;
  readonly in: "recall" | "archival";
  readonly n: number;
  readonly lines: number;
  readonly any: AnyHit;
  /** Recall of ranking by cosine alone. */
  readonly plain_vectors: AnyHit;
  readonly embedding: string;
  readonly latency_ms: Latency;
};

const fileSchema = z.object({
  /** Lines, or the path of a text file, relative to this file. */
  haystack: z.union([z.string(), z.array(z.string())]),
  pairs: z.array(z.object({ question: z.string(), answer: z.string() })),
});

const DEPTH = 10;

/**
 * Does search find answers that share no word with their question? Answers missing from the haystack are added to it.
 *
 * @throws MemGPTError from reading the data; `interrupted`; what the embedder throws.
 */
export async function evaluateParaphrase(options: ParaphraseOptions): Promise<ParaphraseReport> {
  const { data, in: storage = "recall", signal } = options;
  const dataset = await datasetAt(data);
  const { haystack, pairs } = await readJson(data, fileSchema);
  if (pairs.length === 0) throw emptyData(data);
  const lines = typeof haystack === "string" ? await linesOf(resolve(dirname(data), haystack)) : haystack;
  const known = new Set(lines);
  const texts = [...lines, ...pairs.map(({ answer }) => answer).filter((answer) => !known.has(answer))];
  const strict = new StrictEmbedder(remembering(options.embedder ?? builtIn()), signal);
  const plain = new PlainVectors(strict);
  await plain.hold(texts, signal);
  return inTemporaryHome(
    async (memgpt) => {
      const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
      if (storage === "archival") await agent.addPassages(texts.map((text) => ({ text })));
      else {
        const role = (i: number): "user" | "assistant" => (i % 2 === 0 ? "user" : "assistant");
        await agent.importMessages(
          texts.map((text, i) => ({ role: role(i), text })),
          { signal },
        );
        await agent.embedSaid({ signal });
      }
      const outcomes: { found: AnyHit; plain: AnyHit; milliseconds: number }[] = [];
      await forEach(pairs, options, async ({ question, answer }) => {
        const request = { query: question, in: storage, size: DEPTH };
        const { result, milliseconds } = await timed(() => agent.find(request));
        await strict.check();
        const ranked = result.results.map(({ text }) => text);
        const near = (await plain.rank(question, DEPTH)).map((i) => texts[i] ?? "");
        outcomes.push({ found: hits(answer, ranked), plain: hits(answer, near), milliseconds });
      });
      await agent.close();
      return {
        dataset,
        in: storage,
        n: outcomes.length,
        lines: texts.length,
        any: means(outcomes.map(({ found }) => found)),
        plain_vectors: means(outcomes.map((outcome) => outcome.plain)),
        embedding: strict.model,
        latency_ms: latencyOf(outcomes.map(({ milliseconds }) => milliseconds)),
      };
    },
    { embedder: strict, database: options.database },
  );
}

function hits(answer: string, ranked: readonly string[]): AnyHit {
  return { "1": anyAt([answer], ranked, 1), "5": anyAt([answer], ranked, 5), "10": anyAt([answer], ranked, 10) };
}

async function linesOf(path: string): Promise<string[]> {
  const lines = (await readText(path)).split("\n").map((line) => line.trim());
  const nonempty = lines.filter((line) => line !== "");
  if (nonempty.length === 0) throw new MemGPTError("invalid_input", `${path} has no lines. Nothing was measured.`);
  return nonempty;
}

function builtIn(): Embedder {
  const settings = { provider: "hash", model: null, endpoint: null, dimensions: null } as const;
  return createEmbedder(settings, { endpoint: null, apiKey: null, headers: {}, apiVersion: null });
}

/** The report as text, fractions in percent. */
export function paraphraseTable(report: ParaphraseReport): string {
  const row = (name: string, any: AnyHit): string[] => [name, String(report.n), ...Object.values(any).map(percent)];
  const { p50, p95 } = report.latency_ms;
  return [
    `Questions that share no word with their answer, among ${report.lines} lines: found, in percent`,
    "",
    table(
      ["", "n", "R@1", "R@5", "R@10"],
      [row(`${report.in} search`, report.any), row("plain vectors", report.plain_vectors)],
    ),
    "",
    `Embedded with ${report.embedding}. Search, the question's embedding included: p50 ${p50} ms, p95 ${p95} ms.`,
  ].join("\n");
}
