import { type EmbeddingChoice, type EmbeddingSettings, MemGPTError, type ReindexEvent } from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { visible } from "../terminal/sanitize.ts";

export type ReindexCommandOptions = {
  readonly embedding?: EmbeddingSettings["provider"];
  readonly embeddingModel?: string;
  readonly embeddingEndpoint?: string;
  readonly embeddingDimensions?: number;
  readonly json?: boolean;
};

type Done = Extract<ReindexEvent, { type: "done" }>;

/** `memgpt reindex NAME`: progress on standard error, the result on standard output. */
export async function reindex(name: string, options: ReindexCommandOptions): Promise<void> {
  const memgpt = await openHome();
  const { signal, stop } = onInterrupt();
  const progress = new ProgressLine(process.stderr);
  try {
    for await (const event of memgpt.reindex(name, { embedding: choiceOf(options), signal })) {
      switch (event.type) {
        case "notice":
          progress.end();
          warn(event.text);
          break;
        case "progress":
          progress.show({
            ...event,
            label: `embedding with ${event.model}`,
            unit: event.total === 1 ? "passage" : "passages",
          });
          break;
        case "done":
          progress.end();
          process.stdout.write(options.json === true ? `${jsonText(asJson(name, event), 2)}\n` : doneText(name, event));
      }
    }
  } catch (error) {
    progress.end();
    throw withCommand(error, name, options);
  } finally {
    stop();
  }
}

function choiceOf(options: ReindexCommandOptions): EmbeddingChoice {
  const { embedding, embeddingModel, embeddingEndpoint, embeddingDimensions } = options;
  return {
    provider: embedding,
    model: embeddingModel,
    endpoint: embeddingEndpoint,
    dimensions: embeddingDimensions,
  };
}

function doneText(name: string, { model, dimensions, passages, takenBack, withoutVector }: Done): string {
  const numbers = dimensions === null ? "" : ` (${dimensions} dimensions)`;
  const undone = takenBack === 0 ? "" : `, and ${takenBack} that you had undone`;
  const lines = [`Embedded ${counted(passages, "passage")} of ${name} with ${model}${numbers}${undone}.`];
  if (withoutVector > 0)
    lines.push(`${counted(withoutVector, "passage")} of ${name} got no vector; only words find them.`);
  return `${visible(lines.join("\n"))}\n`;
}

function asJson(
  agent: string,
  { model, dimensions, passages, takenBack, withoutVector }: Done,
): Record<string, unknown> {
  return { agent, model, dimensions, passages, taken_back: takenBack, without_vector: withoutVector };
}

/** The error, reworded for this command: settings by their flags, and the command that resumes an interrupted run. */
function withCommand(error: unknown, name: string, options: ReindexCommandOptions): unknown {
  if (!(error instanceof MemGPTError)) return error;
  if (error.code !== "interrupted") return new MemGPTError(error.code, withFlags(error.message), { cause: error });
  const flags = Object.entries({
    "--embedding": options.embedding,
    "--embedding-model": options.embeddingModel,
    "--embedding-endpoint": options.embeddingEndpoint,
    "--embedding-dimensions": options.embeddingDimensions,
  }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, shellWord(String(value))]));
  const command = ["memgpt reindex", shellWord(name), ...flags].join(" ");
  return new MemGPTError(error.code, `${error.message}\n${command}`, { cause: error });
}

/** Rewords advice for new agents (settings) as advice for this command (flags). */
export function withFlags(message: string): string {
  return message
    .replaceAll(/run `memgpt configure set embedding_model NAME`/g, "pass --embedding-model NAME")
    .replaceAll(/`memgpt configure set embedding hash`/g, "--embedding hash")
    .replaceAll(/set embedding_dimensions to (\d+) or to null/g, "pass --embedding-dimensions $1")
    .replaceAll(
      /set embedding_model to another model or to a folder/g,
      "name another model with --embedding-model, or a folder",
    )
    .replaceAll(/\bembedding_(model|endpoint|dimensions)\b( \(memgpt configure\))?/g, "--embedding-$1");
}
