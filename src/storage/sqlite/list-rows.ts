import type { Statement } from "better-sqlite3";
import type { ListRequest } from "../../schema/page.ts";
import type { Database } from "./load-sqlite.ts";

/** Reads pages of a table, in either order. */
export class ListedRows<Row> {
  readonly #place: Statement<[id: string], { seq: number }>;
  readonly #up: Statement<[from: number, to: number, limit: number], Row>;
  readonly #down: Statement<[from: number, to: number, limit: number], Row>;

  constructor(db: Database, table: "messages" | "passages", columns: string) {
    // Retracted rows still exist and mark their position.
    this.#place = db.prepare(`SELECT seq FROM ${table} WHERE id = ?`);
    const between = `SELECT ${columns} FROM ${table} WHERE live = 1 AND seq > ? AND seq < ? ORDER BY seq`;
    this.#up = db.prepare(`${between} LIMIT ?`);
    this.#down = db.prepare(`${between} DESC LIMIT ?`);
  }

  read({ newestFirst, count, after, before }: ListRequest): Row[] {
    const [first, last] = newestFirst ? [before, after] : [after, before];
    const low = first === undefined ? -1 : this.#place.get(first)?.seq;
    const high = last === undefined ? Number.MAX_SAFE_INTEGER : this.#place.get(last)?.seq;
    if (low === undefined || high === undefined) return [];
    // With `before` alone, the rows wanted are the last ones before it.
    const fromTheEnd = before !== undefined && after === undefined;
    const isDown = newestFirst !== fromTheEnd;
    const rows = (isDown ? this.#down : this.#up).all(low, high, count);
    return fromTheEnd ? rows.reverse() : rows;
  }
}
