import type { Answer } from "./answer.ts";
import { dayOf, longDay } from "../../time/format.ts";
import { withoutFenced } from "../../schema/own-words.ts";
import { pleasantryOf, readMessage } from "./message.ts";
import { quotedLine } from "./notes.ts";
import { readRequest } from "./requests.ts";
import { closed, sentences, words } from "./text.ts";
import { hasSubstance } from "./topic.ts";
import { textIn } from "../../schema/message-fields.ts";
import { linesOf, type View } from "./view.ts";

const USUAL_WORDS = 95;
const LONGEST = 200;
const MOST_CHARACTERS = 1200;
const NOTHING = "I talked with the user; nothing they stated fits here.";
const LINE = /^(user|assistant|function|system|summary)\b[^:\n(]{0,40}(?:\(([^)\n]{0,60})\))?:\s?(.*)$/i;
/** A sentence of an earlier summary by this model. */
const TOLD = /(?:On \d{1,2} \p{L}+ \d{4}|In our conversation) the user said: "[^"]*"/gu;

/**
 * Summarizes a transcript, and the summary it begins with, by quoting the person's most informative sentences with their dates,
 * in no more words than `system` allows.
 */
export function summarize(transcript: string, system = ""): string {
  const most = mostWords(system);
  const parts = [...new Set(readParts(transcript))];
  const chosen = new Set<string>();
  let used = 0;
  for (const part of parts.toSorted((a, b) => worth(b) - worth(a))) {
    const size = countWords(part);
    if (used + size > most) continue;
    chosen.add(part);
    used += size;
  }
  if (chosen.size > 0) return parts.filter((part) => chosen.has(part)).join(" ");
  return most < 10 ? "Nothing lasting." : NOTHING;
}

/** The sentences that may go into a summary, oldest first, without fragments of an earlier summary that was cut off. */
function readParts(transcript: string): string[] {
  const fresh: string[] = [];
  let [before, role, on] = ["", "summary", "In our conversation"];
  for (const raw of withoutFenced(transcript.slice(-400_000)).split("\n")) {
    const [, speaker, time = "", said = ""] = LINE.exec(raw.slice(0, 4000)) ?? [];
    role = speaker?.toLowerCase() ?? role;
    const line = speaker === undefined ? raw.slice(0, 4000) : said;
    const day = dayOf(time);
    if (speaker !== undefined) on = day === undefined ? "In our conversation" : `On ${longDay(day)}`;
    if (role === "user") fresh.push(...toldIn(line).map((told) => `${on} the user said: "${closed(told)}"`));
    else if (role === "summary" || (role === "system" && /summary/i.test(line))) before += `${line}\n`;
  }
  const rest = sentences(before.replace(TOLD, "\n").replace(/^[^:\n]{0,100}\bsummary\b[^:\n]{0,100}:\s*/gim, ""));
  const isKept = (part: string): boolean => /[.!?。！]["')\]]*$/.test(part) && countWords(part) > 2 && part !== NOTHING;
  return [...rest.filter(isKept), ...(before.match(TOLD) ?? []), ...fresh.slice(-2000)];
}

/** The sentences of a message that state something and are short enough to quote whole. */
function toldIn(message: string): string[] {
  if (readRequest(message) !== undefined) return [];
  const all = readMessage(message).statements.flatMap(sentences);
  const lines = all.map((sentence) => sentence.replace(/\s+/g, " ").replaceAll('"', "'"));
  // In a transcript "Emil: Great to hear!" is a greeting, too.
  const isTalk = (line: string): boolean => pleasantryOf(line.replace(/^\p{Lu}[\p{L} ]{0,30}: /u, "")) !== undefined;
  return lines.filter((line) => line.length <= LONGEST && hasSubstance(line) && !isTalk(line));
}

/** How informative a sentence is for its length: names, numbers, and whether it is about the person. */
function worth(part: string): number {
  const said = part.replace(/^(?:On|In)\b.*? said: "/, "");
  const marks = said.match(/\p{N}+|(?<=\s)(?!I\b)\p{Lu}\p{L}+/gu)?.length ?? 0;
  const isOwn = /\b(?:I|we|my|our|ich|mein\w*|yo|mi|je|mon|ma)\b|我/iu.test(said);
  return marks / Math.sqrt(1 + countWords(said)) + (isOwn ? 0.5 : 0);
}

/** Counts words, also in scripts without spaces. */
function countWords(part: string): number {
  return Math.max(part.split(/\s+/).length, words(part).length);
}

/** The most words that the instructions allow. */
function mostWords(system: string): number {
  const bounds = system.matchAll(/\b(under|below|fewer than|less than|within|at most|up to|in) (\d{1,4}) words?\b/gi);
  const limits = [...bounds].map(([, bound = "", count]) => Number(count) - (/^[ubfl]/i.test(bound) ? 1 : 0));
  return Math.max(2, Math.min(USUAL_WORDS, ...limits));
}

/**
 * Saves the person's own sentences that are in neither memory yet, with their dates, in one passage, before the conversation is
 * trimmed. Undefined if everything is saved.
 */
export function saveUnderPressure(view: View): Answer | undefined {
  const kept = view.allCalls.filter(({ status, name }) => status !== "Failed" && name !== "send_message");
  const held = [
    ...linesOf(view.human),
    ...kept.map(({ args }) => `${textIn(args, "content")}\n${textIn(args, "new_content")}`),
  ];
  const all = held.join("\n").replaceAll('"', "'");
  const unsaved = view.said.flatMap(({ day, text: message }) => {
    return toldIn(message).flatMap((said) => (all.includes(said) ? [] : [quotedLine({ day, said, after: undefined })]));
  });
  let content = "";
  for (const line of new Set(unsaved.toReversed()))
    if (content.length + line.length < MOST_CHARACTERS) content = content === "" ? line : `${line}\n${content}`;
  if (content === "" || !view.can("archival_memory_insert")) return undefined;
  const isAwaited = view.wake?.event === "user_message" && !view.hasReplied;
  const calls = [{ name: "archival_memory_insert", args: { content, request_heartbeat: isAwaited } }];
  return { thought: "The conversation will soon be trimmed, so I save what matters from it.", calls };
}
