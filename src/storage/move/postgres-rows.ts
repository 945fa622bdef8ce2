import { termsIn } from "../../search/analyze.ts";
import { MemGPTError } from "../../errors.ts";
import { readCheckpointText } from "../files/checkpoint-text.ts";
import { checkName } from "../files/paths.ts";
import { nameTaken } from "../names.ts";
import { addAgent, agentNamed, nameAgent, removeRows } from "../postgres/agents.ts";
import type { Connected, Connection } from "../postgres/connect.ts";
import { type Database, type Queryable, asRows, base64, reading, storing } from "../postgres/database.ts";
import { readHead } from "../postgres/head.ts";
import { Packing } from "../postgres/packing.ts";
import { overtaken } from "../postgres/statement.ts";
import {
  type AgentRows,
  type MovedHead,
  type Row,
  type RowStorage,
  type Source,
  TABLE_NAMES,
  type Table,
  layoutOf,
  withTraits,
} from "./tables.ts";

/** An agent being moved has a name that no agent can have, so that a repeated move finds what an interrupted one left. */
const UNFINISHED = ".moving-";

type Holding = { readonly agent: number; readonly fence: number };

/** The agents of one owner in a PostgreSQL database. */
export class PgRowStorage implements RowStorage {
  readonly #connection: Connection;
  readonly #owner: string;

  constructor(connection: Connection, owner: string) {
    this.#connection = connection;
    this.#owner = owner;
  }

