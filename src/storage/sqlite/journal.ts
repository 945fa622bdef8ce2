import type { Statement } from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";
import { type StateChange, undoChange } from "../../memory/diff.ts";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import type { Journal, JournalEntry } from "../interfaces.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

type NewEntry = Omit<JournalEntry, "op">;

/**
 * The journal in the `journal` table. Queue items are journalled by message id wherever the message is in recall word
 * for word, so that the journal grows by what changed and not by what was said.
 */
export class SqliteJournal implements Journal {
  readonly #insert: Statement<[string, string, string, string, string | null, string | null]>;
  readonly #head: Statement<[], { op: number | null }>;
  readonly #nearest: Statement<[op: number], { op: number }>;
  readonly #insertAs: Statement<[op: number, string, string, string, string, string | null, string | null]>;
  readonly #between: Statement<[from: number, to: number], JournalEntry>;
  readonly #message: Statement<[id: string], { json: string }>;
  readonly #setLive: Readonly<Record<"message" | "passage", Statement<[live: number, id: string]>>>;

  constructor(db: Database) {
    this.#insert = db.prepare("INSERT INTO journal (at, cause, kind, ref, before, after) VALUES (?, ?, ?, ?, ?, ?)");
    this.#head = db.prepare("SELECT max(op) AS op FROM journal");
    this.#insertAs = db.prepare(
      "INSERT INTO journal (op, at, cause, kind, ref, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#nearest = db.prepare(
      `SELECT coalesce(
         (SELECT max(op) FROM journal WHERE op <= ?), (SELECT iif(min(op) = 1, 0, min(op)) FROM journal), 0
       ) AS op`,
    );
    this.#between = db.prepare("SELECT * FROM journal WHERE op > ? AND op <= ? ORDER BY op");
    this.#message = db.prepare("SELECT json FROM messages WHERE id = ?");
    this.#setLive = {
      message: db.prepare("UPDATE messages SET live = ? WHERE id = ?"),
      passage: db.prepare("UPDATE passages SET live = ? WHERE id = ?"),
    };
  }

  async head(): Promise<number> {
    return guarded(() => this.headOp());
  }

  async entries(from: number, to: number): Promise<JournalEntry[]> {
    return guarded(() => this.#between.all(from, to));
  }

  /** Number of the newest operation, for use inside a transaction. */
  headOp(): number {
    return this.#head.get()?.op ?? 0;
  }

  /** The newest operation that is not after `op`; the first there is, if all are. */
  nearestOp(op: number): number {
    return this.#nearest.get(op)?.op ?? 0;
  }

  /** Sees to it that the next operation comes after `op`, with an entry that changes nothing. */
  countFrom(op: number, state: AgentState, cause: string, at: string): void {
    const id = JSON.stringify(state.id);
    if (this.headOp() < op) this.#insertAs.run(op, at, cause, "state", "id", id, id);
  }

  append(entry: NewEntry): void {
    this.#insert.run(entry.at, entry.cause, entry.kind, entry.ref, entry.before, entry.after);
  }

  appendChange(change: StateChange, cause: string, at: string): void {
    const shorten =
      change.kind === "queue" ? (value: unknown) => this.#shortenSplice(value) : (value: unknown) => value;
    this.append({
      at,
      cause,
      kind: change.kind,
      ref: change.ref,
      before: JSON.stringify(shorten(change.before)),
      after: JSON.stringify(shorten(change.after)),
    });
  }

  /** Undoes and journals every operation after `op`. Must run inside a transaction. @returns the earlier state. */
  undoAfter(op: number, current: AgentState, cause: string, at: string): AgentState {
    let state: AgentState = current;
    for (const entry of this.#between.all(op, this.headOp()).reverse()) {
      state = this.#undo(entry, state);
      this.append({ at, cause, kind: entry.kind, ref: entry.ref, before: entry.after, after: entry.before });
    }
    return agentStateSchema.parse(state);
  }

  /** The newest state, made from an earlier one as it was right after `op`. Changes nothing. */
  redoAfter(op: number, earlier: AgentState): AgentState {
    let state = earlier;
    for (const entry of this.#between.all(op, this.headOp())) {
      if (entry.kind === "message" || entry.kind === "passage") continue;
      state = this.#undo({ ...entry, before: entry.after, after: entry.before }, state);
    }
    return agentStateSchema.parse(state);
  }

  #undo(entry: JournalEntry, state: AgentState): AgentState {
    const before: unknown = JSON.parse(entry.before ?? "null");
    const after: unknown = JSON.parse(entry.after ?? "null");
    switch (entry.kind) {
      case "message":
      case "passage":
        this.#setLive[entry.kind].run(before === null ? 0 : 1, entry.ref);
        return state;
      case "block":
      case "state":
        return asState(undoChange(state, { kind: entry.kind, ref: entry.ref, before, after }));
      case "queue": {
        const change = {
          kind: entry.kind,
          ref: entry.ref,
          before: this.#wholeSplice(before),
          after: this.#wholeSplice(after),
        };
        return asState(undoChange(state, change));
      }
    }
  }

  #shortenSplice(value: unknown): unknown {
    const { at, items } = splice(value);
    return { at, items: items.map((item) => (this.#isInRecall(item) ? idOf(item) : item)) };
  }

  #wholeSplice(value: unknown): { at: number; items: unknown[] } {
    const { at, items } = splice(value);
    return { at, items: items.map((item) => (typeof item === "string" ? this.#recalled(item) : item)) };
  }

  #isInRecall(item: unknown): boolean {
    const id = idOf(item);
    return id !== undefined && this.#message.get(id)?.json === JSON.stringify(item);
  }

  #recalled(id: string): unknown {
    const row = this.#message.get(id);
    if (row === undefined)
      throw new MemGPTError("storage_failed", `Message ${id} of the journal is missing. Nothing was changed.`);
    return JSON.parse(row.json) as unknown;
  }
}

/** Fields are checked once all operations are undone; in between the state is only carried along. */
function asState(value: Record<string, unknown>): AgentState {
  return value as unknown as AgentState;
}

function splice(value: unknown): { at: number; items: unknown[] } {
  if (typeof value === "object" && value !== null && "at" in value && "items" in value) {
    if (typeof value.at === "number" && Array.isArray(value.items)) return { at: value.at, items: value.items };
  }
  throw new MemGPTError("storage_failed", "An entry of the journal is damaged. Nothing was changed.");
}

function idOf(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null || !("id" in item)) return undefined;
  return typeof item.id === "string" ? item.id : undefined;
}
