import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Statement } from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";
import { diffStates } from "../../memory/diff.ts";
import { spokenText } from "../../memory/envelope.ts";
import type { CheckpointFile } from "../../schema/checkpoint.ts";
import type { Message } from "../../schema/message.ts";
import type { EmbeddedPassage } from "../../schema/passage.ts";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { segment } from "../../search/query.ts";
import type { AgentStore, Change, CheckpointMark } from "../interfaces.ts";
import { PassageVectors, type PassageVectorsOptions } from "../vectors/passage-vectors.ts";
import { SqliteArchivalStorage } from "./archival.ts";
import { guarded, openDatabase } from "./database.ts";
import { FullTextIndexes } from "./full-text.ts";
import type { Database } from "./load-sqlite.ts";
import { SqliteJournal } from "./journal.ts";
import { SqliteRecallStorage } from "./recall.ts";

type MessageRow = [
  id: string,
  createdAt: string,
  role: string,
  text: string | null,
  terms: string | null,
  json: string,
];
type PassageRow = [id: string, createdAt: string, text: string, terms: string | null, embedding: Buffer | null];

export type StoreOptions = {
  readonly file: string;
  /** Opens without the right to change anything; a missing file is then an error. */
  readonly readonly?: boolean;
  readonly dimensions: number;
} & Pick<PassageVectorsOptions, "graphFrom" | "load">;

/** One agent's `agent.db`. */
export class SqliteAgentStore implements AgentStore {
  readonly recall: SqliteRecallStorage;
  readonly archival: SqliteArchivalStorage;
  readonly journal: SqliteJournal;
  /** What was found about the indexes, for a person to read; grows while the store is in use. */
  readonly notices: readonly string[];
  readonly #db: Database;
  readonly #vectors: PassageVectors;
  readonly #fullText: FullTextIndexes;
  readonly #getState: Statement<[], { json: string }>;
  readonly #setState: Statement<[json: string]>;
  readonly #getMeta: Statement<[key: string], { value: string }>;
  readonly #setMeta: Statement<[key: string, value: string]>;
  readonly #addMessage: Statement<MessageRow>;
  readonly #bringBack: Statement<MessageRow>;
  readonly #addPassage: Statement<PassageRow>;
  /** The state as last committed here. */
  #last: AgentState | undefined;

  static async open(options: StoreOptions): Promise<SqliteAgentStore> {
    const db = await openDatabase(options.file, options);
    try {
      const store = new SqliteAgentStore(db, options);
      store.#fullText.check();
      return store;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private constructor(db: Database, options: StoreOptions) {
    this.#db = db;
    this.#vectors = new PassageVectors(db, { ...options, file: join(dirname(options.file), "archival.hnsw") });
    const { notices } = this.#vectors;
    this.notices = notices;
    this.#fullText = new FullTextIndexes(db, {
      isReadonly: options.readonly ?? false,
      notify: (notice) => notices.push(notice),
    });
    this.recall = new SqliteRecallStorage(db, this.#fullText);
    this.archival = new SqliteArchivalStorage(db, this.#fullText, () => this.#vectors.index());
    this.journal = new SqliteJournal(db);
    this.#getState = db.prepare("SELECT json FROM state WHERE one = 1");
    this.#setState = db.prepare("INSERT INTO state VALUES (1, ?) ON CONFLICT DO UPDATE SET json = excluded.json");
    this.#getMeta = db.prepare("SELECT value FROM meta WHERE key = ?");
    this.#setMeta = db.prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#addMessage = db.prepare(
      "INSERT INTO messages (id, created_at, role, text, terms, json) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#bringBack = db.prepare(
      `INSERT INTO messages (id, created_at, role, text, terms, json) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET live = 1 WHERE live = 0`,
    );
    this.#addPassage = db.prepare(
      "INSERT INTO passages (id, created_at, text, terms, embedding) VALUES (?, ?, ?, ?, ?)",
    );
  }

