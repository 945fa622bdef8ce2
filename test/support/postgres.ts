import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { Database } from "../../src/storage/postgres/database.ts";
import { migrate } from "../../src/storage/postgres/migrate.ts";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { PgliteDatabase } from "./pglite.ts";

/** A server to test with, such as `postgres://postgres@127.0.0.1:55432/postgres`. */
export const TEST_SERVER = process.env["MEMGPT_TEST_PG"];

if (TEST_SERVER === undefined) console.warn("skipped: what needs a PostgreSQL server; MEMGPT_TEST_PG names none");

/** The databases that contracts are tested with: one in this process, and one of its own on the server if there is any. */
export const DATABASES: readonly { readonly name: string; readonly open: () => Promise<Database> }[] = [
  { name: "PGlite", open: () => PgliteDatabase.open() },
  ...(TEST_SERVER === undefined ? [] : [{ name: "PostgreSQL", open: () => newDatabase() }]),
];

/** A new database on the test server, which goes away when it is closed. */
async function newDatabase(): Promise<Database & { readonly url: string }> {
  const name = `memgpt_test_${crypto.randomUUID().replaceAll("-", "")}`;
  const server = new PgDatabase({ url: TEST_SERVER ?? "", mostConnections: 1 });
  await server.query(`CREATE DATABASE ${name}`);
  const url = new URL(TEST_SERVER ?? "");
  url.pathname = name;
  const database = new PgDatabase({ url: url.href });
  return {
    url: url.href,
    query: (sql, values) => database.query(sql, values),
    script: (sql) => database.script(sql),
    snapshot: () => database.snapshot(),
    close: async () => {
      await database.close();
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.close();
    },
  };
}

/** Time for PGlite to start on a busy machine. */
const STARTING_MS = 60_000;

/** The URL of a new database on the test server, which goes away when the test is over. */
export async function databaseUrl(): Promise<string> {
  const database = await newDatabase();
  onTestFinished(async () => database.close());
  return database.url;
}

/** One database for all tests of a file, with the schema in place. */
export function sharedDatabase(open: () => Promise<Database>): () => Database {
  let database: Database | undefined;
  beforeAll(async () => {
    database = await open();
    await migrate(database);
  }, STARTING_MS);
  afterAll(() => database?.close());
  return () => {
    if (database === undefined) throw new Error("the database is not open yet");
    return database;
  };
}
