import { oneLine } from "../terminal/one-line.ts";
import { Chalk } from "chalk";
import { type FindAllResult, type FindResult, shownTime } from "../../index.ts";
import { LOOSE, nearness } from "../slash/found.ts";
import { markMatches, paintMarks } from "../terminal/emphasis.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";
import { visible } from "../terminal/sanitize.ts";

type Options = {
  readonly in: "recall" | "archival" | "all";
  readonly from?: string;
  readonly to?: string;
  readonly role?: "user" | "assistant";
  readonly speaker?: string;
  readonly session?: number;
  readonly source?: string;
  readonly origin?: string;
  readonly around?: number;
  readonly page?: number;
  readonly json?: boolean;
};

/** Hint after a search of one storage that found nothing. */
const ELSEWHERE = {
  recall: "Only the conversation was searched; --in all searches core and archival memory too.",
  archival: "Only archival memory was searched; --in all searches core memory and the conversation too.",
};

/** `memgpt search NAME QUERY`. */
export async function search(name: string, query: string, options: Options): Promise<void> {
  const memgpt = await openHome();
  const { in: storage, json, ...narrowed } = options;
  const request = { query, ...narrowed };
  const found =
    storage === "all" ? await memgpt.findAll(name, request) : await memgpt.find(name, { ...request, in: storage });
  for (const notice of found.notices ?? []) warn(notice);
  if (json === true) {
    process.stdout.write(`${jsonText(found, 2)}\n`);
    return;
  }
  const text = "core" in found ? renderAll(found) : render(found, options.around === undefined ? "\n" : "\n\n");
  process.stdout.write(`${paintMarks(visible(text), emphasis())}\n`);
  if (storage !== "all" && !("core" in found) && found.total === 0) process.stderr.write(`${ELSEWHERE[storage]}\n`);
}

/** Emphasises matches; undefined if colours are off. */
function emphasis(): ((text: string) => string) | undefined {
  const { NO_COLOR: noColor, TERM: term } = process.env;
  const isPlain = !process.stdout.isTTY || term === "dumb" || (noColor !== undefined && noColor !== "");
  return isPlain ? undefined : new Chalk({ level: 1 }).bold.underline;
}

function renderAll({ core, recall, archival }: FindAllResult): string {
  const count = `${core.results.length} of ${counted(core.total, "line")}`;
  const lines = core.results.map((block) => `${block.label}: ${markMatches(block)}`);
  return [
    ["Core memory", ...(lines.length === 0 ? ["No results found."] : [count, ...lines])].join("\n"),
    `Recall memory\n${render(recall, "\n")}`,
    `Archival memory\n${render(archival, "\n")}`,
  ].join("\n\n");
}

function render({ results, total, page, pages, ...how }: FindResult, between: string): string {
  if (results.length === 0) return total === 0 ? "No results found." : `No page ${page}; the last is ${pages}.`;
  const rows = results.map(({ around, ...result }) => {
    const own = line(result, markMatches(result));
    if (around === undefined) return own;
    return around.map((near) => (near.id === result.id ? `> ${own}` : `  ${line(near, near.text)}`)).join("\n");
  });
  const count = `${results.length} of ${counted(total, "result")}${nearness(how)} (page ${page}/${pages})`;
  return [...(how.isLoose === true ? [LOOSE] : []), count, ...rows].join(between);
}

type Line = {
  readonly time: string;
  readonly role: string;
  readonly speaker?: string;
  readonly session?: number;
  readonly source?: string;
  readonly citation?: string;
};

/** Passages have no session. */
function line({ time, role, speaker, session, source, citation }: Line, text: string): string {
  const when = session === undefined ? shownTime(time) : `${shownTime(time)} #${session}`;
  const who = [source ?? speaker ?? role, ...(citation === undefined ? [] : [`(${oneLine(citation)})`])].join(" ");
  return `${when}  ${who}: ${text}`;
}
