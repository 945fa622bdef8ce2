import { reply, type Answer, type Call } from "./answer.ts";
import { again, isOwnSearchTalk, many, SEARCHES, tell } from "./lookup.ts";
import { readPage, type Hit } from "./search-page.ts";
import { capitalise, contentWords } from "./text.ts";
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
  const archival = search.name === "archival_memory_search";
  const where = archival ? "in archival memory" : "in our past conversations";
  if (hits.length === 0) return reply("There is nothing there, so I say so.", `I found nothing about that ${where}.`);
  const place =
    pages === 1 ? "" : ` This is page ${page} of ${pages}${page < pages ? "; say “next page” for more" : ""}.`;
  const found = `I found ${many(total, archival ? "passage" : "message")} ${where}.${place}`;
  return reply("I tell what is on this page.", `${found} ${capitalise(quotes(hits, text(search.args, "query")))}.`);
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
  if (last.status === "OK" && page < pages && page < MAX_PAGES && made.length < MAX_PAGES) {
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
  const found = `I found ${many(total, noun)} ${where}, on ${many(pages, "page")}.`;
  return reply(
    "I have read every page and tell what I found.",
    `${found} ${capitalise(quotes(hits, text(last.args, "query")))}.`,
  );
}

function quotes(hits: readonly Hit[], query: string): string {
  const told = hits.filter((hit) => !isOwnSearchTalk(hit));
  const chosen = told.length > 0 ? told : hits;
  const shown = chosen.slice(0, MAX_QUOTES).map((hit) => tell(hit, query, 160));
  const rest = chosen.length - shown.length;
  return shown.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

/** Words to search for, with quoted phrases kept as phrases. */
export function queryOf(topic: string): string {
  const phrase = /"[^"]{1,100}"/.exec(topic)?.[0];
  const rest = contentWords(phrase === undefined ? topic : topic.replace(phrase, " "))
    .filter(
      (word) =>
        !/^(?:messages?|passages?|entry|entries|notes?|documents?|results?|items?|pages?|history|related|contents?)$/.test(
          word,
        ),
    )
    .slice(0, 12);
  return [...(phrase === undefined ? [] : [phrase]), ...rest].join(" ");
}
