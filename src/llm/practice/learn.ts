import type { Call } from "./answer.ts";
import { clauses, stripLead, type Clause } from "./clauses.ts";
import { corrections, swap, type Correction } from "./corrections.ts";
import { longDay, type Day } from "./dates.ts";
import { isKnown, relationOf, slotOf, valueOf } from "./facts.ts";
import { keepsake } from "./keepsakes.ts";
import { opposed, unlisted } from "./lists.ts";
import { owned } from "./owners.ts";
import { peopleFacts } from "./people-facts.ts";
import { memoryRequests, readRequest } from "./requests.ts";
import { selfFacts } from "./self-facts.ts";
import { readSpeech } from "./speech.ts";
import { sentences, stems, tidy, words } from "./text.ts";
import { blockOf, type Block, type View } from "./view.ts";

const HUMAN = "human";

/** A block while a message is being learned from: what it will hold, and the calls that lead there. */
type Draft = {
  lines: string[];
  readonly calls: Call[];
  readonly block: Block;
  readonly view: Pick<View, "can">;
  readonly day: Day;
  /** Whom the message speaks of as `I`, if that is not the user. */
  readonly owner: string | undefined;
};

/** The calls that bring core memory up to date with a message. */
export function learn(message: string, view: View): Call[] {
  return learnAll([{ text: message, day: view.today }], view);
}

/** The same for messages of several days, oldest first. */
export function learnAll(messages: readonly { readonly text: string; readonly day: Day }[], view: View): Call[] {
  const block = blockOf(view, HUMAN);
  if (block === undefined) return [];
  let lines = block.value.split("\n");
  const calls: Call[] = [];
  for (const { text, day } of messages) lines = studied(text, { lines, calls, block, view, day }).lines;
  return calls;
}

/** What `lines` become once a message is learned from, were there room for everything. */
export function learned(message: string, lines: readonly string[], day: Day): string[] {
  const block = { label: HUMAN, value: "", limit: Number.POSITIVE_INFINITY };
  const draft = studied(message, { lines: [...lines], calls: [], block, view: { can: () => true }, day });
  return draft.lines.filter((line) => line !== "");
}

function studied(message: string, start: Omit<Draft, "owner">): Draft {
  const { speaker, text } = readSpeech(message);
  const user = start.lines.find((line) => slotOf(line) === "name");
  const self = user !== undefined && speaker !== undefined && words(valueOf(user))[0] === words(speaker)[0];
  const draft: Draft = { ...start, owner: self ? undefined : speaker };
  if (speaker === undefined) study(text, draft);
  // In a transcript nobody speaks to this model: "don't forget to …" is advice to someone else.
  else for (const sentence of sentences(tidy(text))) studySentence(sentence, draft);
  return draft;
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
    if (asked.length === 0 || memoryRequests(sentence).length === 0) studySentence(sentence, draft);
  }
}

function studySentence(sentence: string, draft: Draft): void {
  const swapping = swap(stripLead(sentence), own(draft));
  if (swapping !== undefined) apply(draft, swapping);
  else for (const clause of clauses(sentence)) studyClause(clause, draft);
}

/** The lines about whoever speaks, as they would stand in their own memory. */
function own({ lines, owner }: Draft): readonly string[] {
  if (owner === undefined) return lines;
  return lines.flatMap((line) => (line.startsWith(`${owner}: `) ? [line.slice(owner.length + 2)] : []));
}

function studyClause(clause: Clause, draft: Draft): void {
  const changes = corrections(clause, own(draft), draft.day);
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
  return clauses(readSpeech(message).text).flatMap((clause) => factsIn(clause, day));
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
  const line = keepsake(content, draft.day);
  if (line !== undefined) put(draft, line);
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
  const known = own(draft);
  if (line.trim() === "" || isKnown(line, known) || covered(line, known)) return;
  if (draft.owner !== undefined && slotOf(line) === "name") return;
  const fresh = unlisted(line, known);
  if (fresh === undefined) return;
  const opposite = opposed(fresh, known);
  if (opposite !== undefined) replace(draft, opposite.from, opposite.to);
  const old = contradicted(fresh, known);
  if (old === undefined) append(draft, owned(draft.owner, fresh));
  else replace(draft, old, inStyleOf(old, fresh));
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
    const content = `${draft.owner === undefined ? "About the user" : "From our conversation"} (${longDay(draft.day)}): ${line}`;
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

function replace(draft: Draft, fact: string, newFact: string): void {
  const old = owned(draft.owner, fact);
  const line = newFact === "" ? "" : owned(draft.owner, newFact);
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
