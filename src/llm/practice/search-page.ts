import { dayOf, sortable, type Day } from "./dates.ts";

/** One search result: `speaker` is user, assistant or a name, null for archival memory; `when` sorts by time. */
export type Hit = { day: Day | undefined; when: string; speaker: string | null; text: string };

/** A search return, read. `page` counts from 1, as the header does. */
export type SearchPage = { total: number; page: number; pages: number; hits: Hit[] };

export function readPage(output: string): SearchPage {
  const header = /Showing \d+ of (\d+) results? \(page (\d+)\/(\d+)\)/i.exec(output.slice(0, 400));
  if (header === null) return { total: 0, page: 1, pages: 1, hits: [] };
  const [total = 0, page = 1, pages = 1] = header.slice(1).map(Number);
  const list = output.indexOf("[", header.index);
  return { total, page, pages, hits: list < 0 ? [] : strings(output.slice(list)).map(readHit) };
}

function readHit(item: string): Hit {
  const stamp = /^timestamp: ([^,]{1,60}), (?:memory: |([^\n]{1,60}?) - )/.exec(item);
  if (stamp === null) return { day: undefined, when: "", speaker: null, text: item };
  const [head, time = "", speaker = null] = stamp;
  return { day: dayOf(time), when: sortable(time), speaker, text: item.slice(head.length) };
}

/** The strings of a JSON list. A list that was cut short gives those that are whole. */
function strings(list: string): string[] {
  try {
    const parsed: unknown = JSON.parse(list.slice(0, list.lastIndexOf("]") + 1));
    return Array.isArray(parsed) ? parsed.filter((item) => typeof item === "string") : [];
  } catch {
    return [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, item = ""]) =>
      item.replace(/\\(.)/g, (_, mark: string) => (mark === "n" ? "\n" : mark === "t" ? "\t" : mark)),
    );
  }
}
