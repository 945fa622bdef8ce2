import { MemGPTError } from "../../errors.ts";
import { type Queryable, type Value, again, asRows, storing } from "./database.ts";
import type { Head } from "./head.ts";

/** A statement that updates the row of one agent and leaves a token there. It returns a row if it did. */
export type Statement = { readonly sql: string; readonly values: readonly Value[]; readonly token: string };

/**
 * Executes a statement that does nothing if the agent is not in the expected state.
 *
 * If the connection breaks, the statement may have been executed. It is repeated all the same: it does nothing if the agent has
 * moved on, and then the token tells whether this statement did that.
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
      const moved = await database.query(sql, values, { isUsual: true });
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

/** Builds one statement from common table expressions and values. */
export class Parts {
  readonly values: Value[] = [];
  readonly #parts: string[] = [];
  #agent = "NULL";

  /** Condition for rows `t` of the updated agent. The number is included so that PostgreSQL can choose the partition. */
  get ofAgent(): string {
    return `t.agent = ${this.#agent}::bigint AND t.agent = moved.agent`;
  }

  value(value: Value): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** Rows named `r`, for a FROM clause. */
  rows(rows: readonly Readonly<Record<string, Value>>[], columns: Columns): string {
    const list = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    return `json_to_recordset(${this.value(asRows(rows))}::json) AS r (${list.join(", ")})`;
  }

  add(name: string, sql: string): void {
    this.#parts.push(`${name} AS (${sql})`);
  }

  /** Inserts rows into a table. If the agent has moved on, `moved` is empty and nothing is inserted. */
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

  /** Updates the rows of a table with the same `key`. */
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
   * The first part: updates the agent's row if it is at operation `from` and held with this fencing number. Otherwise all other
   * parts do nothing.
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

/** Columns of `journal`, without the agent. */
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
