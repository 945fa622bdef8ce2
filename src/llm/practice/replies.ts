import { reply, type Answer } from "./answer.ts";
import { coreQuotes, tell } from "./evidence.ts";
import { slotOf } from "./facts.ts";
import type { Reading } from "./message.ts";
import { readQuoted } from "./notes.ts";
import { WHAT_CAN_YOU_DO, WHO_ARE_YOU } from "./speech-acts.ts";
import { capitalise, closed, quote } from "./text.ts";
import { textIn } from "../../schema/message-fields.ts";
import { linesOf, type Done, type View } from "./view.ts";

const CONNECT = "To connect a real model: memgpt configure, or memgpt run --model NAME --model-endpoint URL.";
const SELF = `I'm memgpt's built-in practice model: a set of rules, not a person and not a language model. Tell me something and I note it in your own words; ask, in any language, and I quote what you told me and when; I infer nothing. "Save this: …" puts a text in archival memory, "forget …" removes lines from core memory, "what do you know about me?" lists it. ${CONNECT}`;

/** The answer to a question about the model itself; undefined for other questions. */
export function aboutMe(question: string): string | undefined {
  const asked = question.slice(0, 300).replaceAll("’", "'").trim();
  return WHO_ARE_YOU.test(asked) || WHAT_CAN_YOU_DO.test(asked.replace(/[\s?!.？]+$/u, "")) ? SELF : undefined;
}

export function pleasantry(kind: NonNullable<Reading["pleasantry"]>, view: View): string {
  const to = address(view);
  return {
    greeting: `Hello${to}! Tell me something, or ask me about what you told me.`,
    thanks: `You're welcome${to}.`,
    bye: `Goodbye${to}. What you told me stays here.`,
    ok: "All right. Tell me more whenever you like.",
    wellbeing: `I'm a practice model, a set of rules without feelings, and I'm working. How are you${to}?`,
  }[kind];
}

/** The person's name from core memory as the end of a greeting: `, Ana`. */
function address(view: View): string {
  const line = linesOf(view.human).find((candidate) => slotOf(candidate) === "name");
  const name = /: (\p{L}[\p{L}'-]{0,29})/u.exec(line ?? "")?.[1];
  return name === undefined ? "" : `, ${name}`;
}

/** The first words to someone who has just come in. */
export function greet(lastLogin: string, view: View): Answer {
  const hello = `Hello${address(view)}!`;
  if (/never|first/i.test(lastLogin) || lastLogin === "") {
    const message = `${hello} I'm memgpt's built-in practice model: a set of rules, not a language model, but with a memory. Tell me something about yourself, then ask me about it later, in any language; I answer with what you said and when.`;
    return reply("This is the first time we meet, so I introduce myself.", message);
  }
  const since = /\(([^()]{1,40}) ago\)/.exec(lastLogin)?.[1];
  const again = since === undefined ? "Welcome back." : `Welcome back: it has been ${since} since we last met.`;
  return reply("Someone has come back, so I greet them.", `${hello} ${again}`);
}

/** Everything in core memory about the person. */
export function everything(view: View): string {
  const quotes = coreQuotes(view);
  if (quotes.length === 0)
    return "I know nothing about you yet: core memory holds no line on you. Tell me something and I'll note it.";
  return `${capitalise(tell(quotes.slice(-60)))} More may be in our past conversations: ask me about anything.`;
}

/** Whether a call noted what the person said, rather than what an alert asked to save. */
export function isWrite({ name, alerted }: Done): boolean {
  return !alerted && /^(?:core_memory_|archival_memory_insert)/.test(name);
}

/** Confirms what was stored or removed since the user spoke; undefined if there was nothing to store. */
export function acknowledge(view: View, forgotten: readonly string[]): string | undefined {
  const writes = view.calls.filter(isWrite);
  const by = (called: string): Done[] => writes.filter(({ name, status }) => name === called && status !== "Failed");
  const changes = by("core_memory_replace").map(changeOf);
  const noted = by("core_memory_append").flatMap(({ args }) => textIn(args, "content").split("\n"));
  const archived = by("archival_memory_insert").map(({ args }) => textIn(args, "content"));
  const isFact = (line: string): boolean => readQuoted(line) === undefined;
  const ownWords = (line: string): string[] => [readQuoted(line)?.said ?? []].flat().map((said) => quote(said));
  const saved = archived.filter(isFact).map((passage) => quote(passage, 120));
  const altered = changes.flatMap(({ from, to }) => (to === "" ? [] : [`${from} is now ${to}`]));
  const parts = [
    forgotten.length > 0 ? tellForgotten(forgotten, changes) : "",
    listed("I changed core memory", altered),
    listed("Noted in core memory", noted.filter(isFact)),
    listed("Noted, in your words", noted.flatMap(ownWords)),
    listed(
      "Core memory has no room for this, so I noted it in archival memory, in your words",
      archived.flatMap(ownWords),
    ),
    listed("I've saved this in archival memory", saved),
  ];
  const all = parts.filter((part) => part !== "").join(" ");
  const refused = "My memory would not take that, so I noted nothing. It stays in our conversation history.";
  return writes.length === 0 && forgotten.length === 0 ? undefined : all || refused;
}

function listed(opening: string, list: readonly string[]): string {
  return list.length === 0 ? "" : closed(`${opening}: ${list.join("; ")}`);
}

const STAYS =
  "What was said stays in our conversation history, where a search still finds it. /forget TEXT erases it there, too, for good. /undo takes back the newest turn with all it did, /pop the newest messages.";

/** Reports the outcome of a proposal to erase something. */
export function tellErased(text: string, { status, output }: Done): string {
  if (status === "OK") return `You agreed, so everything that says ${quote(text, 80)} is erased when I have finished.`;
  const why = /nothing was erased: ([^]*?)\. Do not/.exec(output)?.[1] ?? "it was refused";
  return `Nothing was erased: ${why}.`;
}

function tellForgotten(topics: readonly string[], changes: readonly Change[]): string {
  const removed = changes.filter(({ to }) => to === "").map(({ from }) => from);
  const about = topics.map((topic) => quote(topic, 80)).join("; ");
  if (removed.length === 0) return `I found nothing in core memory about ${about}, so I removed nothing. ${STAYS}`;
  return `I removed from core memory: ${removed.join("; ")}. ${STAYS}`;
}

/** The lines that a replacement removed and added, in quotes. */
type Change = { readonly from: string; readonly to: string };

function changeOf({ args }: Done): Change {
  const [old, fresh] = [textIn(args, "old_content").split("\n"), textIn(args, "new_content").split("\n")];
  const without = (lines: readonly string[], others: readonly string[]): string => {
    const left = lines.filter((line) => line.trim() !== "" && !others.includes(line));
    return left.map((line) => quote(line, 600)).join("; ");
  };
  return { from: without(old, fresh), to: without(fresh, old) };
}
