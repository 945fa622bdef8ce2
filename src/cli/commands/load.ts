import {
  type DatabaseRows,
  type DocumentOrigin,
  type LoadEvent,
  MemGPTError,
  databaseSource,
  defineSource,
} from "../../index.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { visible } from "../terminal/sanitize.ts";
import { wholeStream } from "../terminal/whole-stream.ts";

export type LoadCommandOptions = {
  readonly description?: string;
  readonly extensions?: readonly string[];
  readonly recursive?: boolean;
  readonly append?: boolean;
  readonly replace?: boolean;
  readonly allowHost?: readonly string[];
  readonly json?: boolean;
};

type Progress = Extract<LoadEvent, { type: "progress" }>;
type Done = Extract<LoadEvent, { type: "done" }>;
type Skipped = Extract<LoadEvent, { type: "skipped" }>;

/** The exit code where something could not be read. */
const NOT_ALL = 1;
const MOST_NAMED = 20;
/** Standard input is in memory while it is read. */
const MOST_PIPED = 256 * 1024 * 1024;

/**
 * `memgpt load NAME PATH…`: how far it is and what cannot be read on standard error, what came of it on standard output.
 *
 * @returns the exit code.
 */
export async function load(name: string, origins: readonly string[], options: LoadCommandOptions): Promise<number> {
  return loadOrigins(name, await Promise.all(origins.map(originOf)), { ...options, unit: "files" });
}

/** `memgpt load database` and `memgpt load vector-database`. @returns the exit code. */
export async function loadRows(name: string, rows: DatabaseRows, options: LoadCommandOptions): Promise<number> {
  return loadOrigins(name, [databaseSource(rows)], { ...options, unit: "rows" });
}

async function loadOrigins(
  name: string,
  origins: readonly DocumentOrigin[],
  { unit, ...options }: LoadCommandOptions & { readonly unit: string },
): Promise<number> {
  const memgpt = await openHome();
  const { signal, stop } = onInterrupt();
  const progress = new ProgressLine(process.stderr);
  const tell = (text: string): void => {
    progress.end();
    process.stderr.write(`${visible(text)}\n`);
  };
  const skipped: Skipped[] = [];
  let stored = 0;
  try {
    const events = memgpt.sources.load(name, origins, {
      description: options.description,
      extensions: options.extensions,
      isRecursive: options.recursive ?? true,
      mode: options.append === true ? "append" : options.replace === true ? "replace" : "sync",
      allowedHosts: options.allowHost,
      signal,
    });
    for await (const event of events) {
      switch (event.type) {
        case "progress":
          stored = event.passages;
          progress.show({
            label: `loading ${name}`,
            done: event.documents,
            total: event.total,
            unit,
            detail: counted(event.passages, "passage"),
            rated: { done: event.passages, unit: "passages" },
            work: workOf(event),
          });
          break;
        case "indexing":
          progress.show({ label: `indexing ${name}`, done: stored, unit: "passages" });
          break;
        case "skipped":
          skipped.push(event);
          if (!event.isBinary) tell(whyNot(event));
          break;
        case "notice":
          tell(`${event.document}: ${event.text}.`);
          break;
        case "done":
          progress.end();
          process.stdout.write(options.json === true ? asJson(name, event, skipped) : doneText(name, event, skipped));
          return exitCode(event);
      }
    }
    return 0;
  } finally {
    progress.end();
    stop();
  }
}

/** Errors of the web name the page themselves. */
function whyNot({ document, reason }: Skipped): string {
  const why = reason.replace(/\.$/, "");
  return why.startsWith(document) ? `${why}.` : `${document}: ${why}.`;
}

/** Files differ in size; the size of pages is known when they are fetched. */
function workOf({ bytes, totalBytes = 0 }: Progress): { done: number; total: number } | undefined {
  return totalBytes === 0 ? undefined : { done: bytes, total: totalBytes };
}

async function originOf(origin: string): Promise<DocumentOrigin> {
  if (origin !== "-") return origin;
  if (process.stdin.isTTY) throw new MemGPTError("invalid_input", "- reads standard input: pipe a text into it.");
  const content = await wholeStream(process.stdin, MOST_PIPED);
  return defineSource({
    name: "standard input",
    async *read() {
      yield { name: "standard input", content };
    },
  });
}

/** A picture among documents is nothing to fail for. */
function exitCode({ added, changed, unchanged, failed }: Done): number {
  return failed > 0 || added + changed + unchanged === 0 ? NOT_ALL : 0;
}

function doneText(name: string, done: Done, skipped: readonly Skipped[]): string {
  const { added, changed, unchanged, removed, passages, binary, failed } = done;
  const parts = [
    `${counted(added, "document")} added`,
    ...(changed > 0 ? [`${changed} replaced`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
  ];
  const lines = [`Loaded ${counted(passages, "passage")} into ${name}: ${parts.join(", ")}.`];
  if (binary > 0)
    lines.push(`${counted(binary, "file")} skipped that ${binary === 1 ? "is" : "are"} no text: ${named(skipped)}.`);
  if (failed > 0) lines.push(`${counted(failed, "document")} could not be read (see above).`);
  return `${visible(lines.join("\n"))}\n`;
}

function named(skipped: readonly Skipped[]): string {
  const names = skipped.filter(({ isBinary }) => isBinary).map(({ document }) => document);
  const rest = names.length - MOST_NAMED;
  return rest > 0 ? `${names.slice(0, MOST_NAMED).join(", ")} and ${rest} more` : names.join(", ");
}

function asJson(source: string, { type: _, ...totals }: Done, skipped: readonly Skipped[]): string {
  const rows = skipped.map(({ document, reason, isBinary }) => ({ document, reason, binary: isBinary }));
  return `${jsonText({ source, ...totals, skipped: rows }, 2)}\n`;
}
