import { setTimeout } from "node:timers/promises";
import { MemGPTError } from "../../errors.ts";
import { type Queryable, type Value, asRows, isLost, storing } from "./database.ts";
import { COUNTS } from "./head.ts";
import { MESSAGE_COLUMNS, PASSAGE_COLUMNS } from "./rows.ts";
import type { WriteSet } from "./write-set.ts";

/** Milliseconds before a statement whose connection broke is tried again: 12 seconds in all. */
const PAUSES = [50, 200, 750, 2_000, 4_000, 5_000];

/**
 * Stores all of a set or nothing, by one statement, if the agent is still at operation `from` and held with the fencing number
 * of the set.
 *
 * A statement whose connection broke may have been carried out. It is repeated all the same: it does nothing where the agent
 * has moved on, and what it would have left there tells whether it was this one.
 *
 * @throws MemGPTError `agent_locked` if another process has taken or changed the agent; `storage_failed`.
 */
export async function storeChanges(database: Queryable, set: WriteSet, from: number): Promise<void> {
  const token = crypto.randomUUID();
  const { sql, values } = statementOf(set, { token, from });
  await storing(async () => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const moved = await database.query(sql, values);
        if (moved.length > 0 || (attempt > 0 && (await isOurs(database, set, token)))) return;
        throw overtaken();
      } catch (error) {
        const pause = PAUSES[attempt];
        if (error instanceof MemGPTError || !isLost(error) || pause === undefined) throw error;
        await setTimeout(pause);
      }
    }
  });
}

async function isOurs(database: Queryable, { head }: WriteSet, token: string): Promise<boolean> {
  const sql = "SELECT 1 FROM heads WHERE agent = $1 AND token = $2::uuid";
  return (await database.query(sql, [head.agent, token])).length > 0;
}

export function overtaken(): MemGPTError {
  const message = "Another process has changed the agent. Nothing was kept; open the agent again to continue.";
  return new MemGPTError("agent_locked", message);
}

type Columns = Readonly<Record<string, string>>;

/** The common table expressions of one statement, and its values. */
class Parts {
  readonly values: Value[] = [];
  readonly #parts: string[] = [];

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
      `UPDATE ${table} t SET ${set} FROM ${from} WHERE t.agent = moved.agent AND t.${key} = r.${key}`,
    );
  }

  remove(table: string, key: string, type: string, keys: readonly string[] | readonly number[]): void {
    if (keys.length === 0) return;
    const among = `t.${key} = ANY (${this.value(keys)}::${type}[])`;
    this.add(`removed_${table}`, `DELETE FROM ${table} t USING moved WHERE t.agent = moved.agent AND ${among}`);
  }

  toString(): string {
    return `WITH ${this.#parts.join(",\n")}\nSELECT agent FROM moved`;
  }
}

function statementOf(
  set: WriteSet,
  { token, from }: { readonly token: string; readonly from: number },
): { readonly sql: string; readonly values: readonly Value[] } {
  const { head } = set;
  const parts = new Parts();
  const columns: [name: string, value: Value, type: string][] = [
    ["token", token, "uuid"],
    ["state", head.state === undefined ? null : JSON.stringify(head.state), "text"],
    ["spent", head.spent, "text"],
    ["collection", head.collection, "text"],
    ["said_at", head.said_at, "text"],
    ...(set.isReindexed ? [["reindex", null, "text"] satisfies [string, Value, string]] : []),
    ...COUNTS.map((name): [string, Value, string] => [name, head[name], "bigint"]),
  ];
  const changed = columns.map(([name, value, type]) => `${name} = ${parts.value(value)}::${type}`).join(", ");
  const [agent, fence, before] = [head.agent, head.fence, from].map((it) => parts.value(it));
  parts.add(
    "moved",
    `UPDATE heads SET ${changed} WHERE agent = ${agent}::bigint AND fence = ${fence}::bigint AND op = ${before}::bigint RETURNING agent`,
  );
  const [messages, passages] = [[...set.messages.values()], [...set.passages.values()]];
  const isNew = ({ isNew }: { readonly isNew: boolean }): boolean => isNew;
  const isChanged = (it: { readonly isNew: boolean; readonly isChanged: boolean }): boolean =>
    !it.isNew && it.isChanged;
  parts.insert(
    "messages",
    messages.filter(isNew).map(({ row }) => row),
    MESSAGE_COLUMNS,
  );
  parts.update(
    "messages",
    messages.filter(isChanged).map(({ row }) => row),
    MESSAGE_COLUMNS,
    "seq",
  );
  const speakers = [...set.speakers].map((name) => ({ name }));
  parts.insert("speakers", speakers, { name: "text" }, "ON CONFLICT DO NOTHING");
  parts.insert(
    "passages",
    passages.filter(isNew).map(({ row }) => row),
    PASSAGE_COLUMNS,
  );
  const toggled = passages.filter(isChanged).map(({ row: { seq, live } }) => ({ seq, live }));
  parts.update("passages", toggled, { seq: "bigint", live: "boolean" }, "seq");
  parts.insert(
    "journal",
    set.entries.map((entry) => ({ ...entry, origin: entry.origin ?? null })),
    JOURNAL,
  );
  const actions = [...set.actions.values()];
  parts.insert("actions", actions, ACTION, "ON CONFLICT (agent, id) DO UPDATE SET last_op = excluded.last_op");
  parts.update("actions", set.undone, { seq: "bigint", undone: "bigint" }, "seq");
  const held = set.held.map((it, place) => ({ op: head.op, place, id: it.id, json: JSON.stringify(it) }));
  parts.insert("quarantine", held, { op: "bigint", place: "integer", id: "text", json: "text" });
  parts.remove("quarantine", "id", "text", set.released);
  parts.remove("said_vectors", "n", "bigint", set.stale);
  if (set.isReindexed) {
    parts.add(
      "swapped",
      `UPDATE passages p SET embedding = r.embedding FROM moved, reindexed r
      WHERE p.agent = moved.agent AND r.agent = moved.agent AND r.seq = p.seq`,
    );
    parts.add("cleared", "DELETE FROM reindexed r USING moved WHERE r.agent = moved.agent");
  }
  return { sql: parts.toString(), values: parts.values };
}

const JOURNAL = {
  op: "bigint",
  at: "text",
  cause: "text",
  kind: "text",
  ref: "text",
  before: "text",
  after: "text",
  origin: "text",
} as const;

const ACTION = {
  seq: "bigint",
  id: "text",
  at: "text",
  label: "text",
  first_op: "bigint",
  last_op: "bigint",
} as const;
