import type { MainContext } from "../../schema/context.ts";
import { acknowledge } from "./acknowledge.ts";
import { reply, type Answer, type Call } from "./answer.ts";
import { ofListener, questionIn, worthSearching } from "./asked.ts";
import { answerFromDocuments, askedOfDocuments } from "./documents.ts";
import { toSpeech } from "./facts.ts";
import { greet, userName } from "./greet.ts";
import { learn } from "./learn.ts";
import { alsoFound, exactQuery, nextSearch, SEARCHES, tellFindings } from "./lookup.ts";
import { askedKey, follow } from "./nested.ts";
import { ownerOf } from "./owners.ts";
import { queryOf, readAll, turnPage } from "./pages.ts";
import { saveUnderPressure } from "./pressure.ts";
import { answeringLines, asksForEverything, asksOfConversation } from "./question.ts";
import { repair } from "./repair.ts";
import { readRequest, wantsAll, type Request } from "./requests.ts";
import { aboutMe, chat } from "./small-talk.ts";
import { readSpeech, type Speech } from "./speech.ts";
import { capitalise, list } from "./text.ts";
import { linesOf, look, MEMORY_WRITES, ownCalls, text, type View } from "./view.ts";

/** With nothing in particular to look for: words that most texts contain. */
const ANYTHING = "the a of and to in is";

/** A chain longer than this is cut short with a reply, whatever it was after. */
const MAX_STEPS = 100;

/** What the practice model does next in a main context. */
export function decide(context: MainContext): Answer {
  const view = look(context);
  return allowed(next(view), view);
}

function next(view: View): Answer {
  const saved = view.alert === undefined ? undefined : saveUnderPressure(view);
  const step = saved ?? repair(view);
  if (step !== undefined) return step;
  if (view.replied || unheard(view) > 1) return REST;
  if (view.wake === undefined) return finish(view);
  if (view.wake.type === "login") return greet(view.wake, view);
  if (view.steps.length > MAX_STEPS)
    return reply(
      "This goes on for too long, so I stop here.",
      "I have looked for quite a while without an end, so I stop here.",
    );
  return respond(view.wake.text, view);
}

/** How many replies failed to get through. */
function unheard(view: View): number {
  return view.steps
    .flatMap(({ calls }) => calls)
    .filter(({ name, status }) => name === "send_message" && status === "Failed").length;
}

function respond(message: string, view: View): Answer {
  const speech = readSpeech(message);
  const key = speech.speaker === undefined ? askedKey(message) : undefined;
  const chain = key === undefined ? undefined : follow(view, key, message);
  if (chain !== undefined) return chain;
  const task = speech.speaker === undefined ? askedOfDocuments(message) : undefined;
  const found = task === undefined ? undefined : answerFromDocuments(task, message, view);
  if (found !== undefined) return found;
  const request = speech.speaker === undefined ? readRequest(message) : undefined;
  const answer = request === undefined ? undefined : carryOut(request, view);
  if (answer !== undefined) return answer;
  const stored = ownCalls(view).some(({ name }) => MEMORY_WRITES.has(name));
  const lessons = stored ? [] : learn(message, view);
  if (lessons.length > 0)
    return { thought: "This tells me something about the user, so I bring my memory up to date.", calls: lessons };
  return speak(speech, view);
}

function carryOut(request: Request, view: View): Answer | undefined {
  if (request.type === "page") return turnPage(request.page, view);
  if (request.type === "archive") return archive(request.content, view);
  if (request.type === "archive_search") {
    const query = queryOf(request.query);
    const first: Call = {
      name: "archival_memory_search",
      args: { query: query === "" ? ANYTHING : query, request_heartbeat: true },
    };
    return request.all || query === "" ? readAll(first, view) : searchOnce(first, view);
  }
  const query = exactQuery(request.query) ?? queryOf(request.query);
  const archival = /\b(?:archiv\w*|passages?|documents?|notes?)\b/i.test(request.query);
  const call = (name: string): Call => ({ name, args: { query, request_heartbeat: true } });
  if (query === "") return undefined;
  const [here, there] = archival
    ? (["archival_memory_search", "conversation_search"] as const)
    : (["conversation_search", "archival_memory_search"] as const);
  return readAll(call(here), view, call(there));
}

/** One page of an archival search, told with a hint that there are more. */
function searchOnce(first: Call, view: View): Answer {
  const made = ownCalls(view).some(({ name }) => SEARCHES.has(name));
  return made ? turnPage("next", view) : { thought: "I search archival memory as asked.", calls: [first] };
}

