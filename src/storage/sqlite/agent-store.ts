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
  /** What was found about the vector index, for a person to read; grows while the store is in use. */
  readonly notices: readonly string[];
  readonly #db: Database;
  readonly #vectors: PassageVectors;
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
    return new SqliteAgentStore(await openDatabase(options.file, options), options);
  }

  private constructor(db: Database, options: StoreOptions) {
    this.#db = db;
    this.#vectors = new PassageVectors(db, { ...options, file: join(dirname(options.file), "archival.hnsw") });
    this.notices = this.#vectors.notices;
    this.recall = new SqliteRecallStorage(db);
    this.archival = new SqliteArchivalStorage(db, () => this.#vectors.index());
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
      const messages = state.queue
        .slice(firstEvent(state))
        .filter((message) => this.#bringBack.run(...messageRow(message)).changes > 0);
      this.#setState.run(JSON.stringify(state));
      if (earlier !== undefined) this.#record(earlier, { cause, at, state, messages, passages: [] });
      this.journal.countFrom(op, state, cause, at);
    });
    this.#last = state;
    this.#vectors.changed();
    return state;
  }

  async checkpointMark(): Promise<CheckpointMark | undefined> {
    const value = guarded(() => this.#getMeta.get("checkpoint")?.value);
    return value === undefined ? undefined : (JSON.parse(value) as CheckpointMark);
  }

  async markCheckpoint(mark: CheckpointMark): Promise<void> {
    guarded(() => this.#setMeta.run("checkpoint", JSON.stringify(mark)));
  }

  close(): void {
    this.#vectors.close();
    this.#db.close();
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

  #record(before: AgentState, { cause, at, state, messages, passages }: Change): void {
    for (const { id } of messages)
      this.journal.append({ at, cause, kind: "message", ref: id, before: null, after: "true" });
    for (const { id } of passages)
      this.journal.append({ at, cause, kind: "passage", ref: id, before: null, after: "true" });
    for (const change of diffStates(before, state)) this.journal.appendChange(change, cause, at);
  }

  #transaction<T>(work: () => T): T {
    // Immediate: a deferred transaction that reads first fails at once when another process writes.
    return guarded(() => this.#db.transaction(work).immediate());
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
