import { dayOf, longDay, sortable, type Day } from "../../time/format.ts";
import { ownWords } from "../../schema/own-words.ts";
import { readMessage } from "./message.ts";
import { readQuoted } from "./notes.ts";
import { readRequest } from "./requests.ts";
import { closed, quote, words } from "./text.ts";
import { fit, type Fit, type Topic } from "./topic.ts";
import { linesOf, type Done, type View } from "./view.ts";

/** Something said or noted that may answer a question. */
export type Quote = {
  /** The source: the person, core memory, a passage, or another block or speaker with the words that introduce it. */
  readonly from: "person" | "core" | "archival" | { readonly lead: string };
  readonly day: Day | undefined;
  /** A time that sorts as text. */
  readonly when: string;
  readonly text: string;
  /** What was said right before, if the text refers to it. */
  readonly after?: string | undefined;
};

/** The lines of core memory about the person and of other blocks. */
export function coreQuotes({ human, otherBlocks }: View): Quote[] {
  const undated = { day: undefined, when: "" };
  const core = linesOf(human).map((text) => noted(text) ?? { from: "core" as const, ...undated, text });
  const lead = ({ label }: { label: string }): Quote["from"] => ({ lead: `the block "${label}" says` });
  const rest = otherBlocks.flatMap((block) => linesOf(block).map((text) => ({ from: lead(block), ...undated, text })));
  return [...core, ...rest];
}

/** The statements and passages that a search found, without questions, requests and the model's own words. */
export function foundQuotes({ status, output }: Done): Quote[] {
  return status === "Failed" ? [] : readPage(output).items.flatMap(quotesOf);
}

/** Parses a search return. `page` counts from 1, as the header does. */
export function readPage(output: string): { total: number; page: number; pages: number; items: string[] } {
  const header = /Showing \d+ of (\d+) results? \(page (\d+)\/(\d+)\)/i.exec(output.slice(0, 400));
  const [total = 0, page = 1, pages = 1] = header?.slice(1).map(Number) ?? [];
  const list = output.slice(header?.index ?? output.length).matchAll(/"((?:[^"\\]|\\.)*)"/g);
  const items = [...list].map(([, item = ""]) => item.replaceAll("\\n", "\n").replace(/\\(.)/g, "$1"));
  return { total, page, pages, items };
}

function quotesOf(item: string): Quote[] {
  const [head = "", time = "", speaker] =
    /^timestamp: ([^,]{1,60}), (?:memory: |source [^\n]{1,80}?: |([^\n]{1,60}?) - )/.exec(item) ?? [];
  const [text, day, when] = [unfenced(item.slice(head.length)), dayOf(time), sortable(time)];
  if (speaker === undefined) {
    const lines = text.split("\n").flatMap((line) => noted(line) ?? []);
    return lines.length > 0 ? lines : [{ from: "archival", day, when, text }];
  }
  if (/^(?:assistant|system|function)$/.test(speaker) || readRequest(text) !== undefined) return [];
  const from = speaker === "user" ? "person" : { lead: `${speaker} said` };
  return readMessage(ownWords(text)).statements.map((said) => ({ from, day, when, text: said }));
}

/** A document's text, without the marks around it. */
function unfenced(text: string): string {
  return text.replace(/^\[data ([\w-]{1,8})\] ([^]*) \[end \1\]$/, "$2");
}

/** A line that quotes the person. It has no hour, so it sorts last within its day. */
function noted(line: string): Quote | undefined {
  const quoted = readQuoted(line);
  return quoted && { from: "person", day: quoted.day, when: `${quoted.day} ~`, text: quoted.said, after: quoted.after };
}

/** A quote, and how well it answers together with what it refers to. */
export type Evidence = Quote & Fit;

/** Merges equal quotes of one day, keeping the hour and the reference if any has them, and rates each. */
export function weigh(quotes: readonly Quote[], topic: Topic): Evidence[] {
  const kept = new Map<string, Quote>();
  for (const quote of quotes) {
    const key = `${quote.day ?? ""} ${words(quote.text).join(" ").toLowerCase()}`;
    const same = kept.get(key);
    const when = same?.when.endsWith("~") === false ? same.when : quote.when;
    kept.set(key, { ...quote, when, after: same?.after ?? quote.after });
  }
  return [...kept.values()].map((quote) => ({ ...quote, ...fit(topic, `${quote.after ?? ""} ${quote.text}`.trim()) }));
}

/** The `most` quotes that fit best, the newest among them, oldest first. */
export function pickQuotes(quotes: readonly Evidence[], most: number): Quote[] {
  const ordered = quotes.toSorted((a, b) => (a.when < b.when ? -1 : a.when > b.when ? 1 : 0));
  const best = ordered.slice(0, -1).toSorted((a, b) => b.score - a.score);
  const chosen = new Set([...best.slice(0, most - 1), ...ordered.slice(-1)]);
  return ordered.filter((quote) => chosen.has(quote));
}

const SAYS = { person: "you told me", core: "core memory says", archival: "archival memory says" };
/** A longer text is cut where it is quoted. */
const MOST_CHARACTERS = 500;

/** Quotes with their dates: `on 12 May 2026 you told me: "…"; on 29 November 2026: "…".` */
export function tell(quotes: readonly Quote[]): string {
  const parts = quotes.map(({ from, day = "", text, after }, index) => {
    const isSame = index > 0 && typeof from === "string" && quotes[index - 1]?.from === from;
    const who = isSame ? "" : typeof from === "string" ? SAYS[from] : from.lead;
    const on = day === "" ? "" : from === "archival" ? `(saved on ${longDay(day)})` : `on ${longDay(day)}`;
    const right = after === undefined ? "" : `, right after ${quote(after, 120)},`;
    const lead = (from === "archival" ? `${who} ${on}` : `${on}${right} ${who}`).trim().replace(/,$/, "");
    return `${lead}${lead === "" ? "" : ": "}${quote(text, MOST_CHARACTERS)}`;
  });
  return parts.length === 0 ? "" : closed(parts.join("; "));
}
