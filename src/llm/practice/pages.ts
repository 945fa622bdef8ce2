import { reply, type Answer, type Call } from "./answer.ts";
import { many, SEARCHES, tell } from "./lookup.ts";
import { readPage, type Hit } from "./search-page.ts";
import { contentWords } from "./text.ts";
import { ownCalls, text, type Done, type View } from "./view.ts";

const MAX_PAGES = 20;
const MAX_QUOTES = 40;

/** "Next page", "page 3": the last search once more, on another page. */
export function turnPage(asked: number | "next" | "previous", view: View): Answer {
  const done = ownCalls(view).findLast(({ name }) => SEARCHES.has(name));
  if (done !== undefined) return tellPage(done);
  const last = view.earlier.findLast(({ name, status }) => SEARCHES.has(name) && status !== "Failed");
  if (last === undefined || !view.can(last.name)) {
    return reply(
      "There is no search to go on with, so I ask what to look for.",
      "There is no search to continue yet. What shall I look for?",
    );
  }
  const { page, pages } = readPage(last.output);
  const wanted = asked === "next" ? page + 1 : asked === "previous" ? page - 1 : asked;
  if (wanted < 1 || wanted > pages) {
    const message =
      pages === 1
        ? "That was the only page."
        : `There is no page ${Math.max(0, wanted)}: the pages go from 1 to ${pages}.`;
    return reply("That page does not exist, so I say so.", message);
  }
  return { thought: "I turn to the page that was asked for.", calls: [again(last, wanted)] };
}

function tellPage(search: Done): Answer {
  const { total, page, pages, hits } = readPage(search.output);
  if (hits.length === 0) return reply("The page is empty, so I say so.", "There are no more results.");
  return reply(
    "I tell what is on this page.",
    `Page ${page} of ${pages}, ${many(total, "result")} in all: ${quotes(hits, text(search.args, "query"))}.`,
  );
}

/** Reads one search to its last page, then tells all of it. `first` is the search to begin with. */
export function readAll(first: Call, view: View, fallback?: Call): Answer {
  const made = ownCalls(view).filter(({ name }) => SEARCHES.has(name));
  const last = made.at(-1);
  if (last === undefined) {
    if (view.can(first.name)) return { thought: "I look at everything there is about this.", calls: [first] };
    return reply("I cannot search here, so I say so.", "I have no way to search that right now.");
  }
  const { page, pages, total } = readPage(last.output);
  if (last.status === "OK" && page < pages && page < MAX_PAGES) {
    return { thought: "There are more pages, so I go on to the next one.", calls: [again(last, page + 1)] };
  }
  if (
    total === 0 &&
    fallback !== undefined &&
    view.can(fallback.name) &&
    !made.some(({ name }) => name === fallback.name)
  ) {
    return { thought: "There was nothing there, so I look in the other place.", calls: [fallback] };
  }
  const read = made.filter(({ name }) => name === last.name).map(({ output }) => readPage(output));
  const hits = read.flatMap((result) => result.hits);
  const where = last.name === "archival_memory_search" ? "in archival memory" : "in our past conversations";
  if (last.status === "Failed" || hits.length === 0) {
    return reply("The search gave nothing, so I say so.", `I found nothing about that ${where}.`);
  }
  const noun = last.name === "archival_memory_search" ? "passage" : "message";
  const short = total > hits.length ? ` Here are ${hits.length} of them` : "";
  const message = `I found ${many(total, noun)} ${where}, on ${many(pages, "page")}.${short}${short === "" ? " " : ": "}${quotes(hits, text(last.args, "query"))}.`;
  return reply("I have read every page and tell what I found.", message);
}

function quotes(hits: readonly Hit[], query: string): string {
  const shown = hits.slice(0, MAX_QUOTES).map((hit) => tell(hit, query, 160));
  const rest = hits.length - shown.length;
  return shown.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

/** The same search on another page; the argument counts pages from 0, the header from 1. */
function again(search: Done, page: number): Call {
  const kept = Object.entries(search.args).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value] as const] : [],
  );
  return { name: search.name, args: { ...Object.fromEntries(kept), page: page - 1, request_heartbeat: true } };
}

/** Words to search for, with quoted phrases kept as phrases. */
export function queryOf(topic: string): string {
  const phrase = /"[^"]{1,100}"/.exec(topic)?.[0];
  const rest = contentWords(phrase === undefined ? topic : topic.replace(phrase, " ")).slice(0, 12);
  return [...(phrase === undefined ? [] : [phrase]), ...rest].join(" ");
}
