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

/**
 * Of each connection. Compiling takes longer than these statements run. Searches of a graph go on until enough of what they find
 * may be shown; that means nothing to a server without pgvector.
 */
const SETTINGS = `SELECT set_config('jit', 'off', false), set_config('hnsw.ef_search', '100', false),
  set_config('hnsw.iterative_scan', 'strict_order', false)`;

/** A server, through a bounded pool of connections. */
export class PgDatabase implements Database {
  readonly #pool: pg.Pool;
  /** Whose rows each connection sees. */
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
      // Unused connections do not keep the process from ending.
      allowExitOnIdle: true,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for it, whatever its type says
      onConnect: configure,
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

  /** The same connections, with the setting that policies of the database compare with the owner of a row. */
  as(owner: string): Database {
    return {
      query: async <Row>(sql: string, values: readonly Value[] = []) =>
        this.#with(
          owner,
          async (client) => (await client.query<pg.QueryResultRow>(sql, toStore(values))).rows as Row[],
        ),
      script: async (sql) =>
        this.#with(owner, async (client) => {
          await client.query(`BEGIN;\n${sql};\nCOMMIT`);
        }),
      snapshot: async () => this.snapshot(owner),
      // It goes with the pool.
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
      // As a pool does: a transaction may be left half way.
      client.release(true);
      throw error;
    }
  }

  /** One more round trip, but for a connection that served the same owner last. */
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

async function configure(client: pg.ClientBase): Promise<void> {
  await client.query(SETTINGS);
}
