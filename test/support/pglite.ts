import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { type Database, type Value, restored, toStore } from "../../src/storage/postgres/database.ts";

const [INT8, TEXT, VARCHAR, JSON_TEXT] = [20, 25, 1043, 114];

/** PostgreSQL inside this process, in memory. It has one connection: a snapshot is a copy of all of it. */
export class PgliteDatabase implements Database {
  readonly #pglite: PGlite;

  static async open({ extensions = false } = {}): Promise<PgliteDatabase> {
    return new PgliteDatabase(await PGlite.create(extensions ? { extensions: { vector } } : {}));
  }

  private constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  async query<Row>(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    const parsers = { [INT8]: Number, [TEXT]: restored, [VARCHAR]: restored, [JSON_TEXT]: restored };
    const { rows } = await this.#pglite.query<Row>(sql, toStore(values), { parsers });
    return rows;
  }

  async script(sql: string): Promise<void> {
    await this.#pglite.exec(`BEGIN;\n${sql};\nCOMMIT`);
  }

  async snapshot(): Promise<PgliteDatabase> {
    return new PgliteDatabase((await this.#pglite.clone()) as PGlite);
  }

  async close(): Promise<void> {
    await this.#pglite.close();
  }
}
