import type { MainContext } from "../../schema/context.ts";
import { call, reply, type Answer } from "./answer.ts";
import { isSearch, listArchive, lookUp } from "./lookup.ts";
import { readMessage, type Reading } from "./message.ts";
import { Notes } from "./notes.ts";
import { aboutMe, acknowledge, everything, greet, isWrite, pleasantry, tellErased } from "./replies.ts";
import { readRequest, type Request } from "./requests.ts";
import { EVERYTHING, NOT_SAD, SAD } from "./speech-acts.ts";
import { saveUnderPressure } from "./summary.ts";
import { look, type View } from "./view.ts";

/** What the practice model does next in a main context. */
export function decide(context: MainContext): Answer {
  const view = look(context);
  return allowed(next(view), view);
}

function next(view: View): Answer {
  const saving = view.isAlerted ? saveUnderPressure(view) : undefined;
  if (saving !== undefined) return saving;
  const unheard = view.calls.filter(({ name, status }) => name === "send_message" && status === "Failed").length;
  if (view.hasReplied || unheard > 1) return REST;
  if (view.wake === undefined) return finish(view);
  if (view.wake.event === "login") return greet(view.wake.text, view);
  const request = readRequest(view.wake.text);
  const isUnable = request !== undefined && "erase" in request && !view.can("forget_memory");
  return request === undefined || isUnable ? respond(view.wake.text, view) : carryOut(request, view);
}

function carryOut(request: Request, view: View): Answer {
  if ("list" in request) {
    const answer = listArchive(request.list, view);
    return typeof answer === "string" ? reply("I tell what I read.", answer) : answer;
  }
  if ("erase" in request) {
    const proposed = view.calls.find(({ name }) => name === "forget_memory");
    if (proposed !== undefined) return reply("I say what the user decided.", tellErased(request.erase, proposed));
    return { thought: "I can only propose this.", calls: [call("forget_memory", { text: request.erase })] };
  }
  const said = acknowledge(view, []);
  if (said !== undefined) return reply("The text is stored, so I confirm it.", said);
  const calls = [call("archival_memory_insert", { content: request.archive })];
  return { thought: "The user wants this kept, so I put it in archival memory.", calls };
}

/** Brings memory up to date with a message, then answers it. */
function respond(message: string, view: View): Answer {
  const reading = readMessage(message);
  // Notes come before look-ups, and a flush may have hidden the note: after either, nothing is noted again.
  if (view.calls.some((done) => isWrite(done) || isSearch(done))) return speak(reading, view);
  const notes = new Notes(view);
  for (const topic of reading.forget) notes.forget(topic);
  if (reading.forget.length === 0) notes.learn(message, view.today, view.said.at(-2)?.text);
  if (notes.calls.length === 0) return speak(reading, view);
  const thought = reading.forget.length > 0 ? "I am asked to forget this." : "This tells me something, so I note it.";
  return { thought, calls: notes.calls };
}

/** The reply once everything is stored: what was noted, then what was asked. */
function speak({ forget, statements, questions, pleasantry: kind }: Reading, view: View): Answer {
  const noted = acknowledge(view, forget);
  // Looks up one question: the last that is not about the model.
  const question = questions.findLast((asked) => aboutMe(asked) === undefined) ?? questions.at(-1);
  const answer = question === undefined ? "" : answerTo(question, view);
  if (typeof answer !== "string") return answer;
  const isSad = statements.some((told) => SAD.test(told) && !NOT_SAD.test(told));
  const sorry = noted !== undefined && isSad ? "I'm sorry to hear that." : "";
  const said = [sorry, noted ?? "", answer].filter((part) => part !== "").join(" ");
  if (question !== undefined) return reply("I tell what I found, in the words it was said.", said);
  if (noted !== undefined) return reply("My memory is up to date, so I say what I noted.", said);
  const nothing = "I noted nothing new from that. It stays in our conversation history, word for word.";
  return reply("There is nothing to note, so I just answer.", kind === undefined ? nothing : pleasantry(kind, view));
}

function answerTo(question: string, view: View): Answer | string {
  const own = view.calls.some(isSearch) ? undefined : aboutMe(question);
  return own ?? (EVERYTHING.test(question.replaceAll("’", "'")) ? everything(view) : lookUp(question, view));
}

/** Ends a chain whose first message has left the queue. */
function finish(view: View): Answer {
  const lost = "Your question left my context while I searched. Please ask me again.";
  const said = acknowledge(view, []) ?? (view.calls.some(isSearch) ? lost : undefined);
  return said === undefined ? REST : reply("I say what came of it.", said);
}

/** Calls nothing, which ends the turn. */
const REST: Answer = { thought: "There is nothing left for me to do right now.", calls: [] };
const UNABLE = "I can't do that here: I lack the function for it.";

/** Drops the calls of functions that the agent lacks. Without `send_message`, the text of the reply becomes the thought. */
function allowed({ thought, calls: intended }: Answer, view: View): Answer {
  const calls = intended.filter(({ name }) => view.can(name));
  if (calls.length > 0 || intended.length === 0) return { thought, calls };
  if (view.can("send_message")) return reply("I lack the function for this, so I say so.", UNABLE);
  const message = intended.find(({ name }) => name === "send_message")?.args["message"];
  return { thought: typeof message === "string" ? message : thought, calls };
}
