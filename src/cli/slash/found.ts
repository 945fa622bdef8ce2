import { type FindAllResult, type FindResult, shownTime } from "../../index.ts";
import { firstMark, markMatches } from "../terminal/emphasis.ts";
import { oneLine } from "../terminal/one-line.ts";
import { shellWord } from "../terminal/shell-word.ts";

/** Most characters shown of a result, and how many of them before the first match. */
const EXCERPT = 300;
const BEFORE = 100;

type Asked = { readonly query: string; readonly agent: string };
type Storage = "recall" | "archival";

/** The results of `/recall` and `/archival`, best first, and how to see more. */
export function renderFound(found: FindResult, asked: Asked & { readonly in: Storage }): string {
  if (found.results.length === 0) return `Nothing found for ${asked.query}.`;
  return [...rowsOf(found, asked), countOf(found, asked)].join("\n");
}

/** The results of `/search`, by storage. */
export function renderFoundInAll({ core, recall, archival }: FindAllResult, asked: Asked): string {
  const blocks = core.results.map((block, index) => `${index + 1}. ${block.label}: ${excerptOf(block)}`);
  const more = `${core.results.length} of ${core.total} ${core.total === 1 ? "line" : "lines"}. /memory shows all.`;
  const parts = [
    { title: "Core memory", rows: blocks, count: more },
    { title: "Recall memory", rows: rowsOf(recall, asked), count: countOf(recall, { ...asked, in: "recall" }) },
    { title: "Archival memory", rows: rowsOf(archival, asked), count: countOf(archival, { ...asked, in: "archival" }) },
  ];
  if (parts.every(({ rows }) => rows.length === 0)) return `Nothing found for ${asked.query}.`;
  return parts
    .map(({ title, rows, count }) => (rows.length === 0 ? `${title}: nothing` : [title, ...rows, count].join("\n")))
    .join("\n\n");
}

function rowsOf({ results }: FindResult, { agent }: Asked): string[] {
  return results.map((result, index) => {
    const { time, role, speaker, source, citation } = result;
    const place =
      source === undefined ? "" : `${oneLine(citation === undefined ? source : `${source}, ${citation}`)}: `;
    const who = role === "archival" ? place : `${speaker ?? (role === "user" ? "you" : agent)}: `;
    return `${index + 1}. ${shownTime(time)}  ${who}${excerptOf(result)}`;
  });
}

/** Shown when nothing contains the quoted text word for word. */
export const LOOSE = "Nothing matches the quoted text exactly; these results have its words.";

/** How many of the results were found by meaning alone, and by what. */
export function nearness({ byMeaning, model }: Pick<FindResult, "byMeaning" | "model">): string {
  return byMeaning === undefined ? "" : `, ${byMeaning} of them by meaning alone (${model ?? "an unknown model"})`;
}

function countOf({ results, total, page, pages, ...how }: FindResult, asked: Asked & { readonly in: Storage }): string {
  const { query, agent } = asked;
  const where = asked.in === "archival" ? " --in archival" : "";
  const more = `memgpt search ${shellWord(agent)} ${shellWord(query)}${where} shows more.`;
  const count = `${results.length} of ${total} ${total === 1 ? "result" : "results"}${nearness(how)}.`;
  const loose = how.isLoose === true ? `\n${LOOSE}` : "";
  return (page < pages ? `${count} ${more}` : count) + loose;
}

/** A result as one line. A long one starts shortly before its first match. */
function excerptOf(found: Parameters<typeof markMatches>[0]): string {
  const line = oneLine(markMatches(found));
  if (line.length <= EXCERPT) return line;
  const first = firstMark(line);
  const from = first < EXCERPT - BEFORE ? 0 : line.indexOf(" ", first - BEFORE) + 1;
  const start = from > first ? first : from;
  const cut = line.slice(start, start + EXCERPT - 3).trimEnd();
  return `${start === 0 ? "" : "..."}${cut}${start + EXCERPT - 3 < line.length ? "..." : ""}`;
}
