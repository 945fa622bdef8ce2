import { arrival, embeddedAs, stateAt } from "../arrivals.ts";
import { isDeepStrictEqual } from "node:util";
import { MemGPTError } from "../../errors.ts";
import { parseJson } from "../../memory/envelope.ts";
import { planJourney, reaches } from "../../memory/journey.ts";
import { NOTHING_SPENT, plus } from "../../memory/spent.ts";
import type {
  ActionRef,
  Change,
  CommitOptions,
  Destination,
  History,
  HistoryMove,
  UndoMove,
} from "../../ports/history.ts";
import { type Spent, spentSchema } from "../../schema/spent.ts";
import type { AgentState } from "../../schema/state.ts";
import type { Action } from "../../schema/timeline.ts";
import { Changes } from "./changes.ts";
import type { PgCollection } from "./collection.ts";
import type { Queryable } from "./database.ts";
import type { Head, PgHead } from "./head.ts";
import type { NearVectors } from "./near-vectors.ts";
import { PgJournal } from "./journal.ts";
import { Packing } from "./packing.ts";
import { overtaken } from "./statement.ts";
import { storeChanges } from "./store-changes.ts";
import { PgTimeline, toAction } from "./timeline.ts";
import { type ActionRow, WriteSet } from "./write-set.ts";

/** An agent, and the fencing number of its holder. */
export type Holding = {
  readonly agent: number;
  readonly fence: number;
  /** Number of unpacked texts from which postings are packed, and vectors added to pgvector. */
  readonly packFrom?: number | undefined;
  /** Number of vectors that pgvector compares one by one. */
  readonly compared?: number | undefined;
};

/** What a history keeps up to date. */
type Beside = { readonly head: PgHead; readonly collection: PgCollection; readonly near: NearVectors };

