import { createHash } from "node:crypto";
import pg from "pg";
import { type Value, toStore } from "./database.ts";

/** Most prepared statements per connection. */
const MOST = 200;

/** Errors behind a pooler that switches connections between transactions: the statement does not exist, or exists already. */
const NOT_MINE = new Set(["26000", "42P05"]);

type Asked = { readonly sql: string; readonly values: readonly Value[]; readonly isUsual?: boolean };

/**
 * Prepared statements, which each connection parses and plans once: a commit takes a quarter less of the server's processor time.
 * Behind a pooler that does not support them, statements are sent in full.
 */
export class PreparedStatements {
  readonly #names = new Map<string, string>();
  #isPossible = true;

  async run<Row>(client: pg.Pool | pg.ClientBase, { sql, values, isUsual = false }: Asked): Promise<Row[]> {
    const whole = { text: sql, values: toStore(values) };
    const name = isUsual ? this.#nameOf(sql) : undefined;
    if (name === undefined) return (await client.query<pg.QueryResultRow>(whole)).rows as Row[];
    try {
      return (await client.query<pg.QueryResultRow>({ name, ...whole })).rows as Row[];
    } catch (error) {
      // The server reports this before it executes anything.
      if (!(error instanceof pg.DatabaseError) || !NOT_MINE.has(error.code ?? "")) throw error;
      this.#isPossible = false;
      return (await client.query<pg.QueryResultRow>(whole)).rows as Row[];
    }
  }

  /** Undefined if the statement must not be prepared. */
  #nameOf(sql: string): string | undefined {
    if (!this.#isPossible) return undefined;
    const known = this.#names.get(sql);
    if (known !== undefined || this.#names.size >= MOST) return known;
    const name = `memgpt_${createHash("sha256").update(sql).digest("hex").slice(0, 24)}`;
    this.#names.set(sql, name);
    return name;
  }
}
