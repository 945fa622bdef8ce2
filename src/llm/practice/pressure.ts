import type { Answer, Call } from "./answer.ts";
import { dayAndMonth, longDay, type Day } from "./dates.ts";
import { slotOf, relationOf } from "./facts.ts";
import { factsOf, learnAll } from "./learn.ts";
import { readRequest } from "./requests.ts";
import { readSpeech } from "./speech.ts";
import { closed, saysMore, telling } from "./substance.ts";
import { linesOf, text, type Said, type View } from "./view.ts";

const HEADING = "Conversation digest";
const MAX_DIGEST = 1200;

/**
 * What to save before the conversation is trimmed: facts that were not learned when they were said, and a dated
 * digest of the rest. Undefined if everything that matters is saved.
 */
export function saveUnderPressure(view: View): Answer | undefined {
  const waiting = view.wake?.type === "user_message" && !view.replied;
  const calls = [...unlearned(view), ...digest(view)].map((call, index, all): Call => ({
    name: call.name,
    args: { ...call.args, request_heartbeat: waiting && index === all.length - 1 },
  }));
  return calls.length === 0
    ? undefined
    : { thought: "The conversation will soon be trimmed, so I save what matters from it.", calls };
}

/** Facts of messages that changed no memory, unless memory already speaks of the same thing. */
function unlearned(view: View): Call[] {
  const known = linesOf(view, "human");
  const slots = new Set(known.map(slotOf).filter((slot) => slot !== undefined));
  const held = known.join("\n").toLowerCase();
  const isNew = (line: string): boolean => {
    const name = relationOf(line)?.name.toLowerCase();
    return !slots.has(slotOf(line) ?? "-") && !(name !== undefined && held.includes(name));
  };
  const missed = view.userMessages.filter(({ text: said, learned, day }) => {
    const facts = learned ? [] : factsOf(said, day);
    return facts.length > 0 && facts.every(isNew);
  });
  return learnAll(missed, view);
}

function digest(view: View): Call[] {
  if (!view.can("archival_memory_insert")) return [];
  const written = [...view.earlier, ...view.steps.flatMap(({ calls }) => calls)]
    .filter(({ name, status }) => name === "archival_memory_insert" && status !== "Failed")
    .map(({ args }) => text(args, "content"))
    .join("\n");
  const known = linesOf(view, "human");
  const kept: Kept[] = [];
  let size = 0;
  for (const said of view.userMessages.toReversed()) {
    for (const sentence of statements(said).toReversed()) {
      if (written.includes(sentence) || known.includes(sentence) || kept.some((other) => other.sentence === sentence))
        continue;
      size += sentence.length + 16;
      if (size > MAX_DIGEST) break;
      kept.unshift({ day: said.day, speaker: readSpeech(said.text).speaker ?? "The user", sentence });
    }
  }
  const [first] = kept;
  const last = kept.at(-1);
  if (first === undefined || last === undefined) return [];
  const oneDay = first.day === last.day;
  const span = oneDay ? longDay(first.day) : `${longDay(first.day)} to ${longDay(last.day)}`;
  const body = kept.map((item, index) => `${heading(item, kept[index - 1], oneDay)}${item.sentence}`).join(" ");
  return [{ name: "archival_memory_insert", args: { content: `${HEADING}, ${span}. ${body}` } }];
}

type Kept = { readonly day: Day; readonly speaker: string; readonly sentence: string };

/** Who spoke and when, where that changes. */
function heading({ day, speaker }: Kept, before: Kept | undefined, oneDay: boolean): string {
  if (before?.speaker === speaker && before.day === day) return "";
  return oneDay || before?.day === day
    ? `${speaker} said: `
    : `On ${dayAndMonth(day)} ${speaker.replace(/^The /, "the ")} said: `;
}

/** The sentences of a message worth keeping: those that tell something which is not in memory yet. */
function statements({ text: said, learned, day }: Said): string[] {
  const { speaker, text: words } = readSpeech(said);
  if (speaker === undefined && readRequest(words) !== undefined) return [];
  const all = telling(words);
  return all
    .filter((sentence) => !learned || saysMore(sentence, factsOf(sentence, day)))
    .map(closed)
    .slice(0, 6);
}
