import type { Action } from "../../schema/timeline.ts";
import { type Queryable, reading } from "./database.ts";
import type { ActionRow } from "./write-set.ts";

/**
 * The `actions` table: the units of undo and redo. `undone` is null for an action in effect, otherwise the number of the undo. An
 * undo takes the newest actions in effect, so that they are newer than all remaining ones. If they no longer are, something was
 * done since, and they cannot be redone.
 */
export class PgTimeline {
  readonly #database: Queryable;
  readonly #agent: number;

  constructor(database: Queryable, agent: number) {
    this.#database = database;
    this.#agent = agent;
  }

  /** The action that the operation was part of, if known. */
  async actionOf(op: number): Promise<Action | undefined> {
    const [row] = await this.#rows("first_op <= $2 ORDER BY first_op DESC LIMIT 1", op);
    return row === undefined || row.last_op < op ? undefined : toAction(row);
  }

  async newest(count: number): Promise<ActionRow[]> {
    return this.#rows("undone IS NULL ORDER BY seq DESC LIMIT $2", count);
  }

  /** The actions of the last undo, oldest first; empty if something was done since. */
  async undone(): Promise<ActionRow[]> {
    const rows = await this.#rows("undone = (SELECT max(undone) FROM actions WHERE agent = $1) ORDER BY seq");
    const [standing] = await this.newest(1);
    return rows.every(({ seq }) => seq > (standing?.seq ?? 0)) ? rows : [];
  }

  /** The number of the next undo. */
  async nextUndo(): Promise<number> {
    const sql = "SELECT coalesce(max(undone), 0) + 1 AS undo FROM actions WHERE agent = $1 AND undone IS NOT NULL";
    const [row] = await reading(() => this.#database.query<{ undo: number }>(sql, [this.#agent]));
    return row?.undo ?? 1;
  }

  async #rows(where: string, ...values: (string | number)[]): Promise<ActionRow[]> {
    const sql = `SELECT seq, id, at, label, first_op, last_op FROM actions WHERE agent = $1 AND ${where}`;
    return reading(() => this.#database.query<ActionRow>(sql, [this.#agent, ...values]));
  }
}

export function toAction({ at, label }: ActionRow): Action {
  return { at, label };
}
