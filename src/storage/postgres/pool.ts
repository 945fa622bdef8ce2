import pg from "pg";
import { PreparedStatements } from "./prepared.ts";
import { type Database, type Queryable, type QueryOptions, type Value, restored, toStore } from "./database.ts";

export type PoolOptions = {
  readonly url: string;
  /** Most concurrent connections. */
  readonly mostConnections?: number | undefined;
  /** Milliseconds after which the server cancels a statement. */
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

/**
 * Settings of each connection. JIT compilation takes longer than our statements run. Graph searches continue until enough results
 * pass the filter; without pgvector, these settings have no effect.
 */
const SETTINGS = `SELECT set_config('jit', 'off', false), set_config('hnsw.ef_search', '100', false),
  set_config('hnsw.iterative_scan', 'strict_order', false)`;

/** A database server, through a bounded pool of connections. */
export class PgDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #prepared = new PreparedStatements();
  /** The owner whose rows each connection sees. */
  readonly #owners = new WeakMap<pg.PoolClient, string>();

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
      // Idle connections do not keep the process alive.
      allowExitOnIdle: true,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for it, whatever its type says
      onConnect: configure,
    });
    // The next statement replaces an idle connection that broke.
    this.#pool.on("error", () => undefined);
  }

  async query<Row>(sql: string, values: readonly Value[] = [], options: QueryOptions = {}): Promise<Row[]> {
    return this.#prepared.run<Row>(this.#pool, { sql, values, ...options });
  }

  async script(sql: string): Promise<void> {
    await this.#pool.query(`BEGIN;\n${sql};\nCOMMIT`);
  }

  /** The same pool, with the setting that row security policies compare with a row's owner. */
  as(owner: string): Database {
    return {
      query: async <Row>(sql: string, values: readonly Value[] = [], options: QueryOptions = {}) =>
        this.#with(owner, async (client) => this.#prepared.run<Row>(client, { sql, values, ...options })),
      script: async (sql) =>
        this.#with(owner, async (client) => {
          await client.query(`BEGIN;\n${sql};\nCOMMIT`);
        }),
      snapshot: async () => this.snapshot(owner),
      // The pool stays open.
      close: async () => undefined,
    };
  }

  async #with<T>(owner: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await this.#see(client, owner);
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // Discards the connection, as the pool does: it may be inside a transaction.
      client.release(true);
      throw error;
    }
  }

  /** One more round trip, unless the connection last served the same owner. */
  async #see(client: pg.PoolClient, owner: string): Promise<void> {
    if (this.#owners.get(client) === owner) return;
    await client.query("SELECT set_config('memgpt.owner', $1, false)", [owner]);
    this.#owners.set(client, owner);
  }

  async snapshot(owner?: string): Promise<Queryable & { close(): Promise<void> }> {
    const client = await this.#pool.connect();
    if (owner !== undefined) await this.#see(client, owner);
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    let isOpen = true;
    return {
      query: async <Row>(sql: string, values: readonly Value[] = []) =>
        (await client.query<pg.QueryResultRow>(sql, toStore(values))).rows as Row[],
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        // A connection that fails here is discarded.
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

async function configure(client: pg.ClientBase): Promise<void> {
  await client.query(SETTINGS);
}
