import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { type Database, type Value, restored, toStore } from "../../src/storage/postgres/database.ts";

const [INT8, TEXT, VARCHAR, JSON_TEXT] = [20, 25, 1043, 114];
const PARSERS = { [INT8]: Number, [TEXT]: restored, [VARCHAR]: restored, [JSON_TEXT]: restored };

/** PostgreSQL inside this process, in memory. It has one connection: a snapshot is a copy of all of it. */
export class PgliteDatabase implements Database {
  readonly #pglite: PGlite;
  readonly #role: string | undefined;

  static async open({ extensions = false } = {}): Promise<PgliteDatabase> {
    return new PgliteDatabase(await PGlite.create(extensions ? { extensions: { vector } } : {}));
  }

  private constructor(pglite: PGlite, role?: string) {
    this.#pglite = pglite;
    this.#role = role;
  }

  /** The same database, whose statements are a role's. */
  inRole(role: string): PgliteDatabase {
    return new PgliteDatabase(this.#pglite, role);
  }

  async query<Row>(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return this.#query<Row>(sql, values);
  }

  /** The same session, with the setting that policies compare with the owner of a row. */
  as(owner: string): Database {
    return {
      query: async <Row>(sql: string, values: readonly Value[] = []) => this.#query<Row>(sql, values, owner),
      script: async (sql) => this.script(sql),
      snapshot: async () => {
        const copy = await this.snapshot();
        return { query: (sql, values) => copy.as(owner).query(sql, values), close: () => copy.close() };
      },
      close: async () => undefined,
    };
  }

  async #query<Row>(sql: string, values: readonly Value[], owner?: string): Promise<Row[]> {
    const options = { parsers: PARSERS };
    if (this.#role === undefined) return (await this.#pglite.query<Row>(sql, toStore(values), options)).rows;
    return this.#pglite.transaction(async (transaction) => {
      await transaction.exec(`SET LOCAL ROLE ${this.#role ?? ""}`);
      await transaction.query("SELECT set_config('memgpt.owner', $1, true)", [owner ?? null]);
      return (await transaction.query<Row>(sql, toStore(values), options)).rows;
    });
  }

  async script(sql: string): Promise<void> {
    await this.#pglite.exec(`BEGIN;\n${sql};\nCOMMIT`).catch(async (error: unknown) => {
      await this.#pglite.exec("ROLLBACK");
      throw error;
    });
  }

  async snapshot(): Promise<PgliteDatabase> {
    return new PgliteDatabase((await this.#pglite.clone()) as PGlite, this.#role);
  }

  async close(): Promise<void> {
    await this.#pglite.close();
  }
}
