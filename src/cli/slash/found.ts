import type { FindRequest, FindResult } from "../../index.ts";
import { excerpt } from "../terminal/one-line.ts";
import { shownTime } from "../terminal/shown-time.ts";

/** Characters of a result that are shown. */
const EXCERPT = 300;

/** The results of `/recall` and `/archival`, best first, and how to see more of them. */
export function renderFound(
  { total, page, pages, results }: FindResult,
  { query, agent, in: storage }: Required<Pick<FindRequest, "in">> & { readonly query: string; readonly agent: string },
): string {
  if (results.length === 0) return `Nothing found for ${query}.`;
  const rows = results.map(({ time, role, speaker, text }, index) => {
    const who = role === "archival" ? "" : `${speaker ?? (role === "user" ? "you" : agent)}: `;
    return `${index + 1}. ${shownTime(time)}  ${who}${excerpt(text, EXCERPT)}`;
  });
  const where = storage === "archival" ? " --in archival" : "";
  const more = `memgpt search ${inShell(agent)} ${inShell(query)}${where} --page ${page + 1} shows more.`;
  const count = `${results.length} of ${total} ${total === 1 ? "result" : "results"}.`;
  return [...rows, page < pages ? `${count} ${more}` : count].join("\n");
}

/** `text` as one word of a command line. */
export function inShell(text: string): string {
  if (/^[\w.@%+=:,/-]+$/.test(text)) return text;
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", `'\\''`)}'` : `"${text}"`;
}