function archive(content: string, view: View): Answer | undefined {
  if (!view.can("archival_memory_insert")) return undefined;
  const said = acknowledge(view);
  if (said !== undefined) return reply("The text is stored, so I confirm it.", said);
  return {
    thought: "The user wants this kept, so I put it in archival memory.",
    calls: [{ name: "archival_memory_insert", args: { content, request_heartbeat: true } }],
  };
}

/** The reply to a message whose facts are stored: what was learned, then an answer, or else some small talk. */
function speak(speech: Speech, view: View): Answer {
  const learned = acknowledge(view);
  const question = questionIn(speech);
  const searched = ownCalls(view).some(({ name }) => SEARCHES.has(name));
  const toMe = !searched && speech.speaker === undefined;
  const small = question !== undefined && toMe ? aboutMe(question, view) : undefined;
  const answer = question === undefined || small !== undefined ? undefined : lookUp(question, speech, view);
  if (answer !== undefined && typeof answer !== "string") return answer;
  if (answer !== undefined) return reply("I tell what my memory holds about this.", join(learned, answer));
  if (learned !== undefined)
    return reply("My memory is up to date, so I tell the user what I noted.", join(learned, small));
  return reply("There is nothing to store or to look up, so I just answer.", small ?? chat(speech, view));
}

/** The answer to a question, or the next search for it; undefined if it is not one that memory could answer. */
function lookUp(question: string, speech: Speech, view: View): Answer | string | undefined {
  const worth = worthSearching(question, speech);
  if (!worth && (speech.speaker !== undefined || ofListener(question))) return undefined;
  const known = fromCore(question, view);
  if (known?.sure === true) return known.said;
  if (!worth) return undefined;
  const search = nextSearch(question, view);
  if (search !== undefined) return search;
  return known === undefined ? tellFindings(question, view) : join(known.said, alsoFound(question, view));
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

/** What core memory says to a question. `sure`: it is the answer, rather than a line that shares a word. */
function fromCore(question: string, view: View): { readonly said: string; readonly sure: boolean } | undefined {
  const lines = linesOf(view, "human");
  if (asksForEverything(question)) return { said: everything(lines, view), sure: true };
  if (asksOfConversation(question) || wantsAll(question)) return undefined;
  const { found, sure } = answeringLines(question, lines);
  return found.length === 0 ? undefined : { said: `${capitalise(list(found.slice(0, 8).map(toSpeech)))}.`, sure };
}

function everything(lines: readonly string[], view: View): string {
  const others = lines.filter((line) => ownerOf(line) !== undefined);
  const own = lines.filter((line) => ownerOf(line) === undefined);
  const told = others.length === 0 ? "" : `Of others I remember: ${list(others.slice(0, 30).map(toSpeech))}.`;
  if (own.length === 0)
    return join(
      "I know nothing about you yet: core memory holds no line on you. Tell me something and I'll remember it.",
      told,
    );
  const name = userName(view);
  const opening = `This is what I remember about you${name === undefined ? "" : `, ${name}`}`;
  return join(`${opening}: ${list(own.slice(0, 30).map(toSpeech))}.`, told);
}

/** The message that began this chain has left the queue: what was done last says how to end it. */
function finish(view: View): Answer {
  const chain = follow(view, undefined, undefined);
  if (chain !== undefined) return chain;
  const last = ownCalls(view).at(-1);
  if (last === undefined) return REST;
  if (SEARCHES.has(last.name))
    return reply("I tell what the last search found.", tellFindings(text(last.args, "query"), view));
  return reply("I tell what I have noted.", acknowledge(view) ?? "I'm still here. What were we talking about?");
}

/** Nothing is left to do, and silence harms nobody: a model that calls nothing yields. */
const REST: Answer = { thought: "There is nothing left for me to do right now.", calls: [] };

/** The answer with only those calls that may be made. Without a way to speak, the words themselves are the answer. */
function allowed(answer: Answer, view: View): Answer {
  const calls = answer.calls.filter(({ name }) => view.can(name));
  if (calls.length > 0 || answer.calls.length === 0) return { thought: answer.thought, calls };
  const message = answer.calls.find(({ name }) => name === "send_message")?.args["message"];
  if (typeof message === "string") return { thought: message, calls };
  const sorry = reply(
    "I lack the function for this, so I say so.",
    "I can't do that here: I lack the function for it.",
  );
  return view.can("send_message") ? sorry : { thought: answer.thought, calls };
}
