import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { Database } from "../../src/storage/postgres/database.ts";
import { migrate } from "../../src/storage/postgres/migrate.ts";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { PgliteDatabase } from "./pglite.ts";

/** A server to test with, such as `postgres://postgres@127.0.0.1:55432/postgres`. */
export const TEST_SERVER = process.env["MEMGPT_TEST_PG"];

if (TEST_SERVER === undefined) console.warn("skipped: what needs a PostgreSQL server; MEMGPT_TEST_PG names none");

/** The databases that contracts are tested with: one in this process, and one of its own on the server if there is any. */
export const DATABASES: readonly Kind[] = [
  { name: "PGlite", open: () => PgliteDatabase.open(), asRole: pgliteAs },
  ...(TEST_SERVER === undefined ? [] : [{ name: "PostgreSQL", open: () => newDatabase(), asRole: serverAs }]),
];

type Kind = {
  readonly name: string;
  readonly open: () => Promise<Database>;
  /** The same database, as a role sees it, until it is closed. */
  readonly asRole: (database: Database, role: string) => Promise<Walled>;
};

/** A database as a role sees it that policies are for. */
export type Walled = Database & {
  as(owner: string): Database;
  /** Runs `work` on a connection that has served nobody yet. */
  fresh(work: (database: Pick<Database, "query">) => Promise<void>): Promise<void>;
};

/** There is one session, which takes the role for each statement. */
async function pgliteAs(database: Database, role: string): Promise<Walled> {
  if (!(database instanceof PgliteDatabase)) throw new Error("not PGlite");
  const inRole = database.inRole(role);
  return Object.assign(inRole, {
    fresh: async (work: (it: Database) => Promise<void>) => work(inRole),
    close: async () => undefined,
  });
}

async function serverAs(database: Database, role: string): Promise<Walled> {
  const [current] = await database.query<{ name: string }>("SELECT current_database() AS name");
  const url = new URL(TEST_SERVER ?? "");
  url.pathname = current?.name ?? "";
  url.searchParams.set("options", `-c role=${role}`);
  const connected = new PgDatabase({ url: url.href });
  return Object.assign(connected, {
    fresh: async (work: (it: Database) => Promise<void>) => {
      const other = new PgDatabase({ url: url.href });
      await work(other).finally(async () => other.close());
    },
  });
}

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
export const STARTING_MS = 60_000;

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
