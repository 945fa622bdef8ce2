import { dayOf, longDay, type Day } from "./dates.ts";
import { factsOf, learned } from "./learn.ts";
import { owned, ownerOf } from "./owners.ts";
import { readRequest } from "./requests.ts";
import { readSpeech } from "./speech.ts";
import { closed, saysMore, telling, whole, worth } from "./substance.ts";
import { capitalise, lowerFirst } from "./text.ts";

const USUAL_WORDS = 95;
const LINE = /^(user|assistant|function|system|summary)\b[^:\n(]{0,40}(?:\(([^)\n]{0,60})\))?:\s?(.*)$/i;

type Line = { readonly role: string; readonly day: Day | undefined; readonly text: string };

/**
 * An extractive summary, in the first person, of a transcript and of the summary it begins with: whole sentences only,
 * and no more words than `system` allows.
 */
export function summarize(transcript: string, system = ""): string {
  const lines = readLines(transcript);
  const earlier = lines.filter(({ role, text }) => role === "summary" || (role === "system" && /summary/i.test(text)));
  const said = lines.filter(({ role }) => role === "user");
  const most = mostWords(system);
  const { told, others } = readEarlier(earlier.map(({ text }) => text).join("\n"));
  const known = facts(said, told);
  const fresh = statements(said);
  const groups = [
    { parts: known, share: 0.5 },
    { parts: others, share: 0.7 },
    { parts: fresh, share: 1 },
    { parts: [...known, ...others], share: 1 },
  ];
  const chosen = fill(groups, most);
  if (chosen.length > 0) return chosen.join(" ");
  const nothing = `I talked with the user; ${lines.length === 0 ? "nothing" : "little"} of lasting note was said.`;
  return nothing.split(" ").length <= most ? nothing : "Nothing lasting.".split(" ").slice(0, most).join(" ");
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

/** A sentence that may go into the summary. */
type Part = { readonly text: string; readonly day: Day; readonly worth: number };

/** As many of each group's parts as fit into its share of the words, the worthiest first; told in the order of days. */
function fill(groups: readonly { readonly parts: readonly Part[]; readonly share: number }[], most: number): string[] {
  const kept: Part[] = [];
  let used = 0;
  for (const { parts, share } of groups) {
    for (const part of parts.toSorted((a, b) => b.worth - a.worth)) {
      const size = part.text.split(/\s+/).length;
      if (used + size > share * most || kept.some(({ text }) => text === part.text)) continue;
      kept.push(part);
      used += size;
    }
  }
  return kept.toSorted((a, b) => a.day - b.day).map(({ text }) => text);
}

/** `On 21 November 2026 the user told me: has a dog; lives in Faro.`, as `facts` below writes it. */
const TOLD =
  /^(?:On (\d{1,2} \p{L}+ \d{4})|In our conversation) (the user|\p{Lu}[\p{L}' .-]{0,40}) (?:told me: (.+)\.|said: "(.+)")$/u;

type Fact = { readonly line: string; readonly day: Day };

/** The facts that an earlier summary of this model told, and its other sentences. What was cut off is left out. */
function readEarlier(text: string): { readonly told: readonly Fact[]; readonly others: readonly Part[] } {
  const told: Fact[] = [];
  const others: Part[] = [];
  for (const sentence of whole(text)) {
    if (!/[.!?]["')\]]*$/.test(sentence) || sentence.split(/\s+/).length < 3) continue;
    const found = TOLD.exec(sentence);
    const day = found?.[1] === undefined ? UNDATED : Date.parse(`${found[1]} UTC`) || UNDATED;
    const owner = found?.[2] === "the user" ? undefined : found?.[2];
    const words = found === null ? sentence : found[4];
    if (words !== undefined) others.push({ text: sentence, day, worth: worth(words) });
    else for (const fact of (found?.[3] ?? "").split("; ")) told.push({ line: owned(owner, capitalise(fact)), day });
  }
  return { told, others };
}

const UNDATED: Day = 0;

/** The most facts in one sentence: so much of it fits even where not all of them do. */
const MOST_TOGETHER = 4;

/** What the user told about themselves, by day; what was corrected later, as corrected. */
function facts(said: readonly Line[], told: readonly Fact[]): Part[] {
  const since = new Map(told.map(({ line, day }) => [line, day]));
  let known: string[] = told.map(({ line }) => line);
  for (const { text, day = UNDATED } of said) {
    known = learned(text, known, day);
    for (const line of known) if (!since.has(line)) since.set(line, day);
  }
  const groups = new Map<string, { readonly who: string; readonly day: Day; readonly facts: string[] }>();
  for (const line of known) {
    const day = since.get(line) ?? UNDATED;
    const { owner, fact } = ownerOf(line) ?? { owner: "the user", fact: line };
    const short = lowerFirst(fact.replace(/ \((?:said on|as of|noted on) [^)]*\)/, ""));
    const last = [...groups.values()].findLast((group) => group.who === owner && group.day === day);
    if (last !== undefined && last.facts.length < MOST_TOGETHER) last.facts.push(short);
    else groups.set(`${groups.size}`, { who: owner, day, facts: [short] });
  }
  return [...groups.values()].map(({ who, day, facts: lines }) => ({
    text: `${on(day)} ${who} told me: ${lines.join("; ")}.`,
    day,
    worth: day,
  }));
}

/** Other statements in the words of whoever made them. */
function statements(said: readonly Line[]): Part[] {
  return said.flatMap(({ text, day = UNDATED }) => {
    const { speaker = "the user", text: words } = readSpeech(text);
    if (readRequest(words) !== undefined) return [];
    return telling(words)
      .filter((sentence) => saysMore(sentence, factsOf(sentence, day)))
      .map((sentence) => ({
        text: `${on(day)} ${speaker} said: "${closed(sentence).replaceAll('"', "'")}"`,
        day,
        worth: worth(sentence),
      }));
  });
}

function on(day: Day): string {
  return day === UNDATED ? "In our conversation" : `On ${longDay(day)}`;
}

const LIMIT =
  /\b(under|below|fewer than|less than|within|at most|no more than|not more than|up to|maximum of|max\.?|in) (\d{1,4}) words?\b/gi;

/** The most words that the instructions allow. */
function mostWords(system: string): number {
  const limits = [...system.matchAll(LIMIT)].map(([, bound = "", count]) =>
    /^(?:under|below|fewer|less)/i.test(bound) ? Number(count) - 1 : Number(count),
  );
  return Math.max(1, Math.min(USUAL_WORDS, ...limits));
}
