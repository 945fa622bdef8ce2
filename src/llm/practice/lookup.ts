import type { Answer, Call } from "./answer.ts";
import { isoDay, longDay, pastRange, type DayRange } from "./dates.ts";
import { askedKey } from "./nested.ts";
import { readRequest } from "./requests.ts";
import { readPage, type Hit, type SearchPage } from "./search-page.ts";
import { readSpeech } from "./speech.ts";
import { telling as substance } from "./substance.ts";
import { capitalise, contentWords, isQuestion, quote, stem, stems, tidy, words } from "./text.ts";
import { ownCalls, type Done, type View } from "./view.ts";

/** A search that a question leads to, and what the model thinks while it makes it. */
type Attempt = { readonly call: Call; readonly thought: string };

export const SEARCHES: ReadonlySet<string> = new Set([
  "conversation_search",
  "conversation_search_date",
  "archival_memory_search",
]);

/** The searches a question asks for, in the order they are tried until one of them finds something. */
function attempts(question: string, view: View): Attempt[] {
  const range = rangeAsked(question, view);
  const words = contentWords(withoutTime(question, range)).slice(0, 12);
  const plain = words.join(" ");
  const exact = exactQuery(question);
  const found: Attempt[] = [];
  if (range !== undefined && (words.length === 0 || asksOfDay(question))) {
    const args = { start_date: isoDay(range.from), end_date: isoDay(range.to), request_heartbeat: true };
    found.push({ call: { name: "conversation_search_date", args }, thought: "I look at what was said in those days." });
  }
  const say = (name: string, query: string, thought: string): void => {
    if (query !== "") found.push({ call: { name, args: { query, request_heartbeat: true } }, thought });
  };
  if (exact !== undefined) say("conversation_search", exact, "I search our past conversations for these very words.");
  if (plain !== exact)
    say("conversation_search", plain, "Core memory does not hold this, so I search our past conversations.");
  say("archival_memory_search", plain, "Our conversations do not say it, so I search archival memory.");
  return found.filter(({ call }) => view.can(call.name));
}

/** A day may fill many pages of which the first few give a fair picture. */
const DATE_PAGES = 5;

/** The next search for a question; undefined when one has found something, or all were made. */
export function nextSearch(question: string, view: View): Answer | undefined {
  const made = ownCalls(view).filter(({ name }) => SEARCHES.has(name));
  const last = made.at(-1);
  if (last !== undefined) {
    const { page, pages } = readPage(last.output);
    const unread = page < pages && made.length < DATE_PAGES;
    const more = last.name === "conversation_search_date" && last.status === "OK" && unread;
    if (more) return { thought: "There is more from those days, so I read on.", calls: [again(last, page + 1)] };
    if (relevant(question, last).some(isAnswer)) return undefined;
    // By what was asked, not by what the header says: one that lies must not keep this going.
    const first = last.args["page"] === undefined;
    const further = last.name === "conversation_search" && last.status === "OK" && first && pages > 1;
    if (further)
      return { thought: "This page does not say it, so I turn to the next.", calls: [again(last, page + 1)] };
    if (made.some((search) => relevant(question, search).some((hit) => !isEcho(hit)))) return undefined;
  }
  // Only forward from the last one: those before it may have left the queue, and would be made again without end.
  const all = attempts(question, view);
  const next = all[all.findLastIndex(({ call }) => last !== undefined && same(last, call)) + 1];
  return next === undefined ? undefined : { thought: next.thought, calls: [next.call] };
}

/** Whether a result is a statement of the user's, or a passage. */
function isAnswer(hit: Hit): boolean {
  return hit.speaker !== "assistant" && !isEcho(hit) && !isQuestion(tidy(readSpeech(hit.text).text.slice(0, 400)));
}

/** Whether a result only tells of a passage that was put away, which archival memory itself has. */
function isEcho({ speaker, text }: Hit): boolean {
  if (speaker === "assistant") return text.includes("archival memory");
  return speaker === "user" && readRequest(readSpeech(text).text)?.type === "archive";
}

/** The same search on another page; the argument counts pages from 0, the header from 1. */
export function again(search: Done, page: number): Call {
  const kept = Object.entries(search.args).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { name: search.name, args: { ...Object.fromEntries(kept), page: page - 1, request_heartbeat: true } };
}

