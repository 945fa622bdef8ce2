import { call, reply, type Answer } from "./answer.ts";
import { foundQuotes, tell } from "./evidence.ts";
import { isSearch, onPage } from "./lookup.ts";
import type { Request } from "./requests.ts";
import { readPage } from "./search-page.ts";
import { cut } from "./text.ts";
import { queryOf, topicOf } from "./topic.ts";
import type { View } from "./view.ts";

const LABELS =
  /\b(?:messages?|passages?|entry|entries|notes?|documents?|results?|items?|pages?|history|related|contents?|and page through|to the end)\b/gi;
const MOST_PAGES = 20;
const MOST_QUOTES = 40;
/** With nothing in particular to look for: words that most texts contain. */
const ANYTHING = "the a of and to in is";

/** A search that was asked for, read to its end, and then what it found. */
export function listFound({ query, isArchival }: Extract<Request, { type: "list" }>, view: View): Answer {
  const name = isArchival ? "archival_memory_search" : "conversation_search";
  const made = view.calls.filter(isSearch);
  const last = made.at(-1);
  if (last === undefined) {
    const plain = queryOf(topicOf(query.replace(LABELS, " "), undefined));
    return { thought: "I search for it as asked.", calls: [call(name, { query: plain === "" ? ANYTHING : plain })] };
  }
  const { page, pages, total } = readPage(last.output);
  if (last.status === "OK" && page < pages && made.length < MOST_PAGES)
    return { thought: "There are more pages, so I go on to the next one.", calls: [onPage(last, page)] };
  const where = isArchival ? "in archival memory" : "in our past conversations, mine included";
  const quotes = made.flatMap(foundQuotes).map((quote) => ({ ...quote, text: cut(quote.text, 160) }));
  const rest = quotes.length > MOST_QUOTES ? ` And ${quotes.length - MOST_QUOTES} more.` : "";
  if (last.status === "Failed")
    return reply("The search failed, so I say so.", "The search failed. Please ask me again.");
  if (total === 0)
    return reply("There is nothing there, so I say so.", `I found nothing about that ${where.replace(/,.*/, "")}.`);
  const noun = `${isArchival ? "passage" : "message"}${total === 1 ? "" : "s"}`;
  const read = `I found ${total} ${noun} ${where}, and read ${made.length} of ${pages} page${pages === 1 ? "" : "s"}.`;
  return reply("I have read what there is and tell it.", `${read} ${tell(quotes.slice(0, MOST_QUOTES))}${rest}`.trim());
}
