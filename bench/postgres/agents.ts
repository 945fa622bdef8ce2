import { copyRows } from "../../src/storage/postgres/agents.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { readHead } from "../../src/storage/postgres/head.ts";
import { type Figures, rounded } from "../figures.ts";

/** The number of an agent of that name. */
export async function numberOf(database: Database, name: string): Promise<number> {
  const [row] = await database.query<{ agent: number }>("SELECT agent FROM agents WHERE name = $1", [name]);
  if (row === undefined) throw new Error(`There is no agent ${name}`);
  return row.agent;
}

/** Makes copies of an agent, named `name_0` and so on. */
export async function copyAgents(database: Database, name: string, copies: number): Promise<void> {
  const from = await numberOf(database, name);
  const { op, state } = await readHead(database, from);
  if (state === undefined) throw new Error("The agent has no state");
  for (let i = 0; i < copies; i += 1) {
    const copy = { ...state, name: `${name}_${i}` };
    await copyRows(database, { from, op, state: copy, owner: "bench", name: copy.name });
  }
}

/** The room that tables take, indices included, in bytes for each message. */
export async function sizeFigures(database: Database): Promise<Figures> {
  const rows = await database.query<{ name: string; bytes: number }>(
    `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'raw%'`,
  );
  const [counted] = await database.query<{ messages: number }>("SELECT count(*) AS messages FROM messages");
  const messages = counted?.messages ?? 0;
  const each = (bytes: number): number => rounded(bytes / messages, 1);
  const tables = rows.filter(({ bytes }) => bytes / messages >= 1).sort((a, b) => b.bytes - a.bytes);
  return {
    messages,
    bytes_per_message: each(rows.reduce((total, { bytes }) => total + bytes, 0)),
    tables: Object.fromEntries(tables.map(({ name, bytes }) => [name, each(bytes)])),
  };
}
