import type { Message } from "memgpt";
import { packEvent, packReturn } from "../src/agent/pack.ts";
import { readLocomo } from "../src/eval/locomo-data.ts";
import type { History } from "../src/ports/history.ts";
import { type Random, seeded } from "../test/crash/random.ts";
import { UsageError } from "./figures.ts";
import { contentWord, prose } from "./vocabulary.ts";

const QUESTIONS = 200;
/** Repetitions to ask about. */
const ASKED = 5;
const BATCH = 5000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** A line of conversation. */
type Said = { readonly name: string; readonly text: string; readonly opens: boolean };
export type Corpus = {
  readonly said: readonly Said[];
  readonly questions: readonly string[];
  /** The speakers' names. */
  readonly names: ReadonlySet<string>;
};

/** Conversations with questions from a file in LoCoMo's format; without one, texts generated from a vocabulary. */
export async function readCorpus(path: string | undefined): Promise<Corpus> {
  return path === undefined ? invented() : fromFile(path);
}

/** Message number `i` of an endless conversation. The names of each repetition are its own. */
export function messageAt(corpus: Corpus, i: number, random: Random): Said {
  const { said } = corpus;
  const { name, text, opens } = said[i % said.length] ?? { name: "Ann", text: "Hi", opens: true };
  const repetition = Math.floor(i / said.length);
  if (repetition === 0) return { name, text, opens };
  // Every year has its own words.
  const words = text.split(" ").map((word) => (random() < 0.15 ? contentWord(random) : word));
  return { name: nameIn(repetition, name), text: renamed(words.join(" "), corpus, repetition), opens };
}

/** Every question several times, about the people of different repetitions. */
export function questionsFor(corpus: Corpus, size: number): string[] {
  const repetitions = Math.max(1, Math.floor(size / corpus.said.length));
  const times = Array.from({ length: ASKED }, (_, time) => Math.floor((time * repetitions) / ASKED));
  return [...new Set(times)].flatMap((repetition) => corpus.questions.map((text) => renamed(text, corpus, repetition)));
}

/** `text` with the names of a repetition. */
function renamed(text: string, { names }: Corpus, repetition: number): string {
  return text.replace(/[\p{L}\p{M}]+/gu, (word) => (names.has(word) ? nameIn(repetition, word) : word));
}

/** Letters only, like real names: "Ana", "Anaca", "Anada". */
function nameIn(repetition: number, name: string): string {
  const digits = Array.from(repetition.toString(20), (digit) =>
    "bcdfghjklmnpqrstvwxz".charAt(Number.parseInt(digit, 20)),
  );
  return repetition === 0 ? name : `${name}${digits.map((letter) => `${letter}a`).join("")}`;
}

/** Gives an agent that remembers nothing the first `size` messages of the conversation. */
export async function fill(history: History, corpus: Corpus, size: number): Promise<void> {
  const state = await history.load();
  if (state === undefined) throw new Error("The agent has no state");
  const random = seeded(size);
  let time = Date.UTC(1900, 0, 1);
  for (let made = 0; made < size;) {
    const messages: Message[] = [];
    for (; messages.length < BATCH && made < size; made += 1) {
      const { name, text, opens } = messageAt(corpus, made, random);
      time += opens ? DAY : MINUTE;
      const now = new Date(time).toISOString();
      messages.push(...packed(name, text, now, made % 2 === 0));
    }
    const action = { id: crypto.randomUUID(), label: "bench" };
    const at = new Date(time).toISOString();
    await history.commit({ action, cause: "bench", at, state, messages, passages: [] });
  }
}

function packed(name: string, text: string, now: string, isUser: boolean): Message[] {
  const newId = (): string => crypto.randomUUID();
  const context = { newId, now, lastActiveAt: null };
  if (isUser) return [{ ...packEvent({ type: "user_message", message: text }, context), name }];
  const call = { id: newId(), name: "send_message", arguments: JSON.stringify({ message: text }) };
  return [
    { id: newId(), createdAt: now, role: "assistant", name, content: null, calls: [call] },
    packReturn(call, { status: "OK", output: "None" }, context),
  ];
}

async function fromFile(path: string): Promise<Corpus> {
  const conversations = await readLocomo(path);
  const said = conversations.flatMap(({ turns }) =>
    turns.map(({ message, session }, i) => ({
      name: message.name ?? "Ann",
      text: message.text,
      opens: turns[i - 1]?.session !== session,
    })),
  );
  const all = conversations.flatMap(({ questions }) => questions.map(({ question }) => question));
  if (said.length === 0 || all.length === 0) throw new UsageError(`${path} has no conversation with questions`);
  const every = Math.max(1, Math.floor(all.length / QUESTIONS));
  return { said, questions: all.filter((_, i) => i % every === 0).slice(0, QUESTIONS), names: namesOf(said) };
}

function invented(): Corpus {
  const random = seeded(7);
  const said = Array.from({ length: 2000 }, (_, i) => ({
    name: i % 2 === 0 ? "Ana" : "Ben",
    text: prose(random, 6, 30),
    opens: i % 25 === 0,
  }));
  const questions = Array.from({ length: QUESTIONS }, () => `What did Ana say about ${prose(random, 3, 3)}?`);
  return { said, questions, names: namesOf(said) };
}

function namesOf(said: readonly Said[]): ReadonlySet<string> {
  return new Set(said.map(({ name }) => name));
}
