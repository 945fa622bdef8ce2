import type { Quarantine } from "../../ports/quarantine.ts";
import { type Held, heldSchema } from "../../schema/quarantine.ts";
import { type Queryable, reading, storing } from "./database.ts";

/** The table `quarantine`. No search and no state reads it. */
export class PgQuarantine implements Quarantine {
  readonly #database: Queryable;
  readonly #agent: number;

  constructor(database: Queryable, agent: number) {
    this.#database = database;
    this.#agent = agent;
  }

  async list(): Promise<Held[]> {
    const sql = "SELECT json FROM quarantine WHERE agent = $1 ORDER BY op, place";
    const rows = await reading(() => this.#database.query<{ json: string }>(sql, [this.#agent]));
    return rows.map(({ json }) => heldSchema().parse(JSON.parse(json)));
  }

  async discard(ids: readonly string[]): Promise<void> {
    const sql = "DELETE FROM quarantine WHERE agent = $1 AND id = ANY ($2::text[])";
    await storing(() => this.#database.query(sql, [this.#agent, ids]));
  }
}
