import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MemGPT, type Message } from "memgpt";
import { packEvent, packReturn } from "../src/agent/pack.ts";
import { readLocomo } from "../src/eval/locomo-data.ts";
import { agentFolder, homeAt } from "../src/storage/files/paths.ts";
import { parseQuery } from "../src/search/query.ts";
import { STOP_WORDS } from "../src/search/stop-words.ts";
import { SqliteAgentStore } from "../src/storage/sqlite/agent-store.ts";
import { loadSqlite } from "../src/storage/sqlite/load-sqlite.ts";
import { type Random, seeded } from "../test/crash/random.ts";
import { type Figures, UsageError, count, rounded, summarize, timed } from "./figures.ts";
import { contentWord, prose } from "./vocabulary.ts";

const QUESTIONS = 200;
/** Repetitions to ask about. */
const ASKED = 5;
const WARM_UP = 30;
const BATCH = 5000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const PAGE = { page: 0, size: 5 };

/** A line of conversation. */
type Said = { readonly name: string; readonly text: string; readonly opens: boolean };
type Corpus = {
  readonly said: readonly Said[];
  readonly questions: readonly string[];
  /** The speakers' names. */
  readonly names: ReadonlySet<string>;
};

/**
 * Time of a search in recall storage by number of messages, next to the bare full-text index with the same texts.
 *
 * `--data` names a file of conversations with questions in LoCoMo's format. They are repeated with other names and some words
 * replaced until there are enough. Without a file, texts are generated from a vocabulary. `--sizes` is a comma-separated
 * list.
 */
export async function recall(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: "string" }, sizes: { type: "string", default: "10000,100000,1000000" } },
  });
  const corpus = values.data === undefined ? invented() : await fromFile(values.data);
  const sizes: Record<string, Figures> = {};
  for (const size of values.sizes.split(",").map((text) => count(text, "sizes"))) {
    sizes[String(size)] = await measure(corpus, size);
  }
  return { data: values.data === undefined ? "invented" : "given", sizes };
}

async function measure(corpus: Corpus, size: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    const memgpt = await MemGPT.open({ dir: folder, env: {} });
    await (await memgpt.createAgent({ name: "reader" }, { withoutModel: true })).close();
    const file = agentFolder(homeAt(folder), "reader").database;
    const building = performance.now();
    await fill(file, corpus, size);
    const build_s = rounded((performance.now() - building) / 1000, 1);
    const raw = await bare(join(folder, "bare.db"), corpus, size);
    const opening: number[] = [];
    const store = await timed(opening, () => SqliteAgentStore.open({ file }));
    const first: number[] = [];
    const times = { question: [] as number[], lookup: [] as number[], second_page: [] as number[] };
    const bareTimes: number[] = [];
    const questions = questionsFor(corpus, size);
    await timed(first, () => store.recall.search({ text: questions[0] ?? "" }, PAGE));
    // The first few are slower while the engine compiles; `first_search_ms` shows that.
    for (const text of questions.slice(0, WARM_UP)) await store.recall.search({ text }, PAGE);
    for (const [i, text] of questions.entries()) {
      await timed(times.question, () => store.recall.search({ text }, PAGE));
      await timed(times.second_page, () => store.recall.search({ text }, { ...PAGE, page: 1 }));
      await timed(bareTimes, () => {
        raw.search(text);
      });
      const lookup = parseQuery(text).terms.slice(0, 2).join(" ");
      if (i % 4 === 0) await timed(times.lookup, () => store.recall.search({ text: lookup }, PAGE));
    }
    await store.close();
    raw.close();
    return {
      build_s,
      database_mb: rounded(statSync(file).size / 1e6, 1),
      open_ms: rounded(opening[0] ?? Number.NaN, 1),
      first_search_ms: rounded(first[0] ?? Number.NaN, 1),
      question_ms: summarize(times.question),
      second_page_ms: summarize(times.second_page),
      lookup_ms: summarize(times.lookup),
      bare_fts5_ms: summarize(bareTimes),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Message number `i` of an endless conversation. The names of each repetition are its own. */
function messageAt(corpus: Corpus, i: number, random: Random): Said {
  const { said } = corpus;
  const { name, text, opens } = said[i % said.length] ?? { name: "Ann", text: "Hi", opens: true };
  const repetition = Math.floor(i / said.length);
  if (repetition === 0) return { name, text, opens };
  // Every year has its own words.
  const words = text.split(" ").map((word) => (random() < 0.15 ? contentWord(random) : word));
  return { name: nameIn(repetition, name), text: renamed(words.join(" "), corpus, repetition), opens };
}

/** Every question several times, about the people of different repetitions. */
function questionsFor(corpus: Corpus, size: number): string[] {
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

async function fill(file: string, corpus: Corpus, size: number): Promise<void> {
  const store = await SqliteAgentStore.open({ file });
  const state = await store.history.load();
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
    await store.history.commit({ action, cause: "bench", at, state, messages, passages: [] });
  }
  await store.close();
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

/** The same texts in a bare full-text index: any of the words, best first. */
async function bare(
  file: string,
  corpus: Corpus,
  size: number,
): Promise<{ search: (text: string) => void; close: () => void }> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(file);
  db.exec("CREATE VIRTUAL TABLE f USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2')");
  const insert = db.prepare<[n: number, text: string]>("INSERT INTO f (rowid, text) VALUES (?, ?)");
  const random = seeded(size);
  db.transaction(() => {
    for (let i = 0; i < size; i += 1) insert.run(i + 1, messageAt(corpus, i, random).text);
  })();
  const find = db.prepare<[match: string]>("SELECT rowid, rank FROM f WHERE f MATCH ? ORDER BY rank LIMIT 5");
  return {
    search: (text) => {
      const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
      const terms = words.filter((word) => !STOP_WORDS.has(word));
      if (terms.length > 0) find.all(terms.map((term) => `"${term}"`).join(" OR "));
    },
    close: () => {
      db.close();
    },
  };
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
