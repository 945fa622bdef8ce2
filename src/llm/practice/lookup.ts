import { call, type Answer, type Call } from "./answer.ts";
import { WHEN } from "../../time/words.ts";
import { coreQuotes, foundQuotes, pickQuotes, readPage, tell, weigh, type Evidence, type Quote } from "./evidence.ts";
import { capitalise, cut, isIdentifier, words } from "./text.ts";
import { queryOf, referencesIn, topicOf, type Topic } from "./topic.ts";
import { textIn } from "../../schema/message-fields.ts";
import type { Done, View } from "./view.ts";

const MOST_PAGES = 3;
const MOST_QUOTES = 4;
const MOST_FACTS = 6;
const MOST_NEAR = 3;
const MOST_LINKS = 25;
const MOST_LISTED = 40;
const MOST_LISTED_PAGES = 20;
/** Words that most texts contain, for a search for nothing in particular. */
const ANYTHING = "the a of and to in is";

/** A question and what was found for it so far. `near`: quotes that touch on it, or else all that the searches returned. */
type Search = {
  readonly question: string;
  readonly topic: Topic;
  readonly made: readonly Done[];
  readonly sure: readonly Evidence[];
  readonly near: readonly Evidence[];
};

export function isSearch({ name }: Pick<Done, "name">): boolean {
  return name.includes("_search");
}

/** The next search that a question needs, or the answer from what was found, in quotes with their dates. */
export function lookUp(question: string, view: View): Answer | string {
  const topic = topicOf(question.replace(WHEN, " "));
  const made = view.calls.filter((done) => isSearch(done) && !done.alerted);
  const found = weigh(made.flatMap(foundQuotes), topic);
  const all = weigh([...made.flatMap(foundQuotes), ...coreQuotes(view)], topic);
  const direct = all.filter(({ isSure }) => isSure);
  // A question with nothing but a date is answered with what was said then.
  const sure = topic.strong.length === 0 ? found : [...direct, ...referred(topic, direct, all)];
  // Unfiltered search results count as near only if no quote shares a topic word.
  const touching = all.filter(({ isNear }) => isNear);
  const search = { question, topic, made, sure, near: touching.length > 0 ? touching : found };
  return nextSearch(search, view) ?? answer(search);
}

/** Quotes about somebody named in a sure quote that answer the rest of the question: the age of Leo, who is the son. */
function referred(topic: Topic, sure: readonly Evidence[], all: readonly Evidence[]): Evidence[] {
  if (topic.weak.length === 0) return [];
  const names = sure.flatMap((quote) => referencesIn(`: ${quote.text}`));
  const others = all.filter((quote) => quote.isWhole && quote.from !== "core" && !quote.isSure);
  return others.filter(({ after = "", text: said }) => names.some((name) => `${after} ${said}`.includes(name)));
}

function nextSearch(search: Search, view: View): Answer | undefined {
  const { made, sure } = search;
  const last = made.at(-1);
  if (last !== undefined && sure.length === 0) {
    // Compares with the page asked for, so that a wrong header cannot keep this going.
    const { page, pages } = readPage(last.output);
    if (last.status === "OK" && page === (Number(last.args["page"]) || 0) + 1 && page < Math.min(pages, MOST_PAGES))
      return { thought: "This page does not settle it, so I turn to the next.", calls: [onPage(last, page)] };
  }
  const attempts = searchesFor(search).filter(({ name }) => view.can(name));
  const at = attempts.findIndex(({ name }) => name === last?.name);
  // Only moves forward from the last search: earlier ones may have left the queue and would be repeated without end.
  const isOnTheWay = last === undefined || (at >= 0 && sure.length === 0);
  const next = isOnTheWay ? attempts[at + 1] : undefined;
  if (next === undefined) return follow(search, view);
  return { thought: `I look for this in ${placeOf(next)}.`, calls: [next] };
}

function placeOf({ name }: Pick<Done, "name">): string {
  return name === "archival_memory_search" ? "archival memory" : "our past conversations";
}

/** The searches for a question in its own words, including dates, in both storages. */
function searchesFor({ question, topic }: Search): Call[] {
  const own = queryOf(topic);
  const asked = [own, ...(question.match(WHEN) ?? [])].join(" ").trim();
  if (asked === "") return [];
  const query = own.startsWith('"') ? own : `${asked}?`;
  return ["conversation_search", "archival_memory_search"].map((name) => call(name, { query }));
}

/** Follows a chain of identifiers: searches for the next one that the found passages name after the last. */
function follow({ made }: Search, view: View): Answer | undefined {
  const [last, asked] = [made.at(-1), made.map(queryWords)];
  const word = asked.at(-1) ?? "";
  if (last === undefined || !isIdentifier(word) || made.length > MOST_LINKS) return undefined;
  const ids = foundQuotes(last).flatMap(({ text: said }) => words(textAfter(said, word)).filter(isIdentifier));
  const next = ids.find((id) => !asked.includes(id.toLowerCase()));
  if (next === undefined || !view.can("archival_memory_search")) return undefined;
  const calls = [call("archival_memory_search", { query: `"${next}"` })];
  return { thought: "This refers to another one, so I follow it.", calls };
}

function answer({ made, sure, near }: Search): string {
  const links = made.filter((search) => isIdentifier(queryWords(search)));
  const end = links.flatMap(foundQuotes).at(-1);
  if (end !== undefined && links.length > 1)
    return `I followed ${links.length} identifiers, each of which refers to the next. The last thing I found: ${tell([end])}`;
  if (sure.length > 0) {
    const isFact = ({ from }: Quote): boolean => from === "core";
    const said = sure.filter((quote) => !isFact(quote));
    return capitalise(tell([...sure.filter(isFact).slice(0, MOST_FACTS), ...pickQuotes(said, MOST_QUOTES)]));
  }
  if (near.length > 0)
    return `I found no clear answer to that. The nearest things I have: ${tell(pickQuotes(near, MOST_NEAR))}`;
  return nothingIn(made);
}

function nothingIn(made: readonly Done[]): string {
  if (made.length > 0 && made.every(({ status }) => status === "Failed"))
    return "I tried to search my memory, but the search failed. Please ask me again.";
  const places = new Set(["core memory", ...made.map(placeOf)]);
  return `I found nothing you told me about that. I looked in ${[...places].join(", ").replace(/, ([^,]+)$/, " and $1")}.`;
}

/** Reads a search of archival memory to its end, page by page, then lists what it found. */
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
  return `I found ${total} passage${total === 1 ? "" : "s"} in archival memory (pages read: ${made.length} of ${pages}): ${tell(quotes.slice(0, MOST_LISTED))}`;
}

/** The same search on another page; the argument counts pages from 0, the header from 1. */
function onPage({ name, args }: Done, page: number): Call {
  const kept = Object.entries(args).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return call(name, { ...Object.fromEntries(kept), page });
}

function queryWords({ args }: Done): string {
  return textIn(args, "query")
    .replace(/^"|["?]$/g, "")
    .toLowerCase();
}

/** The text after the first occurrence of a word; empty without one. */
function textAfter(said: string, word: string): string {
  const at = said.toLowerCase().indexOf(word);
  return at < 0 ? "" : said.slice(at + word.length).trim();
}
