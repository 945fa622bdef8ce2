import type { Answer, Call } from "./answer.ts";
import { clauses } from "./clauses.ts";
import { dayAndMonth, longDay } from "./dates.ts";
import { slotOf, relationOf } from "./facts.ts";
import { factsOf, learn } from "./learn.ts";
import { askedKey } from "./nested.ts";
import { memoryRequests, readRequest } from "./requests.ts";
import { contentWords, cut, isQuestion, sentences, tidy } from "./text.ts";
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
  const [first] = missed;
  if (first === undefined) return [];
  return learn(missed.map(({ text: said }) => tidy(said)).join("\n"), view, first.day);
}

function digest(view: View): Call[] {
  if (!view.can("archival_memory_insert")) return [];
  const written = [...view.earlier, ...view.steps.flatMap(({ calls }) => calls)]
    .filter(({ name, status }) => name === "archival_memory_insert" && status !== "Failed")
    .map(({ args }) => text(args, "content"))
    .join("\n");
  const known = linesOf(view, "human");
  const kept: { readonly said: Said; readonly line: string }[] = [];
  let size = 0;
  for (const said of view.userMessages.toReversed()) {
    for (const line of statements(said)) {
      if (written.includes(line) || known.includes(line) || kept.some((other) => other.line === line)) continue;
      size += line.length + 16;
      if (size > MAX_DIGEST) break;
      kept.unshift({ said, line });
    }
  }
  const [first] = kept;
  const last = kept.at(-1);
  if (first === undefined || last === undefined) return [];
  const oneDay = first.said.day === last.said.day;
  const span = oneDay ? longDay(first.said.day) : `${longDay(first.said.day)} to ${longDay(last.said.day)}`;
  const body = kept.map(({ said, line }) => (oneDay ? line : `${dayAndMonth(said.day)}: ${line}`)).join("; ");
  return [{ name: "archival_memory_insert", args: { content: `${HEADING}, ${span}. The user said: ${body}` } }];
}

/** The sentences of a message worth keeping: statements of some substance that are neither in memory yet nor commands. */
function statements({ text: said, learned, day }: Said): string[] {
  const all = sentences(tidy(said));
  if (readRequest(said) !== undefined || (learned && all.length === 1)) return [];
  return all
    .filter((sentence) => !isQuestion(sentence) && contentWords(sentence).length >= 3 && clauses(sentence).length > 0)
    .filter(
      (sentence) =>
        memoryRequests(sentence).length === 0 &&
        askedKey(sentence) === undefined &&
        !(learned && factsOf(sentence, day).length > 0),
    )
    .map((sentence) => cut(sentence.replace(/[\s.;]+$/, ""), 200))
    .slice(0, 6);
}
