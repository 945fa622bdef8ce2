import { call, type Answer, type Call } from "./answer.ts";
import { pastIn, type Past } from "./dates.ts";
import { coreQuotes, distinct, fitOf, foundQuotes, pickQuotes, tell, type Quote } from "./evidence.ts";
import { readPage } from "./search-page.ts";
import { isIdentifier } from "./text.ts";
import { isWhole, otherWords, queryOf, referencesIn, topicOf, type Topic } from "./topic.ts";
import { text, type Done, type View } from "./view.ts";

const MOST_PAGES = 3;
const MOST_QUOTES = 4;
const MOST_NEAR = 3;
const MOST_LINKS = 25;

/** A question and what has been found for it so far. */
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
  const topic = topicOf(question, past);
  const made = view.calls.filter((done) => isSearch(done) && !done.alerted);
  const all = distinct([...made.flatMap(foundQuotes), ...coreQuotes(view)]);
  const sure = all.filter((quote) => fitOf(topic, quote) === "sure");
  const near = all.filter((quote) => fitOf(topic, quote) === "near");
  const search = { question, topic, past, made, near, sure: [...sure, ...referred(topic, sure, all)] };
  return nextSearch(search, view) ?? answer(search);
}

/** What is said of somebody whom a sure quote names, and answers the rest of the question: the age of Leo, who is the son. */
function referred(topic: Topic, sure: readonly Quote[], all: readonly Quote[]): Quote[] {
  const names = topic.weak.length === 0 ? [] : sure.flatMap((quote) => referencesIn(`: ${quote.text}`));
  return all.filter((quote) => {
    const whole = `${quote.after ?? ""} ${quote.text}`;
    return (
      !sure.includes(quote) &&
      quote.from !== "core" &&
      isWhole(topic, whole) &&
      names.some((name) => whole.includes(name))
    );
  });
}

function nextSearch(search: Search, view: View): Answer | undefined {
  const { made, sure, past, topic } = search;
  const last = made.at(-1);
  const isByDate = last?.name === "conversation_search_date";
  if (last !== undefined) {
    // By what was asked, not by what the header says: one that lies must not keep this going.
    const { page, pages } = readPage(last.output);
    const isNext = last.status === "OK" && page === pageOf(last) + 1 && page < Math.min(pages, MOST_PAGES);
    if (isNext && (isByDate || sure.length === 0))
      return { thought: "This page does not settle it, so I turn to the next.", calls: [onPage(last, page)] };
    if (isByDate && foundQuotes(last).length > 0) return undefined;
  }
  const plain = queryOf(topic);
  const dated = past === undefined || plain === "" ? plain : `${plain} ${past.said}`;
  const attempts = [
    ...(past === undefined || topic.strong.length > 0
      ? []
      : [call("conversation_search_date", { start_date: past.from, end_date: past.to })]),
    ...["conversation_search", "archival_memory_search"].map((name) => call(name, { query: dated })),
    call("conversation_search", { query: otherWords(topic) }),
  ].filter(({ name, args }) => args["query"] !== "" && view.can(name));
  const at = attempts.findLastIndex((attempt) => last !== undefined && isSame(last, attempt));
  // Only forward from the last one: those before it may have left the queue, and would be made again without end.
  const next = last === undefined || (at >= 0 && sure.length === 0) ? attempts[at + 1] : undefined;
  if (next !== undefined) return { thought: THOUGHTS[next.name] ?? "I search for this.", calls: [next] };
  return follow(search, view, at < 0);
}

const THOUGHTS: Readonly<Record<string, string>> = {
  conversation_search: "I search our past conversations for this.",
  conversation_search_date: "I look at what was said in those days.",
  archival_memory_search: "Our conversations do not settle it, so I search archival memory.",
};

