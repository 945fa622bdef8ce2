import { arrival, embeddedAs, stateAt } from "../arrivals.ts";
import { isDeepStrictEqual } from "node:util";
import { MemGPTError } from "../../errors.ts";
import { type Journey, planJourney, presentFrom, reaches } from "../../memory/journey.ts";
import type {
  ActionRef,
  Change,
  CommitOptions,
  Destination,
  History,
  HistoryMove,
  UndoMove,
} from "../../ports/history.ts";
import type { Reembedded } from "../../ports/maintenance.ts";
import type { CheckpointFile } from "../../schema/checkpoint.ts";
import type { Spent } from "../../schema/spent.ts";
import type { AgentState } from "../../schema/state.ts";
import type { Action } from "../../schema/timeline.ts";
import { type By, ChangeWriter } from "./change-writer.ts";
import { guarded, immediately } from "./database.ts";
import type { FullTextIndexes } from "./full-text.ts";
import { SqliteJournal } from "./journal.ts";
import type { Database } from "./load-sqlite.ts";
import type { SqliteCheckpointMarks } from "./marks.ts";
import { MessageRows } from "./message-rows.ts";
import type { PassageVectors } from "./passage-vectors.ts";
import type { SqliteQuarantine } from "./quarantine.ts";
import { SpentTotal } from "./spent-total.ts";
import { StateRow } from "./state-row.ts";
import { type ActionRow, SqliteTimeline, toAction } from "./timeline.ts";

type Parts = {
  readonly fullText: FullTextIndexes;
  readonly vectors: PassageVectors;
  readonly marks: SqliteCheckpointMarks;
  readonly quarantine: SqliteQuarantine;
};

/** The state, journal and turns of an open database. The rules of undo and redo are in memory/journey.ts. */
export class SqliteHistory implements History {
  readonly journal: SqliteJournal;
  readonly #db: Database;
  readonly #parts: Parts;
  readonly #timeline: SqliteTimeline;
  readonly #row: StateRow;
  readonly #spent: SpentTotal;
  readonly #writer: ChangeWriter;
  readonly #immediately: <T>(work: () => T) => T;
  /** The state as last committed here. */
  #last: AgentState | undefined;

  constructor(db: Database, parts: Parts) {
    this.#db = db;
    this.#parts = parts;
    this.journal = new SqliteJournal(db, new MessageRows(db));
    this.#timeline = new SqliteTimeline(db);
    this.#row = new StateRow(db);
    this.#immediately = immediately(db);
    this.#spent = new SpentTotal(db);
    const { collection } = parts.vectors;
    this.#writer = new ChangeWriter(db, { journal: this.journal, timeline: this.#timeline, collection });
  }

