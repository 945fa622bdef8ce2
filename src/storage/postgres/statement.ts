import { MemGPTError } from "../../errors.ts";
import { type Queryable, type Value, again, asRows, storing } from "./database.ts";
import type { Head } from "./head.ts";

/** A statement that moves the row of one agent on, and leaves a token there. It has a row where it did. */
export type Statement = { readonly sql: string; readonly values: readonly Value[]; readonly token: string };

/**
 * Carries out a statement that does all it does, or nothing if the agent is not as it expects.
 *
 * One whose connection broke may have been carried out. It is repeated all the same: it does nothing where the agent
 * has moved on, and what it would have left there tells whether it was this one.
 *
 * @throws MemGPTError `agent_locked` if another process has taken or changed the agent; `storage_failed`.
 */
export async function carryOut(
  database: Queryable,
  agent: Head["agent"],
  { sql, values, token }: Statement,
): Promise<void> {
  await storing(() =>
    again(async (attempt) => {
      const moved = await database.query(sql, values);
      if (moved.length > 0 || (attempt > 0 && (await isOurs(database, agent, token)))) return;
      throw overtaken();
    }),
  );
}

async function isOurs(database: Queryable, agent: number, token: string): Promise<boolean> {
  const sql = "SELECT 1 FROM heads WHERE agent = $1 AND token = $2::uuid";
  return (await database.query(sql, [agent, token])).length > 0;
}

export function overtaken(): MemGPTError {
  const message = "Another process has changed the agent. Nothing was kept; open the agent again to continue.";
  return new MemGPTError("agent_locked", message);
}

type Columns = Readonly<Record<string, string>>;

/** The common table expressions of one statement, and its values. */
export class Parts {
  readonly values: Value[] = [];
  readonly #parts: string[] = [];
  #agent = "NULL";

  /** Rows `t` of the agent, where it was moved on. By its number, PostgreSQL knows in which partition they are. */
  get ofAgent(): string {
    return `t.agent = ${this.#agent}::bigint AND t.agent = moved.agent`;
  }

  value(value: Value): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** Rows as `r`, for a FROM clause. */
  rows(rows: readonly Readonly<Record<string, Value>>[], columns: Columns): string {
    const list = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    return `json_to_recordset(${this.value(asRows(rows))}::json) AS r (${list.join(", ")})`;
  }

  add(name: string, sql: string): void {
    this.#parts.push(`${name} AS (${sql})`);
  }

  /** Adds new rows to a table. `moved` has no row, and so nothing is added, where the agent has moved on. */
  insert(table: string, rows: readonly Readonly<Record<string, Value>>[], columns: Columns, conflict = ""): void {
    if (rows.length === 0) return;
    const names = Object.keys(columns);
    const read = names.map((name) => (name === "embedding" ? "decode(r.embedding, 'base64')" : `r.${name}`));
    const from = `moved, ${this.rows(rows, columns)}`;
    this.add(
      `added_${table}`,
      `INSERT INTO ${table} (agent, ${names.join(", ")}) SELECT moved.agent, ${read.join(", ")} FROM ${from} ${conflict}`,
    );
  }

  /** Sets columns of the rows of a table that have a `key`. */
  update(table: string, rows: readonly Readonly<Record<string, Value>>[], columns: Columns, key: string): void {
    if (rows.length === 0) return;
    const names = Object.keys(columns).filter((name) => name !== key);
    const set = names.map((name) => `${name} = r.${name}`).join(", ");
    const from = `moved, ${this.rows(rows, columns)}`;
    this.add(
      `changed_${table}`,
      `UPDATE ${table} t SET ${set} FROM ${from} WHERE ${this.ofAgent} AND t.${key} = r.${key}`,
    );
  }

  remove(table: string, key: string, type: string, keys: readonly string[] | readonly number[]): void {
    if (keys.length === 0) return;
    const among = `t.${key} = ANY (${this.value(keys)}::${type}[])`;
    this.add(`removed_${table}`, `DELETE FROM ${table} t USING moved WHERE ${this.ofAgent} AND ${among}`);
  }

  /**
   * The first part: moves the agent's row on from operation `from`, if it is held with that fencing number. All others do
   * nothing where it does not.
   */
  move(
    { agent, fence }: Pick<Head, "agent" | "fence">,
    from: number,
    columns: readonly (readonly [name: string, value: Value, type: string])[],
  ): void {
    const changed = columns.map(([name, value, type]) => `${name} = ${this.value(value)}::${type}`).join(", ");
    this.#agent = this.value(agent);
    const [held, before] = [fence, from].map((it) => this.value(it));
    this.add(
      "moved",
      `UPDATE heads SET ${changed} WHERE agent = ${this.#agent}::bigint AND fence = ${held}::bigint AND op = ${before}::bigint RETURNING agent`,
    );
  }

  toString(): string {
    return `WITH ${this.#parts.join(",\n")}\nSELECT agent FROM moved`;
  }
}

/** Columns of `journal`, but for the agent. */
export const JOURNAL = {
  op: "bigint",
  at: "text",
  cause: "text",
  kind: "text",
  ref: "text",
  before: "text",
  after: "text",
  origin: "text",
} as const;