/** The state, journal and turns of an agent. The rules of undo and redo are in memory/journey.ts. */
export class PgHistory implements History {
  readonly journal: PgJournal;
  readonly #database: Queryable;
  readonly #fence: number;
  readonly #collection: PgCollection;
  readonly #near: NearVectors;
  readonly #timeline: PgTimeline;
  readonly #changes: Changes;
  readonly #packing: Packing;
  /** Only the agent's holder changes it. */
  readonly #head: PgHead;
  /** The operation before a commit whose answer was lost. */
  #unsure: number | undefined;
  /** The newest action stored by this instance. */
  #latest: ActionRow | undefined;
  /** Resolves when earlier work is done: commits run one at a time. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(database: Queryable, { agent, fence, packFrom }: Holding, { head, collection, near }: Beside) {
    this.#database = database;
    this.#fence = fence;
    this.#head = head;
    this.#collection = collection;
    this.#near = near;
    this.journal = new PgJournal(database, head);
    this.#timeline = new PgTimeline(database, agent);
    this.#changes = new Changes(database, agent);
    this.#packing = new Packing(database, agent, packFrom);
  }

  async load(): Promise<AgentState | undefined> {
    return (await this.#head.current()).state;
  }

  async spent(): Promise<Spent> {
    return totalOf(await this.#head.figures());
  }

  async actions(count: number): Promise<Action[]> {
    return (await this.#timeline.newest(count)).map(toAction);
  }

  async actionOf(op: number): Promise<Action | undefined> {
    const latest = this.#latest;
    if (latest !== undefined && latest.first_op <= op && op <= latest.last_op) return toAction(latest);
    return this.#timeline.actionOf(op);
  }

  async commit(changes: Change | readonly Change[], { from }: CommitOptions = {}): Promise<number> {
    return this.#alone(async (head) => {
      if (from !== undefined && head.op !== from) throw overtaken();
      const set = new WriteSet(head);
      for (const change of [changes].flat()) await this.#store(set, change);
      await this.#keep(set, head);
      return set.head.op;
    });
  }

  async undo(count: number, at: string): Promise<UndoMove | undefined> {
    return this.#step(at, "undo", async () => {
      const rows = await this.#timeline.newest(count);
      const oldest = rows.at(-1);
      if (oldest === undefined) return undefined;
      return { rows, to: oldest.first_op - 1, undone: await this.#timeline.nextUndo() };
    });
  }

  async redo(at: string): Promise<UndoMove | undefined> {
    return this.#step(at, "redo", async () => {
      const rows = await this.#timeline.undone();
      const newest = rows.at(-1);
      return newest === undefined ? undefined : { rows, to: newest.last_op, undone: null };
    });
  }

  async goTo(target: Destination, action: ActionRef, at: string): Promise<HistoryMove> {
    return this.#alone(async (head) => {
      const current = head.state;
      const isUnknown = target.op < 0 || target.op > head.op;
      const from = current ?? target.state;
      if (from === undefined || (target.state === undefined && isUnknown)) {
        throw new MemGPTError("not_found", `Operation ${target.op} does not exist. Nothing was changed.`);
      }
      const isReached = await reaches(target.op, this.journal);
      const by = { cause: action.label, at };
      const set = new WriteSet(head);
      const arrived =
        current === undefined
          ? arrival(from)
          : await this.#changes.move(set, await planJourney(target.op, current, this.journal), from, by);
      const reached = embeddedAs(from, arrived.state);
      const state = embeddedAs(from, stateAt(target, arrived));
      const isThere = current !== undefined && isDeepStrictEqual(reached, state);
      const restored = isThere ? [] : await this.#changes.restoreQueue(set, state);
      set.head.state = state;
      if (current !== undefined) {
        for (const { id } of restored) set.record({ ...by, kind: "message", ref: id, before: null, after: "true" });
        if (!isReached) await this.#changes.retractAllBut(set, state, by);
        await this.#changes.recordState(set, reached, state, by);
      }
      set.countFrom(target.op, state.id, by);
      if (current !== undefined) set.noteAction(action, at, head.op + 1);
      await this.#keep(set, head);
      return { ...arrived, state };
    });
  }

  /** Commits, and in the same statement replaces the passages' vectors with those of a finished reindexing. */
  async commitReindexed(change: Change, collection: string): Promise<void> {
    await this.#alone(async (head) => {
      const set = new WriteSet(head);
      await this.#store(set, change);
      set.head.collection = collection === "null" ? null : collection;
      set.isReindexed = true;
      await this.#keep(set, head);
    });
  }

  /** Runs `work`, which writes by its own means and returns the new head, while nothing else is stored. */
  async exclusively(work: (head: Head) => Promise<Head>): Promise<void> {
    await this.#alone(async (head) => {
      this.#head.known = await work(head);
      this.#latest = undefined;
    });
    // Until the texts are packed, searches read every one of them.
    await this.settled();
  }

  /** The newest operation, and the sizes of recall and archival storage. */
  async present(): Promise<{ op: number; counts: { messages: number; passages: number } }> {
    const { op, messages, passages } = await this.#head.figures();
    if (this.#unsure !== undefined && op !== this.#unsure) throw unexpected();
    return { op, counts: { messages, passages } };
  }

  /** Resolves when nothing is being stored. */
  async settled(): Promise<void> {
    await this.#before;
    await this.#near.settled();
  }

  async #store(set: WriteSet, change: Change): Promise<void> {
    const before = set.head.state;
    const first = set.head.op + 1;
    if (change.spent !== undefined && change.spent.requests > 0) {
      set.head.spent = JSON.stringify(plus(totalOf(set.head), change.spent));
    }
    set.released.push(...(change.released ?? []).map(({ id }) => id));
    set.held.push(...(change.held ?? []));
    // An agent's initial contents are not journalled: there is no earlier state to return to.
    await this.#changes.write(set, change, { isJournalled: before !== undefined, collection: this.#collection });
    set.head.state = change.state;
    if (before !== undefined) await this.#changes.recordState(set, before, change.state, change);
    set.noteAction(change.action, change.at, first);
  }

  /** One undo or redo: goes to the planned operation, and marks the actions. */
  async #step(at: string, cause: string, plan: () => Promise<Step | undefined>): Promise<UndoMove | undefined> {
    return this.#alone(async (head) => {
      const current = head.state;
      const step = current === undefined ? undefined : await plan();
      if (current === undefined || step === undefined) return undefined;
      const journey = await planJourney(step.to, current, this.journal);
      const set = new WriteSet(head);
      const arrived = await this.#changes.move(set, journey, current, { cause, at });
      const state = embeddedAs(current, arrived.state);
      set.head.state = state;
      set.undone.push(...step.rows.map(({ seq }) => ({ seq, undone: step.undone })));
      await this.#keep(set, head);
      return { ...arrived, state, actions: step.rows.map(toAction) };
    });
  }

  async #keep(set: WriteSet, { op }: Head): Promise<void> {
    await storeChanges(this.#database, set, op);
    this.#head.known = set.head;
    this.#latest = [...set.actions.values()].at(-1) ?? this.#latest;
  }

  async #alone<T>(work: (head: Head) => Promise<T>): Promise<T> {
    const before = this.#before;
    const mine = (async () => {
      await before.catch(() => undefined);
      // With the fencing number of this lease, not the stored one: another process may have taken the agent since.
      const head = (this.#head.known ??= { ...(await this.#head.current()), fence: this.#fence });
      if (this.#unsure !== undefined && head.op !== this.#unsure) throw unexpected();
      this.#unsure = undefined;
      try {
        return await work(head);
      } catch (error) {
        // The stored head may be newer than expected: read it again.
        this.#head.known = undefined;
        if (error instanceof MemGPTError && error.kept === "unknown") this.#unsure = head.op;
        throw error;
      }
    })();
    // A commit does not wait for packing.
    this.#before = mine.then(
      async () => this.#pack(),
      () => undefined,
    );
    return mine;
  }

  async #pack(): Promise<void> {
    if (this.#head.known === undefined) return;
    this.#head.known = await this.#packing.after(this.#head.known);
    this.#near.later(this.#head.known);
  }
}

type Step = {
  readonly rows: readonly ActionRow[];
  /** The operation to go to. */
  readonly to: number;
  /** Number of the undo; null for a redo. */
  readonly undone: number | null;
};

/** An open agent does not know of that step, and would overwrite it with an older state. */
function unexpected(): MemGPTError {
  const message =
    "An earlier step was stored although its answer was lost. Nothing of this one was kept; open the agent again to continue.";
  return new MemGPTError("agent_locked", message);
}

/** A damaged total counts as none: it must not prevent a conversation. */
function totalOf({ spent }: Pick<Head, "spent">): Spent {
  return spent === null ? NOTHING_SPENT : spentSchema().catch(NOTHING_SPENT).parse(parseJson(spent));
}
