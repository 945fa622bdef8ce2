import { call, type Answer, type Call } from "./answer.ts";
import { pastIn, type Past } from "./dates.ts";
import { coreQuotes, distinct, fitOf, foundQuotes, pickQuotes, tell, type Quote } from "./evidence.ts";
import { readPage } from "./search-page.ts";
import { cut, isIdentifier } from "./text.ts";
import { queryOf, referencesIn, topicOf, type Topic } from "./topic.ts";
import { text, type Done, type View } from "./view.ts";

const MOST_PAGES = 3;
const MOST_QUOTES = 4;
const MOST_FACTS = 6;
const MOST_NEAR = 3;
const MOST_LINKS = 25;
const MOST_LISTED = 40;
const MOST_LISTED_PAGES = 20;
/** With nothing in particular to look for: words that most texts contain. */
const ANYTHING = "the a of and to in is";

/** A question and what has been found for it so far. `near` is what touches on it, and what a search took for an answer. */
type Search = {
  readonly question: string;
  readonly topic: Topic;
  readonly past: Past | undefined;
  readonly made: readonly Done[];
  readonly sure: readonly Quote[];
  readonly near: readonly Quote[];
};

export function isSearch({ name }: Pick<Done, "name">): boolean {
  return name.includes("_search");
}

/** The next search that a question needs, or the answer from what was found, in quotes with their dates. */
export function lookUp(question: string, view: View): Answer | string {
  const past = pastIn(question);
  const topic = topicOf(past === undefined ? question : question.replace(past.said, " "));
  const made = view.calls.filter((done) => isSearch(done) && !done.alerted);
  const [found, core] = [made.flatMap(foundQuotes), coreQuotes(view)];
  const all = distinct([...found, ...core]);
  const direct = all.filter((quote) => fitOf(topic, quote).isSure);
  const sure = [...direct, ...referred(topic, direct, all)];
  // What a search took for an answer is nearest only where nothing shares a word that counts.
  const touching = all.filter((quote) => fitOf(topic, quote).isNear);
  const near = touching.length > 0 ? touching : distinct(found);
  const search = { question, topic, past, made, sure, near };
  return nextSearch(search, view) ?? answer(search);
}

/** What is said of somebody whom a sure quote names, and answers the rest of the question: the age of Leo, who is the son. */
function referred(topic: Topic, sure: readonly Quote[], all: readonly Quote[]): Quote[] {
  if (topic.weak.length === 0) return [];
  const names = sure.flatMap((quote) => referencesIn(`: ${quote.text}`));
  const others = all.filter((quote) => quote.from !== "core" && !sure.includes(quote));
  return others.filter((quote) => {
    return fitOf(topic, quote).isWhole && names.some((name) => `${quote.after ?? ""} ${quote.text}`.includes(name));
  });
}

function nextSearch(search: Search, view: View): Answer | undefined {
  const { made, sure, past, topic } = search;
  const last = made.at(-1);
  if (last !== undefined) {
    // By what was asked, not by what the header says: one that lies must not keep this going.
    const { page, pages } = readPage(last.output);
    const isNext = last.status === "OK" && page === pageOf(last) + 1 && page < Math.min(pages, MOST_PAGES);
    if (isNext && sure.length === 0)
      return { thought: "This page does not settle it, so I turn to the next.", calls: [onPage(last, page)] };
  }
  const attempts = searchesFor(topic, past).filter(({ name }) => view.can(name));
  const at = attempts.findIndex(({ name }) => name === last?.name);
  // Only forward from the last one: those before it may have left the queue, and would be made again without end.
  const isOnTheWay = last === undefined || (at >= 0 && sure.length === 0);
  const next = isOnTheWay ? attempts[at + 1] : undefined;
  if (next === undefined) return follow(search, view);
  return { thought: `I look for this in ${placeOf(next)}.`, calls: [next] };
}

function placeOf({ name }: Pick<Done, "name">): string {
  return name === "archival_memory_search" ? "archival memory" : "our past conversations";
}

/** What is asked of some days alone is looked up by date, all else in its own words in both kinds of storage. */
function searchesFor(topic: Topic, past: Past | undefined): Call[] {
  const words = queryOf(topic);
  if (words === "")
    return past === undefined ? [] : [call("conversation_search_date", { start_date: past.from, end_date: past.to })];
  const query = words.startsWith('"') ? words : `${[words, past?.said ?? ""].join(" ").trim()}?`;
  return ["conversation_search", "archival_memory_search"].map((name) => call(name, { query }));
}

