import { createHash } from "node:crypto";
import type { Agent, ImportedMessage } from "../index.ts";
import { Bm25 } from "./bm25.ts";
import {
  type Document,
  type Entry,
  type Turn,
  type Unit,
  corpusOf,
  saidIn,
  startOf,
  turnName,
} from "./longmemeval-data.ts";
import { isGold, withoutGold } from "./longmemeval-score.ts";
import { timed } from "./run.ts";
import { sessionClock } from "./sessions.ts";

/** The size of the pool that all questions are asked of. */
export type PoolSize = {
  /** Sessions with different ids. */
  readonly sessions: number;
  /** Non-blank turns of the user: messages in recall storage. */
  readonly turns: number;
  /** Ids that come again with different words of the user. The pool has the first version. */
  readonly differing: number;
};

/** A question, and the names of the documents that answer it. */
export type PooledQuestion = { readonly id: string; readonly text: string; readonly gold: readonly string[] };

/** Two rankings of documents as indexes into `ids`, their names for this question. */
export type Rankings = {
  readonly ids: readonly string[];
  readonly ours: readonly number[];
  readonly bm25: readonly number[];
  /** Latency of our search alone. */
  readonly milliseconds: number;
};

/** Messages to import at once. */
const PORTION = 1000;

/** Results to consider in each ranking: the metrics need 50 sessions, which may have many turns. */
const DEPTH = { session: 100, turn: 1000 } as const;

/** The sessions of many questions, each once, in one agent's recall storage and in one index of the authors' ranking. */
export class Pool {
  readonly #agent: Agent;
  readonly #unit: Unit;
  readonly #signal: AbortSignal | undefined;
  readonly #bm25 = new Bm25();
  readonly #timesOf = sessionClock();
  /** Digests of the user's words, by session id. */
  readonly #digests = new Map<string, string>();
  readonly #differing = new Set<string>();
  /** Documents' names by index, as non-answers. */
  readonly #unwanted: string[] = [];
  readonly #placeOf = new Map<string, number>();
  /** Indexes by what results carry: the number of a session, or the id of a message. */
  readonly #placeOfResult = new Map<number | string, number>();
  #waiting: { readonly message: ImportedMessage; readonly place: number }[] = [];
  #turns = 0;

  constructor(agent: Agent, unit: Unit, signal: AbortSignal | undefined) {
    this.#agent = agent;
    this.#unit = unit;
    this.#signal = signal;
  }

  get size(): PoolSize {
    return { sessions: this.#digests.size, turns: this.#turns, differing: this.#differing.size };
  }

  /** Adds a question's new sessions to the pool. @returns the question without its sessions. */
  async add(entry: Entry): Promise<PooledQuestion> {
    const corpus = corpusOf(entry, this.#unit);
    for (const [session, turns] of entry.haystack_sessions.entries()) {
      const id = entry.haystack_session_ids[session] ?? "";
      if (!this.#isNew(id, turns)) continue;
      const times = this.#timesOf(startOf(entry.haystack_dates[session] ?? ""), turns.length);
      this.#index(corpus.filter((document) => document.session === session));
      for (const { message, turn } of saidIn(turns, times)) {
        const place = this.#placeOf.get(this.#unit === "session" ? id : turnName(id, turn)) ?? -1;
        this.#waiting.push({ message, place });
      }
      if (this.#waiting.length >= PORTION) await this.flush();
    }
    const gold = corpus.filter(({ id }) => isGold(id)).map(({ name }) => name);
    return { id: entry.question_id, text: entry.question, gold: [...new Set(gold)] };
  }

  /** Imports the waiting messages. Call it before `rank`. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const messages = waiting.map(({ message }) => message);
    const ids = await this.#agent.importMessages(messages, { signal: this.#signal });
    this.#turns += ids.length;
    for (const [index, id] of ids.entries()) {
      const place = waiting[index]?.place ?? -1;
      if (this.#unit === "turn") this.#placeOfResult.set(id, place);
      else if (place !== waiting[index - 1]?.place) this.#placeOfResult.set(await this.#sessionOf(id), place);
    }
  }

  /** Asks a question of the whole pool. */
  async rank({ text, gold }: PooledQuestion): Promise<Rankings> {
    const { result, milliseconds } = await timed(() => this.#search(text));
    return {
      ids: this.#idsFor(gold),
      ours: result.map((found) => this.#placeOfResult.get(found) ?? -1),
      bm25: this.#bm25.rank(text, DEPTH[this.#unit]),
      milliseconds,
    };
  }

  #isNew(id: string, turns: readonly Turn[]): boolean {
    const hash = createHash("sha256");
    for (const { role, content } of turns) if (role === "user") hash.update(JSON.stringify(content));
    const digest = hash.digest("base64");
    const known = this.#digests.get(id);
    if (known === undefined) this.#digests.set(id, digest);
    else if (known !== digest) this.#differing.add(id);
    return known === undefined;
  }

  #index(documents: readonly Document[]): void {
    for (const { name, text } of documents) {
      this.#placeOf.set(name, this.#unwanted.length);
      this.#unwanted.push(withoutGold(name));
      this.#bm25.add(text);
    }
  }

  async #sessionOf(id: string): Promise<number> {
    const [message] = await this.#agent.recall.around(id, 0);
    return message?.session ?? -1;
  }

  async #search(text: string): Promise<(number | string)[]> {
    const page = { page: 0, size: DEPTH[this.#unit] };
    const { recall } = this.#agent;
    if (this.#unit === "turn") return (await recall.search({ text }, page)).items.map(({ id }) => id);
    return (await recall.searchSessions({ text }, page)).items.map(({ session }) => session);
  }

  #idsFor(gold: readonly string[]): string[] {
    const ids = [...this.#unwanted];
    for (const name of gold) {
      // Missing from the first version of its session: gold, but nowhere in the pool.
      const place = this.#placeOf.get(name) ?? ids.length;
      ids[place] = name;
    }
    return ids;
  }
}
