import type { Call } from "./answer.ts";
import { clauses, stripLead, type Clause } from "./clauses.ts";
import { corrections, swap, type Correction } from "./corrections.ts";
import { longDay, type Day } from "./dates.ts";
import { isKnown, relationOf, slotOf, thirdPerson } from "./facts.ts";
import { peopleFacts } from "./people-facts.ts";
import { memoryRequests, readRequest } from "./requests.ts";
import { selfFacts } from "./self-facts.ts";
import { capitalise, cut, sentences, stems, tidy } from "./text.ts";
import { blockOf, type Block, type View } from "./view.ts";

const HUMAN = "human";

/** A block while a message is being learned from: what it will hold, and the calls that lead there. */
type Draft = {
  lines: string[];
  readonly calls: Call[];
  readonly block: Block;
  readonly view: Pick<View, "can">;
  readonly day: Day;
};

/** The calls that bring core memory up to date with a message. */
export function learn(message: string, view: View, day: Day = view.today): Call[] {
  const block = blockOf(view, HUMAN);
  if (block === undefined) return [];
  const draft: Draft = { lines: block.value.split("\n"), calls: [], block, view, day };
  study(message, draft);
  return draft.calls;
}

/** What `lines` become once a message is learned from, were there room for everything. */
export function learned(message: string, lines: readonly string[], day: Day): string[] {
  const view = { can: () => true };
  const block = { label: HUMAN, value: "", limit: Number.POSITIVE_INFINITY };
  const draft: Draft = { lines: [...lines], calls: [], block, view, day };
  study(message, draft);
  return draft.lines.filter((line) => line !== "");
}

function study(message: string, draft: Draft): void {
  if (readRequest(message)?.type === "archive") return;
  const asked = memoryRequests(message);
  for (const { type, content } of asked) {
    if (type === "forget") forget(draft, content);
    else remember(draft, content);
  }
  if (asked.some(({ type }) => type === "forget")) return;
  for (const sentence of sentences(tidy(message))) {
    if (asked.length > 0 && memoryRequests(sentence).length > 0) continue;
    const swapping = swap(stripLead(sentence), draft.lines);
    if (swapping !== undefined) apply(draft, swapping);
    else for (const clause of clauses(sentence)) studyClause(clause, draft);
  }
}

function studyClause(clause: Clause, draft: Draft): void {
  const changes = corrections(clause, draft.lines, draft.day);
  for (const change of changes) apply(draft, change);
  if (changes.length > 0) return;
  for (const line of factsIn(clause, draft.day)) put(draft, line);
}

function apply(draft: Draft, { from, to }: Correction): void {
  if (from !== undefined) replace(draft, from, to ?? "");
  else if (to !== undefined) put(draft, to);
}

/** The facts of a message, whatever memory holds. */
export function factsOf(message: string, day: Day): string[] {
  return clauses(message).flatMap((clause) => factsIn(clause, day));
}

