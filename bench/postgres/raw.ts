import type { Message } from "memgpt";
import { type Database, asRows } from "../../src/storage/postgres/database.ts";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";

const CHECKPOINT_BYTES = 30_000;

/** The minimum cost of a turn on this server: only the driver, with prepared statements and tables with only primary keys. */
export class RawTurns {
  readonly #database: Database;
  readonly #agent: number;
  #seq: number;

  /** Creates the tables with `size` rows of an agent. */
  static async open(url: string, agent: number, size: number): Promise<RawTurns> {
    const database = new PgDatabase({ url, mostConnections: 1 });
    await database.script(`
      CREATE TABLE IF NOT EXISTS raw_messages (
        agent bigint, seq bigint, id text, text text, json text, PRIMARY KEY (agent, seq)
      );
      CREATE TABLE IF NOT EXISTS raw_journal (agent bigint, op bigint, ref text, PRIMARY KEY (agent, op));
      CREATE TABLE IF NOT EXISTS raw_states (agent bigint PRIMARY KEY, state text);
      CREATE TABLE IF NOT EXISTS raw_checkpoints (agent bigint, n bigint, json text, PRIMARY KEY (agent, n));
      INSERT INTO raw_states VALUES (${agent}, '');
      INSERT INTO raw_messages
        SELECT ${agent}, n, gen_random_uuid(), repeat('text ', 20), repeat('json ', 50) FROM generate_series(1, ${size}) n
    `);
    return new RawTurns(database, agent, size);
  }

  private constructor(database: Database, agent: number, size: number) {
    this.#database = database;
    this.#agent = agent;
    this.#seq = size;
  }

  /** Stores messages, as many journal entries and the state in one statement. */
  async commit(messages: readonly Message[], state: string): Promise<void> {
    const rows = messages.map(({ id, content }, i) => {
      const json = JSON.stringify(messages[i]);
      return { seq: this.#seq + i + 1, id, text: content ?? "", json };
    });
    await this.#database.query(
      `WITH said AS (
         INSERT INTO raw_messages SELECT $1::bigint, r.seq, r.id, r.text, r.json
         FROM json_to_recordset($2::json) AS r (seq bigint, id text, text text, json text)
       ), noted AS (
         INSERT INTO raw_journal SELECT $1::bigint, r.seq, r.id FROM json_to_recordset($2::json) AS r (seq bigint, id text)
       ) UPDATE raw_states SET state = $3 WHERE agent = $1`,
      [this.#agent, asRows(rows), state],
      { isUsual: true },
    );
    this.#seq += rows.length;
  }

  /** Stores a checkpoint of the usual size. */
  async checkpoint(): Promise<void> {
    const json = "x".repeat(CHECKPOINT_BYTES);
    const sql = "INSERT INTO raw_checkpoints VALUES ($1, $2, $3)";
    await this.#database.query(sql, [this.#agent, this.#seq, json], { isUsual: true });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
