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
  /** Who is quoted: the person, a fact of core memory, a passage, or, by what introduces them, another block or speaker. */
  readonly from: "person" | "core" | "archival" | { readonly lead: string };
  readonly day: Day | undefined;
  /** Sorts by time. */
  readonly when: string;
  readonly text: string;
  /** What was said right before, where the text refers to that. */
  readonly after?: string | undefined;
};

/** What core memory holds of the person and in blocks of other subjects, line by line. */
export function coreQuotes({ human, otherBlocks }: View): Quote[] {
  const undated = { day: undefined, when: "" };
  const core = linesOf(human).map((text) => noted(text) ?? { from: "core" as const, ...undated, text });
  const says = (label: string): Quote["from"] => ({ lead: `the block "${label}" says` });
  const others = otherBlocks.flatMap((it) => linesOf(it).map((text) => ({ from: says(it.label), ...undated, text })));
  return [...core, ...others];
}

/** What a search found that is a statement or a passage: neither questions, nor requests, nor the model's own words. */
export function foundQuotes({ status, output }: Done): Quote[] {
  return status === "Failed" ? [] : readPage(output).items.flatMap(quotesOf);
}

/** A search return, read. `page` counts from 1, as the header does. */
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

/** A line in the person's own words; within its day it sorts last, since it has no hour. */
function noted(line: string): Quote | undefined {
  const quoted = readQuoted(line);
  return quoted && { from: "person", day: quoted.day, when: `${quoted.day} ~`, text: quoted.said, after: quoted.after };
}

/** A quote, and how well it answers with what it refers to. */
export type Evidence = Quote & Fit;

/** Each thing said once a day, with its hour and with what it refers to where one of several knows that, and how well it answers. */
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

/** Of many, those that fit best and the newest one, in the order of time. */
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
