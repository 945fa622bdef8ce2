import pg from "pg";
import { type Database, type Queryable, type Value, restored, toStore } from "./database.ts";

export type PoolOptions = {
  readonly url: string;
  /** Connections at the same time, at most. */
  readonly mostConnections?: number | undefined;
  /** Milliseconds after which the server gives a statement up. */
  readonly statementMs?: number | undefined;
};

const INT8 = 20;
const TEXTS = new Set<number>([25, 114, 1043]);

type Parse = (value: string) => unknown;

const usual: (oid: number, format?: "text" | "binary") => Parse = pg.types.getTypeParser;

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary"): Parse => {
    if (oid === INT8) return Number;
    if (TEXTS.has(oid)) return restored;
    return usual(oid, format);
  },
};

/** Those of pgvector mean nothing to a server without it. */
const SETTINGS = [
  ["jit", "off"],
  ["hnsw.ef_search", "100"],
  ["hnsw.iterative_scan", "strict_order"],
] as const;

/** A server, through a bounded pool of connections. */
export class PgDatabase implements Database {
  readonly #pool: pg.Pool;

  constructor({ url, mostConnections = 10, statementMs = 60_000 }: PoolOptions) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: mostConnections,
      types,
      statement_timeout: statementMs,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      application_name: "memgpt",
      // Unused connections do not keep the process from ending.
      allowExitOnIdle: true,
    });
    // Compiling takes longer than these statements run. Searches of a graph go on until enough of what they find may be shown.
    this.#pool.on("connect", (client) => {
      for (const [name, value] of SETTINGS) client.query(`SET ${name} = ${value}`).catch(() => undefined);
    });
    // A connection that breaks while nobody uses it is replaced with the next statement.
    this.#pool.on("error", () => undefined);
  }

  async query<Row>(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    const { rows } = await this.#pool.query<pg.QueryResultRow>(sql, toStore(values));
    return rows as Row[];
  }

  async script(sql: string): Promise<void> {
    await this.#pool.query(`BEGIN;\n${sql};\nCOMMIT`);
  }

  async snapshot(): Promise<Queryable & { close(): Promise<void> }> {
    const client = await this.#pool.connect();
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    let isOpen = true;
    return {
      query: async <Row>(sql: string, values: readonly Value[] = []) =>
        (await client.query<pg.QueryResultRow>(sql, toStore(values))).rows as Row[],
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        // Whatever goes wrong now, a new connection takes its place.
        await client.query("COMMIT").then(
          () => {
            client.release();
          },
          () => {
            client.release(true);
          },
        );
      },
    };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