  async read(name: string): Promise<AgentRows | undefined> {
    const { database } = await this.#connect();
    const agent = await agentNamed(database, this.#owner, checkName(name, "agent"));
    return agent === undefined ? undefined : openRows(database, agent);
  }

  async make(name: string, from: Source, check: (copy: AgentRows) => Promise<void>): Promise<void> {
    const { database, leases } = await this.#connect();
    const checked = checkName(name, "agent");
    const draft = `${UNFINISHED}${checked}`;
    const left = await agentNamed(database, this.#owner, draft);
    if (left !== undefined) {
      const fence = await leases.take(left, checked, database).catch((cause: unknown) => {
        throw cause instanceof MemGPTError && cause.code === "agent_locked" ? beingMoved(checked, cause) : cause;
      });
      await removeRows(database, left, fence);
    }
    const agent = await addAgent(database, this.#owner, draft);
    if (agent === undefined) throw beingMoved(checked);
    const held = { agent, fence: await leases.take(agent, checked, database) };
    try {
      for (const table of TABLE_NAMES) {
        for await (const rows of from.portions(table)) await add(database, held, table, rows);
      }
      await setHead(database, held, from.head);
      const copy = await openRows(database, agent);
      await check(copy).finally(() => copy.close());
      await new Packing(database, agent).after(await readHead(database, agent));
      if (!(await nameAgent(database, { agent, owner: this.#owner, name: checked }))) throw nameTaken(checked);
    } catch (error) {
      // If this fails, the next attempt removes them.
      await removeRows(database, agent, held.fence).catch(() => undefined);
      throw error;
    } finally {
      await leases.release(agent, held.fence, database);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #connect(): Promise<Pick<Connected, "database" | "leases">> {
    const { database, leases, as } = await this.#connection.connect();
    return { database: as?.(this.#owner) ?? database, leases };
  }
}

function beingMoved(name: string, cause?: unknown): MemGPTError {
  const message = `Another process is moving ${name}, or was a few seconds ago. Nothing was changed; try again in ten seconds.`;
  return new MemGPTError("agent_locked", message, { cause });
}

async function openRows(database: Database, agent: number): Promise<AgentRows> {
  const instant = await reading(() => database.snapshot());
  try {
    const [head] = await reading(() =>
      instant.query<MovedHead>("SELECT state, spent, collection, reindex FROM heads WHERE agent = $1", [agent]),
    );
    if (head === undefined) throw new MemGPTError("agent_not_found", "The agent has just been removed.");
    return {
      head,
      after: async (table, key) => reading(() => rowsAfter(instant, agent, { table, last: key })),
      close: async () => instant.close(),
    };
  } catch (error) {
    await instant.close();
    throw error;
  }
}

type Place = { readonly table: Table; readonly last: string | number };

async function rowsAfter(database: Queryable, agent: number, { table, last }: Place): Promise<Row[]> {
  const { key, columns, portion } = layoutOf(table);
  // Both storages number quarantined writes from 1.
  const counted =
    "(SELECT agent, row_number() OVER (PARTITION BY agent ORDER BY op, place) AS seq, id, json FROM quarantine)";
  const from = table === "quarantine" ? counted : table;
  return database.query<Row>(
    `SELECT ${Object.keys(columns).join(", ")} FROM ${from} AS t
     WHERE agent = $1 AND ${key} > $2 ORDER BY ${key} LIMIT ${portion}`,
    [agent, last],
  );
}

/** @throws MemGPTError `storage_failed` if another process has taken the agent since. */
async function add(database: Queryable, { agent, fence }: Holding, table: Table, rows: readonly Row[]): Promise<void> {
  const columns: Readonly<Record<string, string>> = { ...layoutOf(table).columns, ...DERIVED[table] };
  const names = Object.keys(columns).map((name) => STORED_AS[table]?.[name] ?? name);
  const values = Object.entries(columns).map(([name, type]) =>
    type === "bytea" ? `decode(r.${name}, 'base64')` : `r.${name}`,
  );
  const types = Object.entries(columns).map(([name, type]) => `${name} ${type === "bytea" ? "text" : type}`);
  const sent = rows.map((row) => written(derived(row, table)));
  const held = await storing(() =>
    database.query(
      `WITH held AS (SELECT agent FROM heads WHERE agent = $1 AND fence = $2), added AS (
         INSERT INTO ${table} (agent, ${names.join(", ")})
         SELECT held.agent, ${values.join(", ")} FROM held, json_to_recordset($3::json) AS r (${types.join(", ")})
       ) SELECT agent FROM held`,
      [agent, fence, asRows(sent)],
    ),
  );
  if (held.length === 0) throw overtaken();
}

/** Columns that only PostgreSQL has. They are computed, not moved. */
const DERIVED: Readonly<Partial<Record<Table, Readonly<Record<string, string>>>>> = {
  messages: { traits: "bigint", gist: "bigint", terms: "integer" },
  passages: { terms: "integer" },
  quarantine: { op: "bigint" },
  checkpoints: { op: "bigint", time: "text", name: "text" },
};

const STORED_AS: Readonly<Partial<Record<Table, Readonly<Record<string, string>>>>> = { quarantine: { seq: "place" } };

function derived(row: Row, table: Table): Row {
  const { text, json } = row;
  if (table === "messages" && typeof text === "string") {
    return { ...withTraits(row, table), terms: termsIn(text).length };
  }
  if (table === "passages") return { ...row, terms: termsIn(String(text)).length };
  if (table === "quarantine") return { ...row, op: 0 };
  if (table !== "checkpoints") return row;
  const read = readCheckpointText(String(json));
  return "state" in read ? { ...row, op: read.op, time: read.time, name: read.name } : row;
}

function written(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, cell instanceof Uint8Array ? base64(cell) : cell]),
  );
}

/** Sets the counters from the copied rows; no posting is packed yet. */
async function setHead(database: Queryable, { agent, fence }: Holding, head: MovedHead): Promise<void> {
  const { state, spent, collection, reindex } = head;
  const most = (column: string, table: Table): string =>
    `coalesce((SELECT max(${column}) FROM ${table} WHERE agent = $1), 0)`;
  const count = (what: string, table: Table, where: string): string =>
    `coalesce((SELECT ${what} FROM ${table} WHERE agent = $1 AND live AND ${where}), 0)`;
  const lastSaid = (column: string): string =>
    `(SELECT ${column} FROM messages WHERE agent = $1 AND n IS NOT NULL ORDER BY n DESC LIMIT 1)`;
  const held = await storing(() =>
    database.query(
      `UPDATE heads SET state = $3, spent = $4, collection = $5, reindex = $6,
         op = ${most("op", "journal")}, action = ${most("seq", "actions")}, vectors = ${most("seq", "said_vectors")},
         seq = ${most("seq", "messages")}, n = ${most("n", "messages")},
         session = coalesce(${lastSaid("session")}, 0), said_at = ${lastSaid("created_at")},
         messages = ${count("count(*)", "messages", "true")}, said = ${count("count(*)", "messages", "n IS NOT NULL")},
         said_terms = ${count("sum(terms)", "messages", "n IS NOT NULL")}, passage = ${most("seq", "passages")},
         passages = ${count("count(*)", "passages", "true")}, passage_terms = ${count("sum(terms)", "passages", "true")}
       WHERE agent = $1 AND fence = $2 RETURNING agent`,
      [agent, fence, state, spent, collection, reindex],
    ),
  );
  if (held.length === 0) throw overtaken();
}