/** What the searches made for a question found, in words. */
export function tellFindings(question: string, view: View): string {
  const made = ownCalls(view).filter(({ name }) => SEARCHES.has(name));
  const last = made.findLast((search) => relevant(question, search).length > 0);
  if (last === undefined) return nothingFound(question, made, view);
  const byDate = last.name === "conversation_search_date";
  const archival = last.name === "archival_memory_search";
  const all = made.filter(({ name }) => name === last.name).flatMap((search) => relevant(question, search));
  const hits = byDate ? highlights(all) : best(question, all);
  const page = readPage(last.output);
  const range = rangeAsked(question, view);
  const when = byDate && range !== undefined ? ` from ${spell(range)}` : "";
  const own = page.hits.some((hit) => isSame(hit.text, question)) ? ", the question you just asked included" : "";
  const where = `in ${archival ? "archival memory" : "our past conversations"}`;
  // Of many results most share no more than a word with the question: their number says nothing.
  const telling = page.total <= MOST_COUNTED || /\bhow (?:many|often)\b/i.test(question) || byDate;
  const found = telling
    ? `I found ${many(page.total, archival ? "passage" : "message")}${when} ${where}${own}.`
    : `I looked ${where}.`;
  const intro = page.total > hits.length ? (byDate ? "For instance, " : "The closest: ") : "";
  return `${found} ${capitalise(`${intro}${hits.map((hit) => tell(hit, question)).join("; ")}`)}.`;
}

/** The one result that tells most about a question, after what core memory knew of it; empty if there is none. */
export function alsoFound(question: string, view: View): string {
  const wanted = stems(question);
  const tells = ({ speaker, text }: Hit): boolean =>
    speaker === "user" &&
    substance(readSpeech(text).text).some((sentence) => [...stems(sentence)].some((word) => wanted.has(word)));
  const made = ownCalls(view).filter(({ name }) => SEARCHES.has(name));
  const hit = made.flatMap((search) => best(question, relevant(question, search).filter(tells)))[0];
  return hit === undefined ? "" : `I also find this: ${tell(hit, question)}.`;
}

const MOST_COUNTED = 20;

/** One search result as a quotation with its date. */
export function tell(hit: Hit, question: string, length = 240): string {
  const on = hit.day === undefined ? "" : `on ${longDay(hit.day)} `;
  if (hit.speaker === "user") {
    const { speaker, text: words } = readSpeech(hit.text);
    return `${on}${speaker ?? "you"} said ${quote(excerpt(words, question, length), length)}`;
  }
  const who = hit.speaker === "assistant" ? "I said" : "I find";
  const said = hit.speaker === null ? (hit.day === undefined ? "it says" : "I saved") : who;
  return `${on}${said} ${quote(excerpt(hit.text, question, length), length)}`;
}

export function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function spell(range: DayRange): string {
  return range.from === range.to ? longDay(range.from) : `${longDay(range.from)} to ${longDay(range.to)}`;
}

/** The part of a long text that shares most words with the question. */
function excerpt(text: string, question: string, length: number): string {
  if (text.length <= length) return text;
  const wanted = stems(question);
  const parts = text.slice(0, 20_000).match(/[^.!?\n]+[.!?]*\s*/g) ?? [text];
  let bestAt = 0;
  let bestScore = -1;
  for (const [index, part] of parts.entries()) {
    const score = words(part).filter((word) => wanted.has(stem(word))).length;
    if (score > bestScore) [bestAt, bestScore] = [index, score];
  }
  return parts
    .slice(bestAt, bestAt + 3)
    .join("")
    .trim();
}

function nothingFound(question: string, made: readonly Done[], view: View): string {
  const range = rangeAsked(question, view);
  const failed = made.length > 0 && made.every(({ status }) => status === "Failed");
  if (failed) return "I tried to search my memory, but the search failed. Please ask me again.";
  const places = [
    ...new Set(
      made.map(({ name }) => (name === "archival_memory_search" ? "archival memory" : "our past conversations")),
    ),
  ];
  if (places.length === 0) return "I find nothing about that in my memory.";
  const topic = contentWords(withoutTime(question, range)).slice(0, 6).join(" ");
  const days =
    made.some(({ name }) => name === "conversation_search_date") && range !== undefined ? ` from ${spell(range)}` : "";
  const about = topic === "" ? "" : ` about ${quote(topic, 80)}`;
  return `I searched ${["core memory", ...places].join(", ").replace(/, ([^,]+)$/, " and $1")} and found nothing${about}${days}. If you tell me, I will remember it.`;
}

/** The best few results: what the user stated, where there is any, and what shares most words with the question first. */
function best(question: string, hits: readonly Hit[]): Hit[] {
  const wanted = stems(question);
  return distinct(telling(hits))
    .map((hit, index) => ({ hit, index, score: overlap(hit, wanted) }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ hit }) => hit)
    .slice(0, 3);
}

/** What stands out of some days: statements of some substance, in their order. */
function highlights(hits: readonly Hit[]): Hit[] {
  const said = distinct(telling(hits)).filter(
    ({ text }) => readRequest(readSpeech(text).text.slice(0, 1000)) === undefined && askedKey(text) === undefined,
  );
  const substantial = said.filter((hit) => contentWords(hit.text.slice(0, 1000)).length >= 2);
  return (substantial.length > 0 ? substantial : said.length > 0 ? said : hits).slice(0, 6);
}

