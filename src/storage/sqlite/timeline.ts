import type { Statement } from "better-sqlite3";
import type { Action } from "../../schema/timeline.ts";
import type { ActionRef } from "../../ports/history.ts";
import type { Database } from "./load-sqlite.ts";

/** One row of the `actions` table. Its changes are operations `first_op` to `last_op`. */
export type ActionRow = Action & { readonly seq: number; readonly first_op: number; readonly last_op: number };

/**
 * The `actions` table: the units of undo and redo. `undone` is null for an action in effect, otherwise the number of the undo. An
 * undo takes the newest actions in effect, so that they are newer than all remaining ones. If they no longer are, something was
 * done since, and they cannot be redone.
 */
export class SqliteTimeline {
  readonly #note: Statement<[id: string, at: string, label: string, first: number, last: number]>;
  readonly #done: Statement<[count: number], ActionRow>;
  readonly #byOp: Statement<[op: number], ActionRow>;
  readonly #lastUndo: Statement<[], { undone: number | null }>;
  readonly #undoneBy: Statement<[undo: number], ActionRow>;
  readonly #mark: Statement<[undo: number | null, seq: number]>;

  constructor(db: Database) {
    this.#note = db.prepare(
      `INSERT INTO actions (id, at, label, first_op, last_op) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET last_op = excluded.last_op`,
    );
    this.#done = db.prepare("SELECT * FROM actions WHERE undone IS NULL ORDER BY seq DESC LIMIT ?");
    this.#byOp = db.prepare("SELECT * FROM actions WHERE first_op <= ? ORDER BY first_op DESC LIMIT 1");
    this.#lastUndo = db.prepare("SELECT max(undone) AS undone FROM actions WHERE undone IS NOT NULL");
    this.#undoneBy = db.prepare("SELECT * FROM actions WHERE undone = ? ORDER BY seq");
    this.#mark = db.prepare("UPDATE actions SET undone = ? WHERE seq = ?");
  }

  /** The action that the operation was part of, if known. */
  actionOf(op: number): Action | undefined {
    const row = this.#byOp.get(op);
    return row === undefined || row.last_op < op ? undefined : toAction(row);
  }

  /** Assigns the operations from `first` to `last` to an action. */
  note({ id, label }: ActionRef, at: string, first: number, last: number): void {
    this.#note.run(id, at, label, first, last);
  }

  newest(count: number): ActionRow[] {
    return this.#done.all(count);
  }

  /** The actions of the last undo, oldest first; empty if something was done since. */
  undone(): ActionRow[] {
    const undo = this.#lastUndo.get()?.undone ?? null;
    const rows = undo === null ? [] : this.#undoneBy.all(undo);
    const standing = this.newest(1)[0]?.seq ?? 0;
    return rows.every(({ seq }) => seq > standing) ? rows : [];
  }

  markUndone(rows: readonly ActionRow[]): void {
    const undo = (this.#lastUndo.get()?.undone ?? 0) + 1;
    for (const { seq } of rows) this.#mark.run(undo, seq);
  }

  markRedone(rows: readonly ActionRow[]): void {
    for (const { seq } of rows) this.#mark.run(null, seq);
  }
}

export function toAction({ at, label }: ActionRow): Action {
  return { at, label };
}