/** One more search, for what the last result refers to: the next identifier of a chain, or somebody it names. */
function follow({ question, topic, made, sure }: Search, view: View, isOnTheWay: boolean): Answer | undefined {
  const asked = new Set(made.map(queryWords));
  const last = made.at(-1);
  if (last === undefined || made.length > MOST_LINKS) return undefined;
  if (isIdentifier(queryWords(last))) {
    const [next] = foundQuotes(last).flatMap(({ text: said }) => {
      return referencesIn(afterwards(said, queryWords(last))).filter(
        (id) => isIdentifier(id) && !asked.has(id.toLowerCase()),
      );
    });
    const args = { query: `"${next ?? ""}"` };
    const calls = [call("archival_memory_search", args)];
    return next === undefined || !view.can("archival_memory_search")
      ? undefined
      : { thought: "This refers to another one, so I follow it.", calls };
  }
  const name = sure.flatMap(({ text: said }) => referencesIn(said)).find((found) => !question.includes(found));
  const isAnswered = sure.some(({ text: said, after = "" }) => isWhole(topic, `${after} ${said}`));
  if (isOnTheWay || isAnswered || name === undefined || !view.can("conversation_search")) return undefined;
  return {
    thought: "This names somebody, so I look for more under that name.",
    calls: [call("conversation_search", { query: name })],
  };
}

function answer({ question, topic, past, made, sure, near }: Search): string {
  if (past !== undefined && topic.strong.length === 0) return answerOfDays(past, made);
  const chain = distinct(
    made.flatMap((search) =>
      foundQuotes(search).filter(
        ({ text: said }) => afterwards(said, queryWords(search)).length > 1 && isIdentifier(queryWords(search)),
      ),
    ),
  );
  const end = chain.at(-1);
  if (end !== undefined && chain.length > 1)
    return `I followed ${chain.length} passages, each of which names the next. The last: ${lower(tell([end]))}`;
  const facts = sure.filter(({ from }) => from === "core").slice(0, 6);
  const said = pickQuotes(
    sure.filter(({ from }) => from !== "core"),
    topic,
    MOST_QUOTES,
  );
  if (sure.length > 0) return `${count(question, made)}${tell([...facts, ...said], topic)}`;
  if (made.length > 0 && made.every(({ status }) => status === "Failed"))
    return "I tried to search my memory, but the search failed. Please ask me again.";
  if (near.length > 0)
    return `I found no clear answer to that. The nearest things I have: ${lower(tell(pickQuotes(near, topic, MOST_NEAR), topic))}`;
  const places = [
    "core memory",
    ...(made.some(({ name }) => name.startsWith("conv")) ? ["our past conversations"] : []),
    ...(made.some(({ name }) => name.startsWith("arch")) ? ["archival memory"] : []),
  ];
  return `I found nothing you told me about that. I looked in ${places.join(", ").replace(/, ([^,]+)$/, " and $1")}.`;
}

function answerOfDays({ said }: Past, made: readonly Done[]): string {
  const quotes = distinct(made.flatMap(foundQuotes)).toSorted((a, b) => (a.when < b.when ? -1 : 1));
  return quotes.length === 0 ? `I found nothing you told me then (${said}).` : tell(quotes.slice(0, 6));
}

const OF_TALK =
  /\b(?:talk|talked|speak|spoke|chat|chatted|mention|mentioned|discuss|discussed|how often|how many times)\b/i;

/** How many messages a search for talk about something found. */
function count(question: string, made: readonly Done[]): string {
  const search = made.find(({ name }) => name === "conversation_search");
  if (search === undefined || !OF_TALK.test(question)) return "";
  const { total } = readPage(search.output);
  return `A search for ${text(search.args, "query")} finds ${total} message${total === 1 ? "" : "s"}, mine included. `;
}

/** The same search on another page; the argument counts pages from 0, the header from 1. */
export function onPage(search: Done, page: number): Call {
  const kept = Object.entries(search.args).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return call(search.name, { ...Object.fromEntries(kept), page });
}

function pageOf({ args }: Done): number {
  return typeof args["page"] === "number" ? args["page"] : 0;
}

function isSame({ name, args }: Done, { name: other, args: wanted }: Call): boolean {
  return name === other && ["query", "start_date", "end_date"].every((key) => args[key] === wanted[key]);
}

function queryWords({ args }: Done): string {
  return text(args, "query")
    .replace(/^"(.*)"$/, "$1")
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
