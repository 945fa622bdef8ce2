import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Statement } from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";
import { diffStates } from "../../memory/diff.ts";
import { type Journey, planJourney, presentFrom, reaches } from "../../memory/journey.ts";
import { eventsOf } from "../../memory/queue.ts";
import type { CheckpointFile } from "../../schema/checkpoint.ts";
import type { Message } from "../../schema/message.ts";
import type { Passage } from "../../schema/passage.ts";
import type { Spent } from "../../schema/spent.ts";
import { type AgentState, type Block, agentStateSchema } from "../../schema/state.ts";
import type {
  ActionRef,
  AgentStore,
  Change,
  CommitOptions,
  Destination,
  FoundLine,
  Reembedded,
  TextRange,
  Travel,
  UndoTravel,
} from "../../ports/storage.ts";
import { searchBlocks } from "../../search/blocks.ts";
import { matchesIn } from "../../search/matches.ts";
import { PassageVectors, type PassageVectorsOptions } from "./passage-vectors.ts";
import { SqliteArchivalStorage } from "./archival.ts";
import { WrongSum } from "./damage.ts";
import { guarded, openDatabase } from "./database.ts";
import { FullTextIndexes } from "./full-text.ts";
import type { Database } from "./load-sqlite.ts";
import { SqliteJournal } from "./journal.ts";
import { SqliteCheckpointMarks } from "./marks.ts";
import { MessageRows } from "./message-rows.ts";
import { SqliteRecallStorage } from "./recall.ts";
import { SqliteReindexing, toBlob } from "./reindexing.ts";
import { SpentTotal } from "./spent-total.ts";
import { STATE_AND_FIT } from "./sums.ts";
import { type ActionRow, SqliteTimeline, toAction } from "./timeline.ts";

type PassageRow = [id: string, createdAt: string, text: string, embedding: Buffer | null];

export type StoreOptions = {
  readonly file: string;
  /** Opens without the right to change anything; a missing file is then an error. */
  readonly readonly?: boolean;
  /** Reads everything as it is when it is first read, whatever others write until this is closed. */
  readonly snapshot?: boolean;
} & Pick<PassageVectorsOptions, "graphFrom" | "shardSize" | "load">;

/** One agent's `agent.db`. */
export class SqliteAgentStore implements AgentStore {
  readonly recall: SqliteRecallStorage;
  readonly archival: SqliteArchivalStorage;
  readonly journal: SqliteJournal;
  readonly timeline: SqliteTimeline;
  readonly marks: SqliteCheckpointMarks;
  readonly reindexing: SqliteReindexing;
  /** What was found about the indexes, for a person to read; grows while the store is in use. */
  readonly notices: readonly string[];
  readonly #db: Database;
  readonly #messages: MessageRows;
  readonly #spent: SpentTotal;
  readonly #vectors: PassageVectors;
  readonly #fullText: FullTextIndexes;
  readonly #getState: Statement<[], { json: string; fits: number }>;
  readonly #setState: Statement<[json: string]>;
  readonly #addPassage: Statement<PassageRow>;
  readonly #setPassageLive: Statement<[live: number, id: string]>;
  readonly #passage: Statement<[id: string], { id: string; text: string; created_at: string }>;
  readonly #liveIds: Readonly<Record<"messages" | "passages", Statement<[], { id: string }>>>;
  /** The state as last committed here. */
  #last: AgentState | undefined;

