import { longDay, type Day } from "./dates.ts";
import { statementsOf } from "./message.ts";
import { readQuoted } from "./notes.ts";
import { readRequest } from "./requests.ts";
import { readPage, type Hit } from "./search-page.ts";
import { capitalise, closed, cut, quote, sentences, words } from "./text.ts";
import { fit, type Fit, type Topic } from "./topic.ts";
import { linesOf, type Done, type View } from "./view.ts";

/** Something said or noted that may answer a question. */
export type Quote = {
  /** Who is quoted: the person, a fact of core memory, a passage, or somebody whom a line of a transcript names. */
  readonly from: "person" | "core" | "archival" | { readonly name: string };
  readonly day: Day | undefined;
  /** Sorts by time. */
  readonly when: string;
  readonly text: string;
  /** What was said right before, where the text refers to that. */
  readonly after?: string | undefined;
};

/** What core memory holds of the person, line by line. */
export function coreQuotes(view: View): Quote[] {
  return linesOf(view).map((line) => noted(line) ?? { from: "core", day: undefined, when: "", text: line });
}

/** What a search found that is a statement or a passage: neither questions, nor requests, nor the model's own words. */
export function foundQuotes({ status, output }: Done): Quote[] {
  return status === "Failed" ? [] : readPage(output).hits.flatMap(quotesOf);
}

function quotesOf({ speaker, day, when, text }: Hit): Quote[] {
  if (speaker === null) {
    const lines = text.split("\n").flatMap((line) => noted(line) ?? []);
    return lines.length > 0 ? lines : [{ from: "archival", day, when, text }];
  }
  if (/^(?:assistant|system|function)$/.test(speaker) || readRequest(text) !== undefined) return [];
  const from = speaker === "user" ? "person" : { name: speaker };
  return statementsOf(text).map((said) => ({ from, day, when, text: said }));
}

/** A line in the person's own words; within its day it sorts last, since it has no hour. */
function noted(line: string): Quote | undefined {
  const quoted = readQuoted(line);
  return quoted && { from: "person", day: quoted.day, when: `${quoted.day} ~`, text: quoted.said, after: quoted.after };
}

/** How well a quote answers, with what it refers to. */
export function fitOf(topic: Topic, { text, after = "" }: Quote): Fit {
  return fit(topic, `${after} ${text}`.trim());
}

/** Each thing said once a day, with its hour and with what it refers to where one of several knows that. */
export function distinct(quotes: readonly Quote[]): Quote[] {
  const kept = new Map<string, Quote>();
  for (const quote of quotes) {
    const key = `${quote.day ?? ""} ${words(quote.text).join(" ").toLowerCase()}`;
    const same = kept.get(key);
    const when = same?.when.endsWith("~") === false ? same.when : quote.when;
    kept.set(key, { ...quote, when, after: same?.after ?? quote.after });
  }
  return [...kept.values()];
}

/** Of many, those that fit best and the newest one, in the order of time. */
export function pickQuotes(quotes: readonly Quote[], topic: Topic, most: number): Quote[] {
  const ordered = quotes.toSorted((a, b) => (a.when < b.when ? -1 : a.when > b.when ? 1 : 0));
  const newest = ordered.at(-1);
  const others = quotes.filter((quote) => quote !== newest);
  const best = others.toSorted((a, b) => fitOf(topic, b).score - fitOf(topic, a).score);
  const chosen = new Set([...best.slice(0, most - 1), newest]);
  return ordered.filter((quote) => chosen.has(quote));
}

/** Quotes with their dates: `On 12 May 2026 you told me: "…"; on 29 November 2026: "…".` */
export function tell(quotes: readonly Quote[], topic?: Topic): string {
  const parts = quotes.map(({ from, day = "", text, after }, index) => {
    const isSame = index > 0 && typeof from === "string" && quotes[index - 1]?.from === from;
    const who = isSame ? "" : whoSays(from);
    const on = day === "" ? "" : from === "archival" ? `(saved on ${longDay(day)})` : `on ${longDay(day)}`;
    const right = after === undefined ? "" : `, right after ${quote(after, 120)}`;
    const lead = (from === "archival" ? `${who} ${on}` : `${on}${right}${right === "" ? "" : ","} ${who}`).trim();
    return `${lead}${lead === "" ? "" : ": "}${quote(excerpt(text, topic))}`;
  });
  return parts.length === 0 ? "" : closed(capitalise(parts.join("; ")));
}

function whoSays(from: Quote["from"]): string {
  if (typeof from !== "string") return `${from.name} said`;
  return { person: "you told me", core: "core memory says", archival: "archival memory says" }[from];
}

const LONG = 300;

/** The part of a long text that has most of the words asked for. */
function excerpt(text: string, topic: Topic | undefined): string {
  if (text.length <= LONG || topic === undefined) return text;
  const parts = sentences(text);
  const scores = parts.map((part) => fit(topic, part).score);
  const at = scores.indexOf(Math.max(...scores));
  return cut(parts.slice(at, at + 2).join(" "), LONG);
}
