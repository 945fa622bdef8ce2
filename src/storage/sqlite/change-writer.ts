import type { Statement } from "better-sqlite3";
import { diffStates } from "../../memory/diff.ts";
import type { Journey } from "../../memory/journey.ts";
import { eventsOf } from "../../memory/queue.ts";
import type { ActionRef, Change, HistoryMove } from "../../ports/history.ts";
import type { Reembedded } from "../../ports/maintenance.ts";
import type { Message } from "../../schema/message.ts";
import type { Passage } from "../../schema/passage.ts";
import type { AgentState } from "../../schema/state.ts";
import type { SqliteCollection } from "./collection.ts";
import type { SqliteJournal } from "./journal.ts";
import type { Database } from "./load-sqlite.ts";
import { MessageRows } from "./message-rows.ts";
import { messageOrigin } from "../../memory/origin.ts";
import { releases } from "../../memory/released.ts";
import { PASSAGE, type StoredPassage, passageOf } from "../passage-columns.ts";
import { toBlob } from "../stored-values.ts";
import type { SqliteTimeline } from "./timeline.ts";

type PassageRow = [id: string, createdAt: string, text: string, embedding: Buffer | null, origin: string | null];

/** Who or what made a change, and when, as journal entries record it. */
export type By = { readonly cause: string; readonly at: string; readonly origin?: string | undefined };

type Tables = {
  readonly journal: SqliteJournal;
  readonly timeline: SqliteTimeline;
  readonly collection: SqliteCollection;
};

/** Writes changes to the rows of messages and passages, and journals them. Every method must run inside a transaction. */
export class ChangeWriter {
  readonly #messages: MessageRows;
  readonly #tables: Tables;
  readonly #addPassage: Statement<PassageRow>;
  readonly #setPassageLive: Statement<[live: number, id: string]>;
  readonly #passage: Statement<[id: string], StoredPassage>;
  readonly #liveIds: Readonly<Record<"messages" | "passages", Statement<[], { id: string }>>>;

  constructor(db: Database, tables: Tables) {
    this.#messages = new MessageRows(db);
    this.#tables = tables;
    this.#addPassage = db.prepare(
      "INSERT INTO passages (id, created_at, text, embedding, origin) VALUES (?, ?, ?, ?, ?)",
    );
    this.#setPassageLive = db.prepare("UPDATE passages SET live = ? WHERE id = ?");
    this.#passage = db.prepare(`SELECT ${PASSAGE} FROM passages WHERE id = ?`);
    this.#liveIds = {
      messages: db.prepare("SELECT id FROM messages WHERE live = 1"),
      passages: db.prepare("SELECT id FROM passages WHERE live = 1"),
    };
  }

  /**
   * Writes the messages and passages of a change. `isJournalled` is false for an agent's initial ones.
   *
   * @returns the new passages, each with its stored vector.
   */
  write(change: Change, isJournalled: boolean): Reembedded[] {
    const { messages, passages, rewritten = [], retracted = { messages: [], passages: [] } } = change;
    const { cause, at, origin } = change;
    const by = { cause, at, origin };
    for (const message of messages) {
      this.#messages.add(message);
      const whose = { ...by, origin: messageOrigin(message, origin) };
      if (isJournalled) this.#recordMessage(message.id, null, "true", whose);
    }
    for (const message of rewritten) {
      this.#recordMessage(message.id, this.#messages.json(message.id) ?? null, JSON.stringify(message), by);
      this.#messages.rewrite(message);
    }
    for (const id of retracted.messages) this.#retractMessage(id, by);
    for (const id of retracted.passages) this.#retractPassage(id, by);
    for (const entry of releases(change)) this.#tables.journal.append({ ...by, ...entry });
    return passages.map(({ id, createdAt, text, embedding, origin: own = origin }) => {
      const vector = embedding === null ? null : this.#tables.collection.storable(embedding);
      const blob = vector === null ? null : toBlob(vector);
      const seq = Number(this.#addPassage.run(id, createdAt, text, blob, own ?? null).lastInsertRowid);
      if (isJournalled) this.#recordPassage(id, null, "true", { ...by, origin: own });
      return { seq, vector };
    });
  }

  /** Journals the difference between two states. */
  recordState(before: AgentState, state: AgentState, by: By, added: readonly Message[] = []): void {
    for (const change of diffStates(before, state)) this.#tables.journal.appendChange(change, added, by);
  }

  /** Assigns everything journalled from operation `first` on to `action`. */
  noteAction(action: ActionRef, at: string, first: number): void {
    const last = this.#tables.journal.headOp();
    if (last >= first) this.#tables.timeline.note(action, at, first, last);
  }

  /** Performs a planned journey and journals it. */
  move({ from, to, state, messages, passages, outcome }: Journey, before: AgentState, { cause, at }: By): HistoryMove {
    for (const change of messages) {
      if ("rewritten" in change) this.#messages.rewrite(change.rewritten);
      else this.#messages.setLive(change.id, change.live);
    }
    for (const { id, live } of passages) this.#setPassageLive.run(live ? 1 : 0, id);
    if (from !== to) {
      const [left, reached] = [String(from), String(to)];
      this.#tables.journal.append({ at, cause, kind: "position", ref: "", before: left, after: reached });
    }
    const { removed, added } = outcome.passages;
    return {
      before,
      state,
      messages: outcome.messages,
      passages: { removed: this.#passagesOf(removed), added: this.#passagesOf(added) },
    };
  }

  /** Restores messages of the queue that recall storage lacks. @returns these messages; they are not journalled yet. */
  restoreQueue(state: AgentState): Message[] {
    return eventsOf(state).filter((message) => this.#messages.bringBack(message));
  }

  /** Journals restored messages. */
  recordRestored(messages: readonly Message[], by: By): void {
    for (const { id } of messages) this.#recordMessage(id, null, "true", by);
  }

  /**
   * Retracts everything outside the queue of `state`, which is from before the database was lost: anything else in the new
   * database is newer.
   */
  retractAllBut(state: AgentState, by: By): void {
    const kept = new Set(state.queue.map(({ id }) => id));
    const messages = this.#liveIds.messages.all().filter(({ id }) => !kept.has(id));
    for (const { id } of messages) this.#retractMessage(id, by);
    for (const { id } of this.#liveIds.passages.all()) this.#retractPassage(id, by);
  }

  #passagesOf(ids: readonly string[]): Passage[] {
    return ids.flatMap((id) => {
      const row = this.#passage.get(id);
      return row === undefined ? [] : [passageOf(row)];
    });
  }

  #retractMessage(id: string, by: By): void {
    this.#messages.setLive(id, false);
    this.#recordMessage(id, "true", null, by);
  }

  #retractPassage(id: string, by: By): void {
    this.#setPassageLive.run(0, id);
    this.#recordPassage(id, "true", null, by);
  }

  #recordMessage(id: string, before: string | null, after: string | null, by: By): void {
    this.#tables.journal.append({ ...by, kind: "message", ref: id, before, after });
  }

  #recordPassage(id: string, before: string | null, after: string | null, by: By): void {
    this.#tables.journal.append({ ...by, kind: "passage", ref: id, before, after });
  }
}
