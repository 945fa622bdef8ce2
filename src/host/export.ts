import { envelopeText, spokenText } from "../memory/envelope.ts";
import { shownTime } from "../time/format.ts";
import { type AgentFileExtras, agentFileText } from "../imports/to-agent-file.ts";
import type { Message } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import type { CheckpointEntry } from "../schema/timeline.ts";
import type { ArchivalStorage } from "../ports/archival.ts";
import type { RecallStorage } from "../ports/recall.ts";

export type ExportFormat = "markdown" | "json" | "af";

export type ExportOptions = {
  readonly format: ExportFormat;
  /** Whether Markdown includes thoughts, calls, returns and events. The other formats always do. */
  readonly all?: boolean | undefined;
  /** Content of an agent file beyond what the agent itself stores. */
  readonly extras?: AgentFileExtras | undefined;
};

/** The content to export. */
export type ExportSource = {
  readonly state: AgentState;
  readonly recall: Pick<RecallStorage, "all">;
  readonly archival: Pick<ArchivalStorage, "all">;
  readonly checkpoints: readonly CheckpointEntry[];
};

/** Version of the JSON format, raised for changes that break its readers. */
const EXPORT_VERSION = 1;

/** Fewest characters of a chunk. */
const CHUNK = 65_536;

/**
 * An agent as one text, in chunks of whole lines, so that few of its messages are in memory at a time.
 *
 * JSON is one object: `version`, `agent` (its state, without secrets), `messages` and `passages`, oldest first, and
 * `checkpoints`. An agent file (`af`) can be read by other programs. Markdown is for people: core memory, the
 * conversation with days and speakers, archival memory.
 */
export async function* exportText(
  source: ExportSource,
  { format, all = false, extras }: ExportOptions,
): AsyncGenerator<string, void, void> {
  let chunk = "";
  for await (const lines of linesOf(source, { format, all, extras })) {
    chunk += lines;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

function linesOf(
  source: ExportSource,
  { format, all, extras }: ExportOptions & { readonly all: boolean },
): AsyncGenerator<string, void, void> {
  switch (format) {
    case "json":
      return json(source);
    case "af":
      return agentFileText({ ...source, state: withoutSecrets(source.state), extras });
    case "markdown":
      return markdown(source, all);
  }
}

async function* json({ state, recall, archival, checkpoints }: ExportSource): AsyncGenerator<string, void, void> {
  yield `{"version":${EXPORT_VERSION},\n"agent":${JSON.stringify(withoutSecrets(state))},\n"messages":`;
  yield* jsonArray(recall.all());
  yield ',\n"passages":';
  yield* jsonArray(archival.all());
  yield `,\n"checkpoints":${JSON.stringify(checkpoints)}}\n`;
}

/** One item per line. */
async function* jsonArray(items: AsyncIterable<unknown>): AsyncGenerator<string, void, void> {
  let before = "[\n";
  for await (const item of items) {
    yield before + JSON.stringify(item);
    before = ",\n";
  }
  yield before === "[\n" ? "[]" : "\n]";
}

/** An endpoint may carry a name, a password or a key. */
function withoutSecrets(state: AgentState): AgentState {
  const { endpoint } = state.settings;
  return { ...state, settings: { ...state.settings, endpoint: endpoint === null ? null : bare(endpoint) } };
}

function bare(endpoint: string): string | null {
  if (!URL.canParse(endpoint)) return null;
  const { protocol, host, pathname } = new URL(endpoint);
  return `${protocol}//${host}${pathname}`.replace(/\/$/, "");
}

async function* markdown({ state, recall, archival }: ExportSource, all: boolean): AsyncGenerator<string, void, void> {
  const { name, createdAt, settings, blocks } = state;
  yield `# ${plain(name)}\n\nMade ${shownTime(createdAt)}, model ${plain(settings.model)}.\n\n## Core memory\n\n`;
  for (const { label, value, limit } of blocks) {
    yield `### ${plain(label)} (${value.length}/${limit} characters)\n\n${quoteLines(value)}\n\n`;
  }
  yield "## Conversation\n\n";
  yield* byDay(recall.all(), (message) => (all ? everything(message, name) : said(message, name)));
  yield "## Archival memory\n\n";
  yield* byDay(archival.all(), ({ text }) => [{ what: "Passage", text: quoteLines(text) }]);
}

/** An entry of the export: who or what it was, and its text as Markdown. */
type Entry = { readonly what: string; readonly text: string | null };

async function* byDay<T extends { readonly createdAt: string }>(
  items: AsyncIterable<T>,
  entriesOf: (item: T) => readonly Entry[],
): AsyncGenerator<string, void, void> {
  let lastDay = "";
  for await (const item of items) {
    const [day = "", clock = ""] = shownTime(item.createdAt).split(" ");
    const entries = entriesOf(item);
    if (entries.length > 0 && day !== lastDay) {
      yield `### ${day}\n\n`;
      lastDay = day;
    }
    for (const { what, text } of entries) {
      yield `${what}, ${clock}\n\n${text === null ? "" : `${text}\n\n`}`;
    }
  }
  if (lastDay === "") yield "Nothing yet.\n\n";
}

function said(message: Message, name: string): Entry[] {
  const text = spokenText(message);
  if (text === undefined) return [];
  return [
    message.role === "user"
      ? { what: "**You**", text: quoteLines(text) }
      : { what: `**${plain(name)}**`, text: quote(text) },
  ];
}

function everything(message: Message, name: string): Entry[] {
  switch (message.role) {
    case "user": {
      const text = quoteLines(envelopeText(message.content) ?? message.content);
      const isSaid = message.event === "user_message";
      return [{ what: isSaid ? "**You**" : `*${message.event.replaceAll("_", " ")}*`, text }];
    }
    case "assistant": {
      const who = plain(name);
      const thought = message.content === null ? [] : [{ what: `*${who} thinks*`, text: quote(message.content) }];
      return [...thought, ...message.calls.map((call) => callEntry(call, who))];
    }
    case "function": {
      const text = envelopeText(message.content) ?? message.content;
      const isEmpty = message.status === "OK" && text === "None";
      return [{ what: `*${plain(message.name)}: ${message.status}*`, text: isEmpty ? null : quote(text) }];
    }
  }
}

function callEntry(call: { readonly name: string; readonly arguments: string }, who: string): Entry {
  const text = call.name === "send_message" ? envelopeText(call.arguments) : undefined;
  if (text !== undefined) return { what: `**${who}**`, text: quote(text) };
  return { what: `*${who} calls ${plain(call.name)}*`, text: quote(call.arguments, ">     ") };
}

/** A block quote, which contains any Markdown that begins in it. Five spaces make it code. */
function quote(text: string, mark = "> "): string {
  return mark + text.split(LINE_END).join(`\n${mark}`);
}

/** A block quote of plain text, keeping its line breaks. */
function quoteLines(text: string): string {
  return quote(text.split(LINE_END).join("  \n"));
}

const LINE_END = /\r\n?|\n/;

/** A name on one line, with Markdown's special characters escaped. */
function plain(name: string): string {
  return name
    .replace(/\s+/g, " ")
    .replace(/[\\`*[\]<>#|&]/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_");
}
