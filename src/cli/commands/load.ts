import {
  type ChromaDocuments,
  type DatabaseRows,
  type DocumentOrigin,
  type LoadEvent,
  type MemGPT,
  MemGPTError,
  chromaSource,
  databaseSource,
  defineSource,
} from "../../index.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted, namedFew } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";
import { type Progress as Shown, ProgressLine } from "../terminal/progress-line.ts";
import { visible } from "../terminal/sanitize.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { wholeStream } from "../terminal/whole-stream.ts";
import { secretsPolicy, secretsText } from "./load-secrets.ts";

export type LoadCommandOptions = {
  readonly description?: string;
  readonly extensions?: readonly string[];
  readonly recursive?: boolean;
  readonly append?: boolean;
  readonly replace?: boolean;
  readonly allowHost?: readonly string[];
  readonly secrets?: "keep" | "redact" | "skip";
  readonly json?: boolean;
};

type Progress = Extract<LoadEvent, { type: "progress" }>;
type Done = Extract<LoadEvent, { type: "done" }>;
type Skipped = Extract<LoadEvent, { type: "skipped" }>;
type Secrets = Extract<LoadEvent, { type: "secrets" }>;

/** The exit code if something could not be read. */
const NOT_ALL = 1;
/** Most bytes of standard input, which is held in memory. */
const MOST_PIPED = 256 * 1024 * 1024;

/**
 * `memgpt load NAME PATH…`: progress and unreadable documents go to standard error, the result to standard output.
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

/** `memgpt load vector-database` of Chroma. @returns the exit code. */
export async function loadChroma(
  name: string,
  documents: ChromaDocuments,
  options: LoadCommandOptions,
): Promise<number> {
  return loadOrigins(name, [chromaSource(documents)], { ...options, unit: "documents" });
}

async function loadOrigins(
  name: string,
  origins: readonly DocumentOrigin[],
  { unit, ...options }: LoadCommandOptions & { readonly unit: string },
): Promise<number> {
  const memgpt = await openHome();
  const { signal, stop } = onInterrupt();
  const progress = new ProgressLine(process.stderr);
  const report = (text: string): void => {
    progress.end();
    // File names may contain newlines.
    warn(text.replace(/\s+/g, " "));
  };
  const skipped: Skipped[] = [];
  const secrets: Secrets[] = [];
  let stored = 0;
  try {
    const events = memgpt.sources.load(name, origins, {
      description: options.description,
      extensions: options.extensions,
      isRecursive: options.recursive ?? true,
      mode: options.append === true ? "append" : options.replace === true ? "replace" : "sync",
      allowedHosts: options.allowHost,
      secrets: secretsPolicy(options.secrets, memgpt.config.secrets, () => {
        progress.end();
      }),
      signal,
    });
    for await (const event of events) {
      switch (event.type) {
        case "progress":
          stored = event.passages;
          progress.show({ label: `loading ${name}`, unit, ...progressOf(event) });
          break;
        case "indexing":
          progress.show({ label: `indexing ${name}`, done: stored, unit: "passages" });
          break;
        case "skipped":
          skipped.push(event);
          if (!event.isBinary) report(whyNot(event));
          break;
        case "notice":
          report(`${event.document}: ${event.text}.`);
          break;
        case "secrets":
          secrets.push(event);
          break;
        case "done":
          progress.end();
          if (secrets.length > 0) report(secretsText(secrets));
          process.stdout.write(
            options.json === true
              ? asJson(name, event, skipped, secrets)
              : doneText(name, event, skipped) + (await attachingText(memgpt, name, event)),
          );
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

function progressOf({ documents, total, passages, bytes, totalBytes = 0 }: Progress): Omit<Shown, "label" | "unit"> {
  return {
    done: documents,
    total,
    detail: counted(passages, "passage"),
    rated: { done: passages, unit: "passages" },
    // In bytes, because files differ in size. The total is unknown for web pages.
    work: totalBytes === 0 ? undefined : { done: bytes, total: totalBytes },
  };
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

/** Skipped binary files, such as pictures, are not a failure. */
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
    lines.push(
      `${counted(binary, "file")} skipped that ${binary === 1 ? "is" : "are"} not text: ${namedFew(skipped.filter(({ isBinary }) => isBinary).map(({ document }) => document))}.`,
    );
  if (failed > 0) lines.push(`${counted(failed, "document")} could not be read (see above).`);
  return `${visible(lines.join("\n"))}\n`;
}

/** How to go on after the first load of a source. */
async function attachingText(
  memgpt: MemGPT,
  source: string,
  { added, changed, unchanged, removed }: Done,
): Promise<string> {
  if (added === 0 || changed + unchanged + removed > 0) return "";
  const [only, ...others] = (await memgpt.listAgents()).map(({ name }) => name);
  const agent = others.length === 0 ? only : undefined;
  const command = `memgpt attach ${agent === undefined ? "AGENT" : shellWord(agent)} ${shellWord(source)}`;
  return `${visible(`\`${command}\` lets ${agent ?? "an agent"} search it.`)}\n`;
}

function asJson(
  source: string,
  { type: _, ...totals }: Done,
  skipped: readonly Skipped[],
  secrets: readonly Secrets[],
): string {
  const rows = skipped.map(({ document, reason, isBinary }) => ({ document, reason, binary: isBinary }));
  const found = secrets.map(({ document, kinds, count, choice }) => ({ document, kinds, count, choice }));
  return `${jsonText({ source, ...totals, skipped: rows, secrets: found }, 2)}\n`;
}
