import { dayOf, type Day } from "./dates.ts";

/** One search result: `speaker` is user or assistant, or null for archival memory. */
export type Hit = { readonly day: Day | undefined; readonly speaker: string | null; readonly text: string };

/** A search return, read. `page` counts from 1, as the header does. */
export type SearchPage = {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly hits: readonly Hit[];
};

const NOTHING: SearchPage = { total: 0, page: 1, pages: 1, hits: [] };

export function readPage(output: string): SearchPage {
  const header = /Showing (\d+) of (\d+) results? \(page (\d+)\/(\d+)\)/i.exec(output.slice(0, 400));
  if (header === null) return NOTHING;
  const list = output.indexOf("[", header.index);
  const items = list < 0 ? [] : strings(output.slice(list));
  return {
    total: Number(header[2]),
    page: Number(header[3]),
    pages: Number(header[4]),
    hits: items.map(readHit),
  };
}

function readHit(item: string): Hit {
  const stamp = /^timestamp: ([^,]{1,60}), (?:memory: |(user|assistant|system|function) - )/.exec(item);
  if (stamp === null) return { day: undefined, speaker: null, text: item };
  return { day: dayOf(stamp[1] ?? ""), speaker: stamp[2] ?? null, text: item.slice(stamp[0].length) };
}

/** The strings of a JSON list. A list that was cut short gives those that are whole. */
function strings(list: string): string[] {
  const end = list.lastIndexOf("]");
  try {
    const parsed: unknown = JSON.parse(list.slice(0, end + 1));
    return Array.isArray(parsed) ? parsed.filter((item) => typeof item === "string") : [];
  } catch {
    return [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => unescape(text ?? ""));
  }
}

function unescape(text: string): string {
  return text
    .replace(/\\(["\\/])/g, "$1")
    .replace(/\\n/g, "\n")
    .replace(/\\t/g, "\t");
}