function factsIn(clause: Clause, day: Day): string[] {
  const own = selfFacts(clause, day);
  const together = /^.{1,60} & I(?='m|'re|'ve| )(.*)$/i.exec(clause.text)?.[1];
  const shared =
    together === undefined ? [] : selfFacts({ ...clause, text: `We${together.replace(/^ are\b/, "'re")}` }, day);
  return [...own, ...shared, ...peopleFacts(clause, day)];
}

function remember(draft: Draft, content: string): void {
  const facts = factsOf(content, draft.day);
  if (facts.length > 0) {
    for (const line of facts) put(draft, line);
    return;
  }
  const line = content
    .replace(/[.!?\s]+$/, "")
    .replace(/^that /i, "")
    .replace(/^i(?:'m| am) /i, "Is ")
    .replace(/^i(?:'ve| have) (?!\w+ed\b)/i, "Has ")
    .replace(/^i (?=\p{L}+ed\b)/iu, "")
    .replace(/^i (?:can't|cannot) /i, "Can't ")
    .replace(/^i (?:don't|do not) /i, "Doesn't ")
    .replace(/^i (\p{Ll}+)\b/iu, (_, verb: string) => thirdPerson(verb.toLowerCase()))
    .replace(/^(?:my|our) /i, "")
    .replace(/\bmy\b/gi, "their");
  const reminder = /^to /i.test(line) ? `Reminder: ${line} (said on ${longDay(draft.day)})` : line;
  put(draft, capitalise(cut(reminder, 200)));
}

function forget(draft: Draft, content: string): void {
  const wanted = stems(content);
  const facts = factsOf(content, draft.day);
  const scored = draft.lines.map((line) => {
    const found = [...stems(line)].filter((word) => wanted.has(word)).length;
    const same = facts.some((fact) => slotOf(fact) !== undefined && slotOf(fact) === slotOf(line));
    return { line, score: found / Math.max(1, wanted.size) + (same ? 1 : 0) };
  });
  const all = /^(?:everything|all|it all|me|myself)$/i.test(content.trim());
  for (const { line } of scored.filter(({ line, score }) => line.trim() !== "" && (all || score >= 0.5)))
    replace(draft, line, "");
}

/** Adds a line, or puts it in place of the one that it contradicts. */
function put(draft: Draft, line: string): void {
  if (line.trim() === "" || isKnown(line, draft.lines) || covered(line, draft.lines)) return;
  const old = contradicted(line, draft.lines);
  if (old === undefined) append(draft, line);
  else replace(draft, old, inStyleOf(old, line));
}

/** A line whose every word a known line about the same thing already says. */
function covered(line: string, known: readonly string[]): boolean {
  const relation = relationOf(line);
  return known.some((other) => {
    if (other.toLowerCase().startsWith(`${line.toLowerCase()} (`)) return true;
    const held = relationOf(other);
    return (
      relation !== undefined &&
      held !== undefined &&
      held.name.toLowerCase() === relation.name.toLowerCase() &&
      held.relation.replace(/^ex-/, "") === relation.relation
    );
  });
}

function contradicted(line: string, known: readonly string[]): string | undefined {
  const relation = relationOf(line)?.relation;
  if (relation !== undefined) return known.find((other) => new RegExp(`^has an? ${relation}$`, "i").test(other.trim()));
  const slot = slotOf(line);
  if (slot === undefined) return undefined;
  if (/^Birthday around/.test(line) && known.some((other) => slotOf(other) === "birthday")) return line;
  return known.find((other) => slotOf(other) === slot);
}

/** `First name: Chad` is corrected to `First name: Charles`, in the words of who wrote it. */
function inStyleOf(old: string, line: string): string {
  const key = /^[^:]{1,40}:\s*/.exec(old)?.[0];
  const value = /^[^:]{1,40}:\s*(.+)$/.exec(line)?.[1];
  return slotOf(old) === "name" && key !== undefined && value !== undefined ? `${key}${value}` : line;
}

function append(draft: Draft, line: string): void {
  const { calls, block, view } = draft;
  const size = [...draft.lines, line].join("\n").length;
  if (size > block.limit && view.can("archival_memory_insert")) {
    const content = `About the user (${longDay(draft.day)}): ${line}`;
    calls.push({ name: "archival_memory_insert", args: { content, request_heartbeat: true } });
    return;
  }
  if (!view.can("core_memory_append")) return;
  draft.lines = [...draft.lines.filter((other, index) => other !== "" || index > 0), line];
  const last = calls.at(-1);
  const content = last?.name === "core_memory_append" ? `${String(last.args["content"])}\n${line}` : line;
  if (last?.name === "core_memory_append") calls.pop();
  calls.push({ name: "core_memory_append", args: { name: HUMAN, content, request_heartbeat: true } });
}

function replace(draft: Draft, old: string, line: string): void {
  const index = draft.lines.indexOf(old);
  if (old === line || index < 0 || !draft.view.can("core_memory_replace")) return;
  // Every occurrence is replaced: a line break makes a line's text its own, and goes with a line that is deleted.
  const alone = draft.lines.length === 1 || (line !== "" && draft.lines.join("\n").split(old).length === 2);
  const [before, after] = alone ? ["", ""] : index > 0 ? ["\n", ""] : ["", "\n"];
  draft.lines = draft.lines.flatMap((other, at) => (at === index ? (line === "" ? [] : [line]) : [other]));
  draft.calls.push({
    name: "core_memory_replace",
    args: {
      name: HUMAN,
      old_content: `${before}${old}${after}`,
      new_content: line === "" ? "" : `${before}${line}${after}`,
      request_heartbeat: true,
    },
  });
}
