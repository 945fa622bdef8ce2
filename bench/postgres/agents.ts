import { createAgent } from "../../src/host/agents.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { type Corpus, fill } from "../corpus.ts";
import { type Figures, rounded } from "../figures.ts";
import type { Means } from "./turns.ts";

/** Creates an agent with `size` lines. @returns its name. */
export async function build({ database, house }: Means, name: string, corpus: Corpus, size: number): Promise<string> {
  await (await createAgent(house, { name }, { withoutModel: true })).close();
  const opened = await house.repository.open(name);
  await fill(opened.store.history, corpus, size);
  await opened.release();
  database.take();
  return name;
}

/** The number of an agent of that name. */
export async function numberOf(database: Database, name: string): Promise<number> {
  const [row] = await database.query<{ agent: number }>("SELECT agent FROM agents WHERE name = $1", [name]);
  if (row === undefined) throw new Error(`There is no agent ${name}`);
  return row.agent;
}

/**
 * Copies an agent to `name_0` and so on. The copies' rows are interleaved, as if all had talked at the same time.
 */
export async function copyAgents(database: Database, name: string, copies: number): Promise<void> {
  const from = await numberOf(database, name);
  const [{ tables } = { tables: [] }] = await database.query<{ tables: string[] }>(
    `SELECT array_agg(table_name::text) AS tables FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'agent' AND table_name <> 'agents'`,
  );
  const parts = await Promise.all(tables.map(async (table) => copying(database, table, from)));
  await database.script(`
    CREATE TEMPORARY TABLE copies ON COMMIT DROP AS WITH made AS (
      INSERT INTO agents (owner, name) SELECT 'bench', '${name}_' || i FROM generate_series(0, ${copies - 1}) i RETURNING agent
    ) SELECT agent FROM made ORDER BY agent;
    ${parts.join("\n")}
  `);
}

/** The statements that copy an agent's rows of a table to all copies. */
async function copying(database: Database, table: string, from: number): Promise<string> {
  const columns = await database.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND column_name <> 'agent' ORDER BY ordinal_position`,
    [table],
  );
  const names = columns.map(({ name }) => name).join(", ");
  const values = columns.map(({ name }) => `it.${name}`).join(", ");
  return `
    DO $$ DECLARE it ${table}; BEGIN
      FOR it IN SELECT * FROM ${table} WHERE agent = ${from} ORDER BY ctid LOOP
        INSERT INTO ${table} (agent, ${names}) SELECT agent, ${values} FROM copies;
      END LOOP;
    END $$;`;
}

type Index = { readonly drop: string; readonly make: string };

/** Runs `work`, which adds very many rows, without the largest tables' indexes, and recreates them afterwards. */
export async function withoutIndexes(database: Database, work: () => Promise<void>): Promise<void> {
  const indexes = await database.query<Index>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname) AS drop,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
     FROM pg_constraint WHERE conrelid = ANY ($1::regclass[]) AND contype IN ('p', 'u')
     UNION ALL
     SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index
     WHERE indrelid = ANY ($1::regclass[]) AND NOT indisunique`,
    [["messages", "journal", "postings"]],
  );
  for (const { drop } of indexes) await database.query(drop);
  await work();
  for (const { make } of indexes) await database.script(`SET LOCAL maintenance_work_mem = '512MB'; ${make}`);
}

/** Size of the tables, including indexes, in bytes per message. */
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