/** Statements rather than questions, and the user's words rather than the model's, unless there is nothing else. */
function telling(hits: readonly Hit[]): readonly Hit[] {
  const statements = hits.filter((hit) => !isQuestion(tidy(readSpeech(hit.text).text.slice(0, 400))));
  const pool = statements.length > 0 ? statements : hits;
  const users = pool.filter(({ speaker }) => speaker !== "assistant");
  return users.length > 0 ? users : pool;
}

function distinct(hits: readonly Hit[]): Hit[] {
  const byText = new Map(hits.toReversed().map((hit) => [hit.text.toLowerCase().slice(0, 200), hit] as const));
  return [...byText.values()].toReversed();
}

/** Results that may answer: not the question itself, not what the model said when it found nothing. */
function relevant(question: string, search: Done): Hit[] {
  if (search.status === "Failed") return [];
  const page: SearchPage = readPage(search.output);
  const wanted = stems(question);
  const byDate = search.name === "conversation_search_date";
  const needed = byDate || wanted.size === 0 ? 0 : Math.max(1, Math.min(3, Math.ceil(wanted.size / 2)));
  const hits = page.hits.filter((hit) => !isSame(hit.text, question) && !isOwnSearchTalk(hit));
  return hits.filter((hit) => overlap(hit, wanted) >= needed);
}

function overlap(hit: Hit, wanted: ReadonlySet<string>): number {
  return [...stems(hit.text.slice(0, 20_000))].filter((word) => wanted.has(word)).length;
}

export function isOwnSearchTalk(hit: Hit): boolean {
  return (
    hit.speaker === "assistant" &&
    /^(?:I (?:searched|looked|found|find|tried)\b|In our past conversations|(?:Got it|Good to know|Noted|Thank you for telling me|So you|I see|I hear you|How nice|Good to hear|Noted in our conversation)\b[^.!]*[:,]|I've corrected|I'm listening|Go on, |Page \d+ of|.{0,200}\bfound nothing\b)/.test(
      hit.text,
    )
  );
}

function isSame(text: string, question: string): boolean {
  return words(text.slice(0, 2000)).join(" ") === words(question.slice(0, 2000)).join(" ");
}

function same(done: Done, call: Call): boolean {
  return done.name === call.name && Object.entries(call.args).every(([key, value]) => done.args[key] === value);
}

function rangeAsked(question: string, view: View): DayRange | undefined {
  return pastRange(question, view.today);
}

/** "What did we talk about yesterday?": the day is the whole question. */
function asksOfDay(question: string): boolean {
  const rest = question.replace(
    /\b(?:on |in |during |between |and |since |from |to )*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,4}(?:st|nd|rd|th)?|january|february|march|april|may|june|july|august|september|october|november|december|(?:last|this|past|previous) \w+|yesterday|today|\w+ (?:days?|weeks?|months?) ago|day before)\b/gi,
    " ",
  );
  return contentWords(rest).length === 0;
}

function withoutTime(question: string, range: DayRange | undefined): string {
  if (range === undefined) return question;
  return question.replace(
    /\b(?:(?:on|in|during|since|from|between)\s+)?(?:the )?(?:(?:last|this|past|previous) (?:night|week|weekend|month|year|\d+ \w+|\w+day)|yesterday|today|day before yesterday|\w+ (?:days?|weeks?|months?|years?) ago)\b/gi,
    " ",
  );
}

/** The part of a question that must match word for word: quoted words, a proper name, or the topic counted. */
export function exactQuery(question: string): string | undefined {
  const quoted = /"([^"]{2,80})"/.exec(question)?.[1];
  if (quoted !== undefined) return `"${quoted}"`;
  const topic =
    /\b(?:talk(?:ed|ing)?|spoke|speak|chat(?:ted)?|mention(?:ed|ing)?|discuss(?:ed|ing)?|bring up|brought up|said|say|told you|tell you)(?: (?:to|with) (?:you|me|each other))?(?: anything| something)?(?: about| of| on)? (?:the |a |an |my )?((?:[\p{L}\p{N}'-]+ ){0,2}[\p{L}\p{N}'-]+)[?.!\s]*$/iu.exec(
      question,
    )?.[1];
  if (topic !== undefined && contentWords(topic).length === topic.split(" ").length && topic.includes(" "))
    return `"${topic}"`;
  const proper = /(?<=[\p{L},] )(?:\p{Lu}[\p{L}'-]+ ){1,3}\p{Lu}[\p{L}'-]+/u.exec(question)?.[0];
  if (proper === undefined) return undefined;
  const rest = contentWords(question.replace(proper, " ")).slice(0, 8);
  return [`"${proper.replace(/'s$/, "")}"`, ...rest].join(" ");
}