  async load(): Promise<AgentState | undefined> {
    return guarded(this.#db, () => this.#row.get());
  }

  async spent(): Promise<Spent> {
    return guarded(this.#db, () => this.#spent.total());
  }

  async actions(count: number): Promise<Action[]> {
    return guarded(this.#db, () => this.#timeline.newest(count).map(toAction));
  }

  async actionOf(op: number): Promise<Action | undefined> {
    return guarded(this.#db, () => this.#timeline.actionOf(op));
  }

  async commit(changes: Change | readonly Change[], { from }: CommitOptions = {}): Promise<number> {
    return this.commitWith([changes].flat(), () => {
      if (from !== undefined && this.journal.headOp() !== from) throw overtaken();
    });
  }

  /** Commits, with `first` in the same transaction before the changes. @returns the number of the last operation. */
  commitWith(changes: readonly Change[], first: () => void): number {
    const { op, state, added } = this.#transaction(() => {
      first();
      // Nobody else writes while the agent is locked, so that the last state need not be read and validated again.
      let state = this.#last ?? this.#row.get();
      const added: Reembedded[] = [];
      for (const change of changes) {
        added.push(...this.#store(change, state));
        state = change.state;
      }
      return { op: this.journal.headOp(), state, added };
    });
    this.#last = state;
    const { vectors } = this.#parts;
    for (const { seq, vector } of added) if (vector !== null) vectors.added(seq, vector);
    if (changes.some(({ retracted }) => (retracted?.passages.length ?? 0) > 0)) vectors.changed();
    return op;
  }

  /** Drops the cached state, after others rewrote it. */
  reset(): void {
    this.#last = undefined;
  }

  async undo(count: number, at: string): Promise<UndoMove | undefined> {
    return this.#step(at, () => {
      const rows = this.#timeline.newest(count);
      const oldest = rows.at(-1);
      if (oldest === undefined) return undefined;
      const done = (): void => {
        this.#timeline.markUndone(rows);
      };
      return { rows, to: oldest.first_op - 1, cause: "undo", done };
    });
  }

  async redo(at: string): Promise<UndoMove | undefined> {
    return this.#step(at, () => {
      const rows = this.#timeline.undone();
      const newest = rows.at(-1);
      if (newest === undefined) return undefined;
      const done = (): void => {
        this.#timeline.markRedone(rows);
      };
      return { rows, to: newest.last_op, cause: "redo", done };
    });
  }

  async goTo(target: Destination, action: ActionRef, at: string): Promise<HistoryMove> {
    const current = await this.load();
    const head = await this.journal.head();
    const isUnknown = target.op < 0 || target.op > head;
    const from = current ?? target.state;
    if (from === undefined || (target.state === undefined && isUnknown)) {
      throw new MemGPTError("not_found", `Operation ${target.op} does not exist. Nothing was changed.`);
    }
    const journey = current === undefined ? undefined : await planJourney(target.op, current, this.journal);
    const isReached = await reaches(target.op, this.journal);
    const by = { cause: action.label, at };
    const move = this.#transaction(() => {
      const arrived = journey === undefined ? arrival(from) : this.#move(journey, from, by);
      const reached = embeddedAs(from, arrived.state);
      const state = embeddedAs(from, stateAt(target, arrived));
      const isThere = current !== undefined && isDeepStrictEqual(reached, state);
      const restored = isThere ? [] : this.#writer.restoreQueue(state);
      this.#row.set(state);
      if (current !== undefined) {
        this.#writer.recordRestored(restored, by);
        if (!isReached) this.#writer.retractAllBut(state, by);
        this.#writer.recordState(reached, state, by);
      }
      this.journal.countFrom(target.op, state, by);
      if (current !== undefined) this.#writer.noteAction(action, at, head + 1);
      return { ...arrived, state };
    });
    this.#last = move.state;
    this.#parts.vectors.changed();
    return move;
  }

  /**
   * Replaces an unreadable state with that of a checkpoint, brought up to date with the journal. Everything else stays.
   *
   * @returns the state.
   */
  async mendState({ op, state }: Pick<CheckpointFile, "op" | "state">, cause: string, at: string): Promise<AgentState> {
    // The checkpoint's own state if the journal does not fit it.
    const newest = await presentFrom(op, state, this.journal).catch(() => state);
    const by = { cause, at };
    this.#transaction(() => {
      // The checksum of the unreadable row would stay in its index.
      this.#db.exec("REINDEX state_sums");
      this.#row.set(newest);
      this.#writer.recordRestored(this.#writer.restoreQueue(newest), by);
      this.journal.countFrom(op, newest, by);
    });
    this.#last = newest;
    return newest;
  }

  /** Must run inside a transaction. @param before The state that the change was made on. @returns the new passages. */
  #store(change: Change, before: AgentState | undefined): Reembedded[] {
    const firstOp = this.journal.headOp() + 1;
    if (change.spent !== undefined) this.#spent.add(change.spent);
    const { held = [], released = [] } = change;
    this.#parts.quarantine.remove(released.map(({ id }) => id));
    this.#parts.quarantine.add(held);
    // An agent's initial contents are not journalled: there is no earlier state to return to.
    const added = this.#writer.write(change, before !== undefined);
    this.#row.set(change.state);
    if (before !== undefined) this.#writer.recordState(before, change.state, change, change.messages);
    this.#writer.noteAction(change.action, change.at, firstOp);
    return added;
  }

  /** One undo or redo: goes to the planned operation, and marks the actions. */
  async #step(at: string, plan: () => Step | undefined): Promise<UndoMove | undefined> {
    const current = await this.load();
    const step = current === undefined ? undefined : guarded(this.#db, plan);
    if (current === undefined || step === undefined) return undefined;
    const journey = await planJourney(step.to, current, this.journal);
    const move = this.#transaction(() => {
      const arrived = this.#move(journey, current, { cause: step.cause, at });
      const state = embeddedAs(current, arrived.state);
      this.#row.set(state);
      step.done();
      return { ...arrived, state, actions: step.rows.map(toAction) };
    });
    this.#last = move.state;
    if (move.passages.removed.length + move.passages.added.length > 0) this.#parts.vectors.changed();
    return move;
  }

  /** Must run inside a transaction. */
  #move(journey: Journey, before: AgentState, by: By): HistoryMove {
    this.#parts.quarantine.remove(journey.released);
    this.#parts.quarantine.add(journey.held);
    return this.#writer.move(journey, before, by);
  }

  #transaction<T>(work: () => T): T {
    const { fullText, marks } = this.#parts;
    const carrying = (): T => {
      marks.carry();
      return work();
    };
    return fullText.mending(() => this.#immediately(carrying));
  }
}

type Step = {
  readonly rows: readonly ActionRow[];
  /** The operation to go to. */
  readonly to: number;
  readonly cause: string;
  readonly done: () => void;
};

function overtaken(): MemGPTError {
  const message = "Another process has changed the agent. Nothing was kept; open the agent again to continue.";
  return new MemGPTError("agent_locked", message);
}
