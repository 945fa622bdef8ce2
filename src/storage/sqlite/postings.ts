import type { Statement } from "better-sqlite3";
import type { Match, NumbersRequest, ScoredNumber } from "../../ports/text-index.ts";
import { simplified } from "../../search/match.ts";
import type { Database } from "./load-sqlite.ts";

/**
 * Narrows a search: a WHERE clause about `m`, the searched table, its values, and the range of numbers that can pass, which bounds
 * the scan of the full-text index.
 */
export type Filter = {
  readonly where: string;
  readonly values: readonly (string | number)[];
  readonly least: number;
  readonly most: number;
};

/** Higher than the number of any text. */
export const NEWEST = 2 ** 31;

/** Looking up one number in the full-text index takes as long as listing this many matches. */
const MATCHES_PER_LOOK = 400;

/** The full-text index of a table, whose column `key` is the rowid of the index (see migrations.ts). */
export class Postings {
  readonly #db: Database;
  readonly #table: string;
  readonly #key: string;
  readonly #statements = new Map<string, Statement<(string | number)[]>>();

  constructor(db: Database, { table, key }: { readonly table: "messages" | "passages"; readonly key: "n" | "seq" }) {
    this.#db = db;
    this.#table = table;
    this.#key = key;
  }

  count(match: Match, filter?: Filter): number {
    const [from, values] = this.#matching(match, filter);
    if (from === undefined) return 0;
    return this.statement<{ total: number }>(`SELECT count(*) AS total ${from}`).get(...values)?.total ?? 0;
  }

  /** Ascending. */
  numbers({ match, limit, to }: NumbersRequest, filter?: Filter): number[] {
    const [from, values] = this.#matching(match, filter, { to });
    if (from === undefined) return [];
    // One JSON text is several times as fast as one row each.
    const sql = `SELECT json_group_array(n) AS numbers FROM (SELECT f.rowid AS n ${from} ORDER BY f.rowid DESC LIMIT ?)`;
    const row = this.statement<{ numbers: string }>(sql).get(...values, limit);
    return (JSON.parse(row?.numbers ?? "[]") as number[]).reverse();
  }

  /** All matches, ascending. Faster than `numbers`, since the index has them in this order. */
  all(match: Match): number[] {
    const [from, values] = this.#matching(match, undefined);
    if (from === undefined) return [];
    const sql = `SELECT json_group_array(f.rowid) AS numbers ${from}`;
    return JSON.parse(this.statement<{ numbers: string }>(sql).get(...values)?.numbers ?? "[]") as number[];
  }

  best(match: Match, options: { readonly limit: number; readonly from: number }, filter?: Filter): ScoredNumber[] {
    const [from, values] = this.#matching(match, filter, { from: options.from });
    if (from === undefined) return [];
    const sql = `SELECT f.rowid AS n, -f.rank AS score ${from} ORDER BY f.rank, f.rowid DESC LIMIT ?`;
    const rows = this.statement<ScoredNumber>(sql).all(...values, options.limit);
    // Rounded, because the logarithms of two math libraries may differ in the last bit.
    return rows.map(({ n, score }) => ({ n, score: Math.fround(score) }));
  }

  /** The subset of `numbers` that matches. */
  matching(match: Match, numbers: readonly number[]): ReadonlySet<number> {
    const [from, values] = this.#matching(match, undefined);
    if (numbers.length === 0 || from === undefined) return new Set();
    if (this.count(match) < numbers.length * MATCHES_PER_LOOK) {
      const all = new Set(this.all(match));
      return new Set(numbers.filter((n) => all.has(n)));
    }
    const sql = `SELECT f.rowid AS n ${from} AND f.rowid IN (SELECT value FROM json_each(?))`;
    const rows = this.statement<{ n: number }>(sql).all(...values, JSON.stringify(numbers));
    return new Set(rows.map(({ n }) => n));
  }

  /** The subset of `numbers` that passes the filter. */
  admitted(numbers: readonly number[], filter: Filter | undefined): ReadonlySet<number> {
    if (filter === undefined) return new Set(numbers);
    const key = `m.${this.#key}`;
    const sql = `SELECT ${key} AS n FROM ${this.#table} m WHERE ${key} IN (SELECT value FROM json_each(?)) AND ${filter.where}`;
    const rows = this.statement<{ n: number }>(sql).all(JSON.stringify(numbers), ...filter.values);
    return new Set(rows.map(({ n }) => n));
  }

  /** A cached statement. Statements differ only by filter, and there are few filters. */
  statement<Row>(sql: string): Statement<(string | number)[], Row> {
    const statement = this.#statements.get(sql) ?? this.#db.prepare<(string | number)[]>(sql);
    this.#statements.set(sql, statement);
    return statement as Statement<(string | number)[], Row>;
  }

  /** The FROM and WHERE clauses that select matching texts as `f`, and their values; undefined if nothing can match. */
  #matching(
    match: Match,
    filter: Filter | undefined,
    bounds: { readonly from?: number | undefined; readonly to?: number | undefined } = {},
  ): [sql: string | undefined, values: readonly (string | number)[]] {
    const matches = simplified(match);
    if (matches === undefined) return [undefined, []];
    const expression = expressionOf(matches);
    const index = `${this.#table}_fts`;
    const { from = 0, to = NEWEST } = bounds;
    const isBounded = bounds.from !== undefined || bounds.to !== undefined;
    if (filter === undefined && !isBounded) return [`FROM ${index} f WHERE ${index} MATCH ?`, [expression]];
    if (filter === undefined) {
      return [`FROM ${index} f WHERE ${index} MATCH ? AND f.rowid BETWEEN ? AND ?`, [expression, from, to]];
    }
    const { where, values, least, most } = filter;
    const joined = `FROM ${index} f JOIN ${this.#table} m ON m.${this.#key} = f.rowid WHERE ${index} MATCH ?`;
    const between = [Math.max(from, least), Math.min(to, most)];
    return [`${joined} AND f.rowid BETWEEN ? AND ? AND ${where}`, [expression, ...between, ...values]];
  }
}

/** An FTS5 expression. Terms are letters and digits only, so that none can act as an operator. */
function expressionOf(match: Match): string {
  if ("phrase" in match) return `"${match.phrase.join(" ")}"`;
  const [parts, operator] = "all" in match ? [match.all, " AND "] : [match.any, " OR "];
  return `(${parts.map(expressionOf).join(operator)})`;
}
