import type { Database, Queryable, QueryOptions, Value } from "../../src/storage/postgres/database.ts";
import { migrate } from "../../src/storage/postgres/migrate.ts";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";

/** A new database with our schema, dropped on close. Counts and times its statements. */
export class ScratchDatabase implements Database {
  readonly url: string;
  #statements = 0;
  #ms = 0;
  readonly #database: Database;
  readonly #drop: () => Promise<void>;

  static async open(server: string): Promise<ScratchDatabase> {
    const name = `memgpt_bench_${crypto.randomUUID().replaceAll("-", "")}`;
    const admin = new PgDatabase({ url: server, mostConnections: 1 });
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(server);
    url.pathname = name;
    const scratch = new ScratchDatabase(url.href, async () => {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.close();
    });
    await migrate(scratch);
    return scratch;
  }

  private constructor(url: string, drop: () => Promise<void>) {
    this.url = url;
    // Copying many agents takes longer than a server's statement may.
    this.#database = new PgDatabase({ url, statementMs: 0 });
    this.#drop = drop;
  }

  async query<Row>(sql: string, values?: readonly Value[], options?: QueryOptions): Promise<Row[]> {
    const started = performance.now();
    try {
      return await this.#database.query<Row>(sql, values, options);
    } finally {
      this.#statements += 1;
      this.#ms += performance.now() - started;
    }
  }

  /** Statements since the last call, and their milliseconds. */
  take(): { readonly statements: number; readonly ms: number } {
    const taken = { statements: this.#statements, ms: this.#ms };
    [this.#statements, this.#ms] = [0, 0];
    return taken;
  }

  async script(sql: string): Promise<void> {
    return this.#database.script(sql);
  }

  async snapshot(): Promise<Queryable & { close(): Promise<void> }> {
    return this.#database.snapshot();
  }

  async close(): Promise<void> {
    await this.#database.close();
    await this.#drop();
  }
}