  async load(): Promise<AgentState | undefined> {
    return guarded(() => this.#state());
  }

  async commit(change: Change): Promise<number> {
    const { op, seqs } = this.#transaction(() => {
      // Nobody else writes while the agent is locked, so the state last stored need not be read and checked again.
      const before = this.#last ?? this.#state();
      const seqs = this.#insert(change);
      this.#setState.run(JSON.stringify(change.state));
      // What an agent is born with is no operation: there is no state before it to return to.
      if (before !== undefined) this.#record(before, change);
      return { op: this.journal.headOp(), seqs };
    });
    this.#last = change.state;
    for (const [index, passage] of change.passages.entries()) {
      const seq = seqs[index];
      if (seq !== undefined && passage.embedding !== null) this.#vectors.added(seq, passage.embedding);
    }
    return op;
  }

  async revert(op: number, cause: string, at: string): Promise<AgentState> {
    const state = this.#transaction(() => {
      const current = this.#state();
      if (current === undefined || op < 0 || op > this.journal.headOp()) {
        throw new MemGPTError("not_found", `There is no operation ${op} to go back to. Nothing was changed.`);
      }
      const earlier = this.journal.undoAfter(op, current, cause, at);
      this.#setState.run(JSON.stringify(earlier));
      return earlier;
    });
    this.#last = state;
    this.#vectors.changed();
    return state;
  }

  async restore(checkpoint: Pick<CheckpointFile, "op" | "state">, cause: string, at: string): Promise<AgentState> {
    const { op, state } = checkpoint;
    this.#transaction(() => {
      const current = this.#state();
      const earlier =
        current === undefined ? undefined : this.journal.undoAfter(this.journal.nearestOp(op), current, cause, at);
      if (isDeepStrictEqual(earlier, state)) {
        this.#setState.run(JSON.stringify(state));
        return;
      }
      const messages = this.#bringBackQueue(state);
      this.#setState.run(JSON.stringify(state));
      if (earlier !== undefined) this.#record(earlier, { cause, at, state, messages, passages: [] });
      this.journal.countFrom(op, state, cause, at);
    });
    this.#last = state;
    this.#vectors.changed();
    return state;
  }

  /**
   * Replaces a state that cannot be read by that of a checkpoint, and what the journal says came after it. All else stays.
   *
   * @returns the state.
   */
  async mendState({ op, state }: Pick<CheckpointFile, "op" | "state">, cause: string, at: string): Promise<AgentState> {
    const mended = this.#transaction(() => {
      const newest = this.#redone(op, state);
      this.#setState.run(JSON.stringify(newest));
      const messages = this.#bringBackQueue(newest);
      this.#record(newest, { cause, at, state: newest, messages, passages: [] });
      this.journal.countFrom(op, newest, cause, at);
      return newest;
    });
    this.#last = mended;
    return mended;
  }

  async checkpointMark(): Promise<CheckpointMark | undefined> {
    return guarded(() => this.#mark());
  }

  async intendCheckpoint(intended: string): Promise<void> {
    guarded(() => {
      const mark = this.#mark();
      if (mark === undefined) return;
      // Not synced: it is only needed once something was committed after it, and that commit syncs it too.
      // By exec, because this pragma acts when it is compiled: a statement that is kept would act once only.
      this.#db.exec("PRAGMA synchronous = NORMAL");
      try {
        this.#setMeta.run("checkpoint", JSON.stringify({ ...mark, intended }));
      } finally {
        this.#db.exec("PRAGMA synchronous = FULL");
      }
    });
  }

  async markCheckpoint({ file, op }: Omit<CheckpointMark, "intended">): Promise<void> {
    guarded(() => this.#setMeta.run("checkpoint", JSON.stringify({ file, op })));
  }

  close(): void {
    this.#vectors.close();
    this.#db.close();
  }

  #mark(): CheckpointMark | undefined {
    const value = this.#getMeta.get("checkpoint")?.value;
    return value === undefined ? undefined : (JSON.parse(value) as CheckpointMark);
  }

  #state(): AgentState | undefined {
    const row = this.#getState.get();
    return row === undefined ? undefined : agentStateSchema.parse(JSON.parse(row.json));
  }

  /** @returns the row numbers of the passages. */
  #insert({ messages, passages }: Change): number[] {
    for (const message of messages) this.#addMessage.run(...messageRow(message));
    return passages.map((passage) => Number(this.#addPassage.run(...passageRow(passage)).lastInsertRowid));
  }

  /** Sees to it that what is in the queue is in recall storage. @returns the messages that were not. */
  #bringBackQueue(state: AgentState): Message[] {
    return state.queue
      .slice(firstEvent(state))
      .filter((message) => this.#bringBack.run(...messageRow(message)).changes > 0);
  }

  /** The state after all that was journalled after `op`; `state` itself where the journal does not fit it. */
  #redone(op: number, state: AgentState): AgentState {
    try {
      return this.journal.redoAfter(op, state);
    } catch {
      return state;
    }
  }

  #record(before: AgentState, { cause, at, state, messages, passages }: Change): void {
    for (const { id } of messages)
      this.journal.append({ at, cause, kind: "message", ref: id, before: null, after: "true" });
    for (const { id } of passages)
      this.journal.append({ at, cause, kind: "passage", ref: id, before: null, after: "true" });
    for (const change of diffStates(before, state)) this.journal.appendChange(change, cause, at);
  }

  #transaction<T>(work: () => T): T {
    // Immediate: a deferred transaction that reads first fails at once when another process writes.
    return this.#fullText.mending(() => this.#db.transaction(work).immediate());
  }
}

/** Where the queue of a state begins to hold what happened, after what a new agent is shown of its own form. */
function firstEvent({ queue, evicted }: AgentState): number {
  const first = queue.findIndex(({ role }) => role === "user");
  return evicted > 0 || first < 0 ? 0 : first;
}

function messageRow(message: Message): MessageRow {
  const text = spokenText(message) ?? null;
  return [message.id, message.createdAt, message.role, text, termsOf(text), JSON.stringify(message)];
}

function passageRow({ id, createdAt, text, embedding }: EmbeddedPassage): PassageRow {
  return [id, createdAt, text, termsOf(text), embedding === null ? null : toBlob(embedding)];
}

/** What the full-text index reads, where it is not the text itself. */
function termsOf(text: string | null): string | null {
  if (text === null) return null;
  const terms = segment(text);
  return terms === text ? null : terms;
}

function toBlob(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