/** One more search, for what the last result refers to: the next identifier of a chain, or somebody it names. */
function follow({ question, topic, made, sure }: Search, view: View): Answer | undefined {
  const last = made.at(-1);
  if (last === undefined || made.length > MOST_LINKS) return undefined;
  const asked = new Set(made.map(queryWords));
  if (isIdentifier(queryWords(last))) {
    const ids = foundQuotes(last).flatMap(({ text: said }) => referencesIn(afterwards(said, queryWords(last))));
    const next = ids.find((id) => isIdentifier(id) && !asked.has(id.toLowerCase()));
    if (next === undefined || !view.can("archival_memory_search")) return undefined;
    const calls = [call("archival_memory_search", { query: `"${next}"` })];
    return { thought: "This refers to another one, so I follow it.", calls };
  }
  const names = sure.flatMap(({ text: said }) => referencesIn(said));
  const name = names.find((found) => !question.includes(found) && !asked.has(found.toLowerCase()));
  const isAnswered = sure.some((quote) => fitOf(topic, quote).isWhole);
  if (isAnswered || name === undefined || !view.can("conversation_search")) return undefined;
  const calls = [call("conversation_search", { query: name })];
  return { thought: "This names somebody, so I look for more under that name.", calls };
}

function answer({ topic, past, made, sure, near }: Search): string {
  if (past !== undefined && topic.strong.length === 0) {
    const then = pickQuotes(distinct(made.flatMap(foundQuotes)), topic, MOST_FACTS);
    return then.length === 0 ? `I found nothing you told me then (${past.said}).` : tell(then);
  }
  const links = made.filter((search) => isIdentifier(queryWords(search)));
  const chain = links.flatMap((link) =>
    foundQuotes(link).filter(({ text: said }) => afterwards(said, queryWords(link)).length > 1),
  );
  const end = chain.at(-1);
  if (end !== undefined && links.length > 1 && chain.length > 1)
    return `I followed ${chain.length} passages, each of which names the next. The last: ${lower(tell([end]))}`;
  if (sure.length > 0) {
    const isFact = ({ from }: Quote): boolean => from === "core";
    const said = sure.filter((quote) => !isFact(quote));
    const told = [...sure.filter(isFact).slice(0, MOST_FACTS), ...pickQuotes(said, topic, MOST_QUOTES)];
    return tell(told, topic);
  }
  if (near.length > 0) {
    const nearest = lower(tell(pickQuotes(near, topic, MOST_NEAR), topic));
    return `I found no clear answer to that. The nearest things I have: ${nearest}`;
  }
  return nothingIn(made);
}

function nothingIn(made: readonly Done[]): string {
  if (made.length > 0 && made.every(({ status }) => status === "Failed"))
    return "I tried to search my memory, but the search failed. Please ask me again.";
  const places = new Set(["core memory", ...made.map(placeOf)]);
  return `I found nothing you told me about that. I looked in ${[...places].join(", ").replace(/, ([^,]+)$/, " and $1")}.`;
}

/** What archival memory holds about a topic: a search read to its end, and then what it found. */
export function listArchive(topic: string, view: View): Answer | string {
  const made = view.calls.filter(isSearch);
  const last = made.at(-1);
  const query = queryOf(topicOf(topic)) || ANYTHING;
  if (last === undefined)
    return { thought: "I search for it as asked.", calls: [call("archival_memory_search", { query })] };
  const { page, pages, total } = readPage(last.output);
  if (last.status === "OK" && page < pages && made.length < MOST_LISTED_PAGES)
    return { thought: "There are more pages, so I go on to the next one.", calls: [onPage(last, page)] };
  const quotes = made.flatMap(foundQuotes).map((quote) => ({ ...quote, text: cut(quote.text, 160) }));
  if (quotes.length === 0) return nothingIn(made);
  const read = `page${pages === 1 ? "" : "s"} read: ${made.length} of ${pages}`;
  return `I found ${total} passage${total === 1 ? "" : "s"} in archival memory (${read}). ${tell(quotes.slice(0, MOST_LISTED))}`;
}

/** The same search on another page; the argument counts pages from 0, the header from 1. */
function onPage({ name, args }: Done, page: number): Call {
  const kept = Object.entries(args).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return call(name, { ...Object.fromEntries(kept), page });
}

function pageOf({ args }: Done): number {
  return typeof args["page"] === "number" ? args["page"] : 0;
}

function queryWords({ args }: Done): string {
  return text(args, "query")
    .replace(/^"|["?]$/g, "")
    .toLowerCase();
}

/** What stands in a text after a word. */
function afterwards(said: string, word: string): string {
  const at = said.toLowerCase().indexOf(word);
  return at < 0 ? "" : said.slice(at + word.length).trim();
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
