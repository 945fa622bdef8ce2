import { call, type Call } from "./answer.ts";
import { longDay, type Day } from "../../time/format.ts";
import { factsIn, isPartner, slotOf, type Fact } from "./facts.ts";
import { MAX_NOTE, readMessage } from "./message.ts";
import { ALL_OF_IT, REFERRING } from "./speech-acts.ts";
import { fit, hasSubstance, topicOf } from "./topic.ts";
import { fold, sentences } from "./text.ts";
import type { View } from "./view.ts";

const HUMAN = "human";
/** Share of the block that a person's own sentences may take; the rest is for facts. */
const SHARE = 0.6;
/** A longer message is a paste, of which only certain facts go to core memory. */
const MAX_MESSAGE = 1000;
const MAX_QUOTES = 4;

/** A line of core memory in a person's own words. `after`: what was said before it, if it refers to that. */
export type Quoted = { readonly day: Day; readonly said: string; readonly after: string | undefined };

export function quotedLine({ day, said, after }: Quoted): string {
  const line = `${day}: "${said.replace(/\s+/g, " ")}"`;
  return after === undefined ? line : `${line} (said after "${after.replace(/\s+/g, " ")}")`;
}

export function readQuoted(line: string): Quoted | undefined {
  const [, day = "", said = "", after] = /^(\d{4}-\d\d-\d\d): "(.+?)"(?: \(said after "(.+)"\))?$/.exec(line) ?? [];
  return day === "" ? undefined : { day, said, after };
}

/** Notes from one message: the future content of core memory, and the calls that produce it. */
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

  /** Notes what a message states. `before`: the message that it may refer to. */
  learn(message: string, day: Day, before: string | undefined): void {
    let room = message.length > MAX_MESSAGE ? 0 : MAX_QUOTES;
    for (const [index, statement] of readMessage(message).statements.entries()) {
      // `filter` reads every sentence for facts; `some` would stop at the first that says more.
      const remaining = sentences(statement).filter((sentence) => this.#noteFacts(sentence, day));
      if (remaining.length === 0 || room === 0 || statement.length > MAX_NOTE) continue;
      room -= 1;
      const refers = index === 0 && before !== undefined && before.length <= 120 && REFERRING.test(statement);
      this.#quote({ day, said: statement.replace(/\s+/g, " "), after: refers ? before : undefined });
    }
  }

  /** Removes the lines about a topic: those with all its words, or else those with its strong words. */
  forget(topic: string): void {
    const own = this.lines.filter((line) => !/^\(.*\)$/.test(line.trim()));
    const about = { ...topicOf(topic), isOwn: false };
    const fits = own.map((line) => ({ line, ...fit(about, readQuoted(line)?.said ?? line) }));
    const held = fits.filter(({ isSure }) => isSure).map(({ line }) => line);
    const whole = fits.filter(({ isSure, isWhole }) => isSure && isWhole).map(({ line }) => line);
    const matching = ALL_OF_IT.test(topic.trim()) ? own : whole.length > 0 ? whole : held;
    for (const line of matching) this.#edit(line, "");
  }

  /** Adds the facts of a sentence. @returns whether it says more than they do. */
  #noteFacts(sentence: string, day: Day): boolean {
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

  /** Replaces `old` by `line`, or deletes it if `line` is empty. */
  #edit(old: string, line: string): void {
    const all = this.#value.split("\n");
    const index = all.indexOf(old);
    if (index < 0 || old === line || !this.#view.can("core_memory_replace")) return;
    const before = this.#value;
    this.#value = all.toSpliced(index, 1, ...(line === "" ? [] : [line])).join("\n");
    // The function replaces every occurrence, so a text that occurs elsewhere is replaced with the whole block.
    const [from, to] = before.split(old).length === 2 ? [old, line] : [before, this.#value];
    this.calls.push(call("core_memory_replace", { name: HUMAN, old_content: from, new_content: to }));
  }
}
