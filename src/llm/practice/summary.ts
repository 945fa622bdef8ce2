import { dayAndMonth, dayOf, longDay, type Day } from "./dates.ts";
import { factsOf, learned } from "./learn.ts";
import { askedKey } from "./nested.ts";
import { memoryRequests, readRequest } from "./requests.ts";
import { contentWords, cut, isQuestion, lowerFirst, sentences, tidy } from "./text.ts";

const MAX_WORDS = 95;
const MAX_EARLIER = 45;
const LINE = /^(user|assistant|function|system|summary)\b[^:\n(]{0,40}(?:\(([^)\n]{0,60})\))?:\s?(.*)$/i;

type Line = { readonly role: string; readonly day: Day | undefined; readonly text: string };

/** An extractive summary, in the first person and under 100 words, of a transcript and of the summary it begins with. */
export function summarize(transcript: string): string {
  const lines = readLines(transcript);
  const earlier = lines.filter(({ role, text }) => role === "summary" || (role === "system" && /summary/i.test(text)));
  const said = lines.filter(({ role }) => role === "user");
  const parts = [carry(earlier), ...facts(said), ...statements(said)];
  const chosen: string[] = [];
  let count = 0;
  for (const part of parts) {
    const size = part.split(/\s+/).length;
    if (part === "" || count + size > MAX_WORDS) continue;
    chosen.push(part);
    count += size;
  }
  if (chosen.length > 0) return chosen.join(" ");
  return `I talked with the user; ${lines.length === 0 ? "nothing" : "little"} of lasting note was said.`;
}

function readLines(transcript: string): Line[] {
  const lines: { role: string; day: Day | undefined; text: string }[] = [];
  for (const raw of transcript.slice(-400_000).split("\n")) {
    const found = LINE.exec(raw.slice(0, 4000));
    const last = lines.at(-1);
    if (found !== null) {
      lines.push({ role: (found[1] ?? "").toLowerCase(), day: dayOf(found[2] ?? ""), text: unpack(found[3] ?? "") });
    } else if (
      last === undefined ||
      last.role === "summary" ||
      /^.{0,40}\bsummary\b.{0,100}:/i.test(raw.slice(0, 200))
    ) {
      // A line that ends in a colon announces the earlier summary and says nothing itself.
      const text = raw.slice(0, 4000).replace(/^[^:\n]{0,100}\bsummary\b[^:\n]{0,100}:\s*/i, "");
      lines.push({ role: "summary", day: undefined, text: /:\s*$/.test(text) ? "" : text });
    } else if (raw.trim() !== "" && last.text.length < 4000) {
      last.text += `\n${raw.slice(0, 4000)}`;
    }
  }
  return lines.slice(-2000);
}

/** A line may hold the envelope rather than the words in it. */
function unpack(text: string): string {
  if (!text.startsWith("{")) return text;
  return /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replace(/\\n/g, "\n").replace(/\\(.)/g, "$1") ?? text;
}

/** The most telling sentences of the earlier summary, in their order. */
function carry(earlier: readonly Line[]): string {
  const all = earlier.flatMap(({ text }) => sentences(tidy(text)));
  const ranked = all
    .map((sentence, index) => ({ sentence, index, score: density(sentence) }))
    .sort((a, b) => b.score - a.score);
  const kept: typeof ranked = [];
  let count = 0;
  for (const item of ranked) {
    const size = item.sentence.split(/\s+/).length;
    if (count + size > MAX_EARLIER) continue;
    kept.push(item);
    count += size;
  }
  if (kept.length === 0 && all[0] !== undefined) return all[0].split(/\s+/).slice(0, MAX_EARLIER).join(" ");
  return kept
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence)
    .join(" ");
}

/** Names and numbers for each word. */
function density(sentence: string): number {
  const telling = sentence.match(/\p{N}+|(?<=\s)\p{Lu}[\p{L}]+/gu) ?? [];
  return telling.length / Math.sqrt(sentence.split(/\s+/).length);
}

/** What the user told about themselves, by day; what was corrected later, as corrected. */
function facts(said: readonly Line[]): string[] {
  const since = new Map<string, Day | undefined>();
  let known: string[] = [];
  for (const { text, day } of said) {
    known = learned(text, known, day ?? 0);
    for (const line of known) if (!since.has(line)) since.set(line, day);
  }
  const byDay = new Map<Day | undefined, string[]>();
  for (const line of known) {
    const day = since.get(line);
    const short = line.replace(/ \((?:said on|as of|noted on) [^)]*\)/, "");
    byDay.set(day, [...(byDay.get(day) ?? []), lowerFirst(short)]);
  }
  return [...byDay].map(([day, lines]) => `${on(day)} the user told me: ${cut(lines.join(", "), 260)}.`);
}

/** Other statements in the user's words, the most telling first. */
function statements(said: readonly Line[]): string[] {
  return said
    .filter(({ text }) => readRequest(text) === undefined)
    .flatMap(({ text, day }) => sentences(tidy(text)).map((sentence) => ({ sentence, day })))
    .filter(({ sentence, day }) => isTelling(sentence) && factsOf(sentence, day ?? 0).length === 0)
    .map(({ sentence, day }) => ({ sentence, day, score: density(sentence) + contentWords(sentence).length / 20 }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 4)
    .map(({ sentence, day }) => `${on(day, dayAndMonth)} they said: ${cut(sentence.replace(/[.!\s]+$/, ""), 140)}.`);
}

function isTelling(sentence: string): boolean {
  if (isQuestion(sentence) || contentWords(sentence).length < 3) return false;
  return (
    askedKey(sentence) === undefined && readRequest(sentence) === undefined && memoryRequests(sentence).length === 0
  );
}

function on(day: Day | undefined, format = longDay): string {
  return day === undefined ? "In our conversation" : `On ${format(day)}`;
}
