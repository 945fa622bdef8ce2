import { call, type Call } from "./answer.ts";
import { longDay, type Day } from "../../time/format.ts";
import { factsIn, isPartner, slotOf, type Fact } from "./facts.ts";
import { MAX_NOTE, readMessage } from "./message.ts";
import { ALL_OF_IT, REFERRING } from "./speech-acts.ts";
import { fit, hasSubstance, topicOf } from "./topic.ts";
import { fold, sentences } from "./text.ts";
import type { View } from "./view.ts";

const HUMAN = "human";
/** So much of the block a person's own sentences may take; the rest is for facts. */
const SHARE = 0.6;
/** A message longer than this is a paste: nothing of it goes to core memory but what is certain. */
const MAX_MESSAGE = 1000;
const MAX_QUOTES = 4;

/** A line of core memory in a person's own words. `after` is what was said before it, where it refers to that. */
export type Quoted = { readonly day: Day; readonly said: string; readonly after: string | undefined };

export function quotedLine({ day, said, after }: Quoted): string {
  const line = `${day}: "${said.replace(/\s+/g, " ")}"`;
  return after === undefined ? line : `${line} (said after "${after.replace(/\s+/g, " ")}")`;
}

export function readQuoted(line: string): Quoted | undefined {
  const [, day = "", said = "", after] = /^(\d{4}-\d\d-\d\d): "(.+?)"(?: \(said after "(.+)"\))?$/.exec(line) ?? [];
  return day === "" ? undefined : { day, said, after };
}

/** Core memory while a message is noted: what it will hold, and the calls that lead there. */
export class Notes {
  readonly calls: Call[] = [];
  readonly #view: View;
  #value: string;

  constructor(view: View) {
    this.#view = view;
    this.#value = view.human.value;
  }

  get lines(): string[] {
    return this.#value.split("\n").filter((line) => line.trim() !== "");
  }

  /** Notes what a message states; `before` is the message that it may refer to. */
  learn(message: string, day: Day, before: string | undefined): void {
    let room = message.length > MAX_MESSAGE ? 0 : MAX_QUOTES;
    for (const [index, statement] of readMessage(message).statements.entries()) {
      // Each sentence is read for facts, also after one that says more than they do.
      const says = sentences(statement).filter((sentence) => this.#certain(sentence, day));
      if (says.length === 0 || room === 0 || statement.length > MAX_NOTE) continue;
      room -= 1;
      const refers = index === 0 && before !== undefined && before.length <= 120 && REFERRING.test(statement);
      this.#quote({ day, said: statement.replace(/\s+/g, " "), after: refers ? before : undefined });
    }
  }

  /** Removes the lines about a topic: those with all of its words, else those with the words that matter. */
  forget(topic: string): void {
    const own = this.lines.filter((line) => !/^\(.*\)$/.test(line.trim()));
    const wanted = { ...topicOf(topic), isOwn: false };
    const fits = own.map((line) => ({ line, ...fit(wanted, readQuoted(line)?.said ?? line) }));
    const held = fits.filter(({ isSure }) => isSure).map(({ line }) => line);
    const whole = fits.filter(({ isSure, isWhole }) => isSure && isWhole).map(({ line }) => line);
    const gone = ALL_OF_IT.test(topic.trim()) ? own : whole.length > 0 ? whole : held;
    for (const line of gone) this.#edit(line, "");
  }

  /** Adds the facts of a sentence. @returns whether it says more than they do. */
  #certain(sentence: string, day: Day): boolean {
    const { facts, rest } = factsIn(sentence, day, this.lines);
    for (const fact of facts) this.#put(fact, day, sentence);
    return hasSubstance(facts.length === 0 ? sentence : rest);
  }

  #put({ line, replaces }: Fact, day: Day, sentence: string): void {
    const parted = line.replace(/^Parted from /, "");
    if (parted !== line) {
      const old = this.lines.find((known) => isPartner(known, parted));
      if (old !== undefined) this.#edit(old, `Ex-${old.charAt(0).toLowerCase()}${old.slice(1)}`);
      return;
    }
    const slot = slotOf(line);
    const isKnown = this.lines.some((known) => fold(known) === fold(line) || fold(known).startsWith(`${fold(line)} (`));
    const old = slot === undefined ? undefined : this.lines.findLast((known) => slotOf(known) === slot);
    if (isKnown || (old !== undefined && line.startsWith("Birthday around"))) return;
    if (old === undefined) this.#append(line);
    else if (replaces || sentence.includes(`not ${old.split(" named ")[1] ?? old}`))
      this.#edit(old, line.replace(/^Name: /, /^[^:]{1,40}: /.exec(old)?.[0] ?? "Name: "));
    else this.#append(`${line} (said on ${longDay(day)})`);
  }

  /** Keeps a person's own words: in core memory while there is room, else in archival memory. */
  #quote(quoted: Quoted): void {
    const own = this.lines.filter((known) => readQuoted(known) !== undefined);
    if (own.some((known) => readQuoted(known)?.said === quoted.said)) return;
    const line = quotedLine(quoted);
    this.#append(line, own.join("\n").length + line.length > this.#view.human.limit * SHARE);
  }

  #append(line: string, isCrowded = false): void {
    if (
      isCrowded ||
      this.#value.length + 1 + line.length > this.#view.human.limit ||
      !this.#view.can("core_memory_append")
    ) {
      if (this.#view.can("archival_memory_insert")) this.calls.push(call("archival_memory_insert", { content: line }));
      return;
    }
    this.#value = this.#value === "" ? line : `${this.#value}\n${line}`;
    const last = this.calls.at(-1);
    const content = last?.name === "core_memory_append" ? `${String(last.args["content"])}\n${line}` : line;
    if (last?.name === "core_memory_append") this.calls.pop();
    this.calls.push(call("core_memory_append", { name: HUMAN, content }));
  }

  /** Puts `line` in place of `old`, or deletes it if `line` is empty. */
  #edit(old: string, line: string): void {
    const all = this.#value.split("\n");
    const index = all.indexOf(old);
    if (index < 0 || old === line || !this.#view.can("core_memory_replace")) return;
    const before = this.#value;
    this.#value = all.toSpliced(index, 1, ...(line === "" ? [] : [line])).join("\n");
    // Every occurrence is replaced: a line that other lines hold, too, is changed with all of them around it.
    const [from, to] = before.split(old).length === 2 ? [old, line] : [before, this.#value];
    this.calls.push(call("core_memory_replace", { name: HUMAN, old_content: from, new_content: to }));
  }
}