  static async open(options: StoreOptions): Promise<SqliteAgentStore> {
    const db = await openDatabase(options.file, options);
    try {
      const store = new SqliteAgentStore(db, options);
      store.#fullText.check();
      if (options.snapshot === true) db.exec("BEGIN");
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
    this.#messages = new MessageRows(db);
    this.#spent = new SpentTotal(db);
    this.recall = new SqliteRecallStorage(db, this.#fullText);
    this.archival = new SqliteArchivalStorage(db, this.#fullText, this.#vectors);
    this.journal = new SqliteJournal(db, this.#messages);
    this.timeline = new SqliteTimeline(db);
    this.marks = new SqliteCheckpointMarks(db);
    this.reindexing = new SqliteReindexing(db, {
      collection: this.#vectors.collection,
      commitWith: (change, work) => {
        this.#commit([change], work);
        this.#vectors.changed();
      },
    });
    this.#getState = db.prepare(STATE_AND_FIT);
    this.#setState = db.prepare("INSERT INTO state VALUES (1, ?) ON CONFLICT DO UPDATE SET json = excluded.json");
    this.#addPassage = db.prepare("INSERT INTO passages (id, created_at, text, embedding) VALUES (?, ?, ?, ?)");
    this.#setPassageLive = db.prepare("UPDATE passages SET live = ? WHERE id = ?");
    this.#passage = db.prepare("SELECT id, text, created_at FROM passages WHERE id = ?");
    this.#liveIds = {
      messages: db.prepare("SELECT id FROM messages WHERE live = 1"),
      passages: db.prepare("SELECT id FROM passages WHERE live = 1"),
    };
  }

  async load(): Promise<AgentState | undefined> {
    return guarded(this.#db, () => this.#state());
  }

  async spent(): Promise<Spent> {
    return guarded(this.#db, () => this.#spent.total());
  }

  matchesIn(text: string, query: string): readonly TextRange[] {
    return matchesIn(text, query);
  }

  searchBlocks(query: string, blocks: readonly Block[]): readonly FoundLine[] {
    return searchBlocks(query, blocks);
  }

  say(notice: string): void {
    this.#vectors.say(notice);
  }

  async commit(changes: Change | readonly Change[], { from }: CommitOptions = {}): Promise<number> {
    return this.#commit([changes].flat(), () => {
      if (from !== undefined && this.journal.headOp() !== from) throw overtaken();
    });
  }

  async undo(count: number, at: string): Promise<UndoTravel | undefined> {
    return this.#step(at, () => {
      const rows = this.timeline.newest(count);
      const oldest = rows.at(-1);
      return oldest === undefined
        ? undefined
        : {
            rows,
            to: oldest.first_op - 1,
            cause: "undo",
            done: () => {
              this.timeline.markUndone(rows);
            },
          };
    });
  }

  async redo(at: string): Promise<UndoTravel | undefined> {
    return this.#step(at, () => {
      const rows = this.timeline.undone();
      const newest = rows.at(-1);
      return newest === undefined
        ? undefined
        : {
            rows,
            to: newest.last_op,
            cause: "redo",
            done: () => {
              this.timeline.markRedone(rows);
            },
          };
    });
  }

  async goTo(target: Destination, action: ActionRef, at: string): Promise<Travel> {
    const cause = action.label;
    const current = await this.load();
    const head = await this.journal.head();
    const isUnknown = target.op < 0 || target.op > head;
    const from = current ?? target.state;
    if (from === undefined || (target.state === undefined && isUnknown)) {
      throw new MemGPTError("not_found", `There is no operation ${target.op} to go to. Nothing was changed.`);
    }
    const journey = current === undefined ? undefined : await planJourney(target.op, current, this.journal);
    const isReached = await reaches(target.op, this.journal);
    const travel = this.#transaction(() => {
      const travel = journey === undefined ? arrival(from) : this.#travel(journey, from, cause, at);
      const { id, name } = travel.before;
      const arrived = embeddedAs(from, travel.state);
      const state = target.state === undefined ? arrived : embeddedAs(from, { ...target.state, id, name });
      const isThere = current !== undefined && isDeepStrictEqual(arrived, state);
      const messages = isThere ? [] : this.#bringBackQueue(state);
      this.#setState.run(JSON.stringify(state));
      if (current === undefined) {
        this.journal.countFrom(target.op, state, cause, at);
        return { ...travel, state };
      }
      for (const message of messages) this.#recordMessage(message.id, null, "true", { cause, at });
      if (!isReached) this.#retractAllBut(state, { cause, at });
      this.#recordState(arrived, { cause, at, state });
      this.journal.countFrom(target.op, state, cause, at);
      this.#note(action, at, head + 1);
      return { ...travel, state };
    });
    this.#last = travel.state;
    this.#vectors.changed();
    return travel;
  }

  /**
   * Replaces a state that cannot be read by that of a checkpoint, and what the journal says came after it. All else stays.
   *
   * @returns the state.
   */
  async mendState({ op, state }: Pick<CheckpointFile, "op" | "state">, cause: string, at: string): Promise<AgentState> {
    // The state of the checkpoint itself where the journal does not fit it.
    const newest = await presentFrom(op, state, this.journal).catch(() => state);
    const mended = this.#transaction(() => {
      // The sum of what cannot be read would stay in it.
      this.#db.exec("REINDEX state_sums");
      this.#setState.run(JSON.stringify(newest));
      for (const { id } of this.#bringBackQueue(newest)) this.#recordMessage(id, null, "true", { cause, at });
      this.journal.countFrom(op, newest, cause, at);
      return newest;
    });
    this.#last = mended;
    return mended;
  }

  /** Resolves when the vector index has all passages, in a file where there are enough of them. */
  async indexed(): Promise<void> {
    await this.#vectors.built();
  }

  close(): void {
    this.#vectors.close();
    this.marks.close();
    this.#db.close();
  }

  /** @param first Runs in the same transaction, before the changes are written. */
  #commit(changes: readonly Change[], first: () => void): number {
    const added: Reembedded[] = [];
    const { op, last } = this.#transaction(() => {
      first();
      added.length = 0;
      // Nobody else writes while the agent is locked, so the state last stored need not be read and checked again.
      let last = this.#last ?? this.#state();
      for (const change of changes) {
        added.push(...this.#store(change, last));
        last = change.state;
      }
      return { op: this.journal.headOp(), last };
    });
    this.#last = last;
    for (const { seq, vector } of added) if (vector !== null) this.#vectors.added(seq, vector);
    if (changes.some(({ retracted }) => (retracted?.passages.length ?? 0) > 0)) this.#vectors.changed();
    return op;
  }

  /** Must run inside a transaction. @param before The state that the change was made on. @returns the new passages. */
  #store(change: Change, before: AgentState | undefined): Reembedded[] {
    const firstOp = this.journal.headOp() + 1;
    if (change.spent !== undefined) this.#spent.add(change.spent);
    const added = this.#write(change, before !== undefined);
    this.#setState.run(JSON.stringify(change.state));
    // What an agent is born with is no operation: there is no state before it to return to.
    if (before !== undefined) this.#recordState(before, change);
    this.#note(change.action, change.at, firstOp);
    return added;
  }

  /** One step through what was done: the rows that `plan` names are undone or redone by going to `to`. */
  async #step(at: string, plan: () => Step | undefined): Promise<UndoTravel | undefined> {
    const current = await this.load();
    const step = current === undefined ? undefined : guarded(this.#db, plan);
    if (current === undefined || step === undefined) return undefined;
    const journey = await planJourney(step.to, current, this.journal);
    const travel = this.#transaction(() => {
      const travel = this.#travel(journey, current, step.cause, at);
      const state = embeddedAs(current, travel.state);
      this.#setState.run(JSON.stringify(state));
      step.done();
      return { ...travel, state, actions: step.rows.map(toAction) };
    });
    this.#last = travel.state;
    if (travel.passages.removed.length + travel.passages.added.length > 0) this.#vectors.changed();
    return travel;
  }

  /** Does what was planned, and journals it. Must run inside a transaction. */
  #travel(
    { from, to, state, messages, passages, outcome }: Journey,
    before: AgentState,
    cause: string,
    at: string,
  ): Travel {
    for (const change of messages) {
      if ("rewritten" in change) this.#messages.rewrite(change.rewritten);
      else this.#messages.setLive(change.id, change.live);
    }
    for (const { id, live } of passages) this.#setPassageLive.run(live ? 1 : 0, id);
    if (from !== to) {
      this.journal.append({ at, cause, kind: "position", ref: "", before: String(from), after: String(to) });
    }
    const { removed, added } = outcome.passages;
    return {
      before,
      state,
      messages: outcome.messages,
      passages: { removed: this.#passagesOf(removed), added: this.#passagesOf(added) },
    };
  }

  #passagesOf(ids: readonly string[]): Passage[] {
    return ids.flatMap((id) => {
      const row = this.#passage.get(id);
      return row === undefined ? [] : [{ id: row.id, text: row.text, createdAt: row.created_at }];
    });
  }

  #state(): AgentState | undefined {
    const row = this.#getState.get();
    if (row === undefined) return undefined;
    if (row.fits === 0) throw new WrongSum("the state does not fit its checksum");
    return agentStateSchema.parse(JSON.parse(row.json));
  }

  /** Writes and journals all of a change but the state. @returns the new passages, each with the vector that was stored. */
  #write(change: Change, isJournalled: boolean): Reembedded[] {
    const { messages, passages, rewritten = [], retracted = { messages: [], passages: [] }, cause, at } = change;
    const by = { cause, at };
    for (const message of messages) {
      this.#messages.add(message);
      if (isJournalled) this.#recordMessage(message.id, null, "true", by);
    }
    for (const message of rewritten) {
      this.#recordMessage(message.id, this.#messages.json(message.id) ?? null, JSON.stringify(message), by);
      this.#messages.rewrite(message);
    }
    for (const id of retracted.messages) {
      this.#messages.setLive(id, false);
      this.#recordMessage(id, "true", null, by);
    }
    for (const id of retracted.passages) this.#retractOne(id, by);
    return passages.map(({ id, createdAt, text, embedding }) => {
      const vector = embedding === null ? null : this.#vectors.collection.admit(embedding);
      const blob = vector === null ? null : toBlob(vector);
      const seq = Number(this.#addPassage.run(id, createdAt, text, blob).lastInsertRowid);
      if (isJournalled) this.journal.append({ ...by, kind: "passage", ref: id, before: null, after: "true" });
      return { seq, vector };
    });
  }

  /**
   * Takes back all that is not in the queue of `state`. For a state from before the database was lost: what the new
   * database holds beside that queue came later.
   */
  #retractAllBut(state: AgentState, by: { cause: string; at: string }): void {
    const kept = new Set(state.queue.map(({ id }) => id));
    for (const { id } of this.#liveIds.messages.all()) {
      if (kept.has(id)) continue;
      this.#messages.setLive(id, false);
      this.#recordMessage(id, "true", null, by);
    }
    for (const { id } of this.#liveIds.passages.all()) this.#retractOne(id, by);
  }

  #retractOne(id: string, by: { cause: string; at: string }): void {
    this.#setPassageLive.run(0, id);
    this.journal.append({ ...by, kind: "passage", ref: id, before: "true", after: null });
  }

  #recordMessage(id: string, before: string | null, after: string | null, by: { cause: string; at: string }): void {
    this.journal.append({ ...by, kind: "message", ref: id, before, after });
  }

  #recordState(before: AgentState, { state, cause, at }: Pick<Change, "state" | "cause" | "at">): void {
    for (const change of diffStates(before, state)) this.journal.appendChange(change, cause, at);
  }

  /** Notes that what was journalled from `first` on belongs to `action`. */
  #note(action: ActionRef, at: string, first: number): void {
    const last = this.journal.headOp();
    if (last >= first) this.timeline.note(action, at, first, last);
  }

  /** Sees to it that what is in the queue is in recall storage. @returns the messages that were not. */
  #bringBackQueue(state: AgentState): Message[] {
    return eventsOf(state).filter((message) => this.#messages.bringBack(message));
  }

  #transaction<T>(work: () => T): T {
    // Immediate: a deferred transaction that reads first fails at once when another process writes.
    const carrying = (): T => {
      this.marks.carry();
      return work();
    };
    return this.#fullText.mending(() => this.#db.transaction(carrying).immediate());
  }
}

function overtaken(): MemGPTError {
  const message = "Another process has written to the agent since. Nothing was kept; open the agent again to go on.";
  return new MemGPTError("agent_locked", message);
}

type Step = {
  readonly rows: readonly ActionRow[];
  /** The operation to go to. */
  readonly to: number;
  readonly cause: string;
  readonly done: () => void;
};

/**
 * `state`, embedded as `present` is. Vectors have no past: going back in time brings passages back, and not the vectors they
 * once had, so that what the settings choose must stay what made those there are. An undone `reindex` stays done.
 */
function embeddedAs({ settings: { embedding } }: AgentState, state: AgentState): AgentState {
  return { ...state, settings: { ...state.settings, embedding } };
}

/** How a database that was lost is given its first state. */
function arrival(state: AgentState): Travel {
  const nothing = { removed: [], added: [] };
  return { before: state, state, messages: { ...nothing, rewritten: [] }, passages: nothing };
}
