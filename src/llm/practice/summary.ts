import type { Answer, Call } from "./answer.ts";
import { dayOf, longDay } from "./dates.ts";
import { hasSubstance, statementsOf } from "./message.ts";
import { quotedLine } from "./notes.ts";
import { readRequest } from "./requests.ts";
import { sentences, words } from "./text.ts";
import { linesOf, text, type View } from "./view.ts";

const USUAL_WORDS = 95;
const LONGEST = 200;
const MOST_CHARACTERS = 1200;
const LINE = /^(user|assistant|function|system|summary)\b[^:\n(]{0,40}(?:\(([^)\n]{0,60})\))?:\s?(.*)$/i;
/** A sentence of an earlier summary of this model. */
const TOLD = /(?:On \d{1,2} \p{L}+ \d{4}|In our conversation) the user said: "[^"]*"/gu;

/**
 * A summary of a transcript, and of the summary it begins with, that only quotes: the person's own sentences with their dates,
 * those that tell most, and no more words than `system` allows.
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
  const nothing = "I talked with the user; nothing they stated fits here.";
  return countWords(nothing) <= most ? nothing : "Nothing lasting.".split(" ").slice(0, most).join(" ");
}

/** The sentences that may go into a summary, oldest first. Of an earlier one what was cut off is left out. */
function readParts(transcript: string): string[] {
  const said: { on: string; text: string }[] = [];
  let before = "";
  let role = "summary";
  for (const raw of transcript.slice(-400_000).split("\n")) {
    const found = LINE.exec(raw.slice(0, 4000));
    role = found?.[1]?.toLowerCase() ?? role;
    const line = found === null ? raw.slice(0, 4000) : unpack(found[3] ?? "");
    const day = dayOf(found?.[2] ?? "");
    if (role === "summary" || (role === "system" && /summary/i.test(line))) before += `${line}\n`;
    else if (role !== "user") continue;
    else if (found === null && said.length > 0) said.push({ on: said.at(-1)?.on ?? "", text: line });
    else said.push({ on: day === undefined ? "In our conversation" : `On ${longDay(day)}`, text: line });
  }
  const rest = sentences(before.replace(TOLD, "\n").replace(/^[^:\n]{0,100}\bsummary\b[^:\n]{0,100}:\s*/gim, ""));
  const fresh = said.slice(-2000).flatMap(({ on, text: message }) => {
    return toldIn(message).map((words) => `${on} the user said: "${/[.!?…。！]$/.test(words) ? words : `${words}.`}"`);
  });
  const whole = rest.filter((sentence) => /[.!?。！]["')\]]*$/.test(sentence) && countWords(sentence) > 2);
  return [...whole, ...(before.match(TOLD) ?? []), ...fresh];
}

/** A line may hold the envelope rather than the words in it. */
function unpack(line: string): string {
  if (!line.startsWith("{")) return line;
  return /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replace(/\\n/g, "\n").replace(/\\(.)/g, "$1") ?? line;
}

/** The sentences of a message that state something, none too long to be quoted whole. */
function toldIn(message: string): string[] {
  if (readRequest(message) !== undefined) return [];
  const all = statementsOf(message).flatMap(sentences);
  const lines = all.map((sentence) => sentence.replace(/\s+/g, " ").replaceAll('"', "'"));
  return lines.filter((sentence) => sentence.length <= LONGEST && hasSubstance(sentence));
}

/** How much a sentence tells for its length: names, numbers, and that it is about the person. */
function worth(part: string): number {
  const said = part.replace(/^(?:On|In)\b.*? said: "/, "");
  const marks = said.match(/\p{N}+|(?<=\s)(?!I\b)\p{Lu}\p{L}+/gu)?.length ?? 0;
  const isOwn = /\b(?:I|we|my|our|ich|mein\w*|yo|mi|je|mon|ma)\b|我/iu.test(said);
  return marks / Math.sqrt(1 + countWords(said)) + (isOwn ? 0.5 : 0);
}

/** Texts without spaces count by their own words. */
function countWords(part: string): number {
  return Math.max(part.split(/\s+/).length, words(part).length);
}

/** The most words that the instructions allow. */
function mostWords(system: string): number {
  const bounds = system.matchAll(
    /\b(under|below|fewer than|less than|within|at most|no more than|up to|in) (\d{1,4}) words?\b/gi,
  );
  const limits = [...bounds].map(([, bound = "", count]) => Number(count) - (/^[ubfl]/i.test(bound) ? 1 : 0));
  return Math.max(1, Math.min(USUAL_WORDS, ...limits));
}

/**
 * What to save before the conversation is trimmed: a person's own sentences that are in neither memory yet, each with its
 * date, in one passage. Undefined if everything is saved.
 */
export function saveUnderPressure(view: View): Answer | undefined {
  const kept = view.allCalls.filter(({ status, name }) => status !== "Failed" && name !== "send_message");
  const held = [...linesOf(view), ...kept.map(({ args }) => `${text(args, "content")}\n${text(args, "new_content")}`)];
  const lines = new Set<string>();
  let size = 0;
  for (const { day, text: message } of view.said.toReversed()) {
    for (const said of toldIn(message).toReversed()) {
      if (held.some((line) => line.replaceAll('"', "'").includes(said))) continue;
      const line = quotedLine({ day, said, after: undefined });
      size += line.length + 1;
      if (size <= MOST_CHARACTERS) lines.add(line);
    }
  }
  if (lines.size === 0 || !view.can("archival_memory_insert")) return undefined;
  const isAwaited = view.wake?.event === "user_message" && !view.hasReplied;
  const args = { content: [...lines].toReversed().join("\n"), request_heartbeat: isAwaited };
  const calls: Call[] = [{ name: "archival_memory_insert", args }];
  return { thought: "The conversation will soon be trimmed, so I save what matters from it.", calls };
}
