import type { NumberedPassage, PassageFilter, PassageIndex, Passages } from "../../ports/text-index.ts";
import { ALWAYS, SESSION_GAP_MS, withoutUndefined } from "../stored-values.ts";
import { PASSAGE, type StoredPassage, passageOf } from "../passage-columns.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import type { PgHead } from "./head.ts";
import { type Filter, PgTexts } from "./text-index.ts";

type Row = StoredPassage & { readonly n: number };

/** An agent's passages as searches read them. A passage's number is its `seq`. */
export class PgPassages implements Passages {
  readonly #database: Queryable;
  readonly #head: PgHead;
  readonly #texts: PgTexts;
  #sittings: number[] = [];
  #lastKept = { n: 0, time: Number.NEGATIVE_INFINITY };

  constructor(database: Queryable, head: PgHead) {
    this.#database = database;
    this.#head = head;
    this.#texts = new PgTexts(database, head.agent, "passages");
  }

  /** Drops all caches, after rows were removed. */
  reset(): void {
    this.#sittings = [];
    this.#lastKept = { n: 0, time: Number.NEGATIVE_INFINITY };
  }

  async generation(): Promise<string> {
    return String((await this.#head.figures()).toggled);
  }

  async numbersOf(ids: readonly string[]): Promise<number[]> {
    const sql = "SELECT seq AS n FROM passages WHERE agent = $1 AND live AND id = ANY ($2::text[])";
    return (await this.#rows<{ n: number }>(sql, ids)).map(({ n }) => n);
  }

  async passages(numbers: readonly number[]): Promise<NumberedPassage[]> {
    return this.#textsOf(numbers);
  }

  async view(narrowed: PassageFilter | undefined): Promise<PassageIndex> {
    const { passages, passage_terms, passage, passages_packed, toggled } = await this.#head.figures();
    const extent = {
      size: passages,
      terms: passage_terms,
      last: passage,
      packed: passages_packed,
      generation: String(toggled),
    };
    return {
      ...(await this.#texts.index(extent, filterOf(narrowed))),
      texts: async (numbers) => this.#textsOf(numbers, narrowed),
      sittings: async () => this.#followSittings(),
    };
  }

  /** Reads only new rows: rows are never removed, so that the sittings read before are still valid. */
  async #followSittings(): Promise<readonly number[]> {
    const sql = "SELECT seq AS n, created_at FROM passages WHERE agent = $1 AND seq > $2 ORDER BY seq";
    for (const { n, created_at } of await this.#rows<Row>(sql, this.#lastKept.n)) {
      const time = Date.parse(created_at);
      if (n <= this.#lastKept.n) continue;
      if (!(Math.abs(time - this.#lastKept.time) <= SESSION_GAP_MS)) this.#sittings.push(n);
      this.#lastKept = { n, time };
    }
    return this.#sittings;
  }

  async #textsOf(numbers: readonly number[], narrowed: PassageFilter = {}): Promise<NumberedPassage[]> {
    const sql = `SELECT seq AS n, ${PASSAGE} FROM passages m
       WHERE agent = $1 AND live AND seq = ANY ($2::bigint[]) AND ${IN_BOUNDS}`;
    const rows = await this.#rows<Row>(sql, numbers, ...boundsOf(narrowed));
    return rows.map((row) => ({ n: row.n, ...passageOf(row) }));
  }

  async #rows<R>(sql: string, ...values: Value[]): Promise<R[]> {
    return reading(() => this.#database.query<R>(sql, [this.#head.agent, ...values]));
  }
}

/** An origin without a name also admits those of its kind with one. An empty origin admits all. */
const IN_BOUNDS = `m.created_at >= $3 AND m.created_at < $4
  AND ($5::text = '' OR m.origin = $5 OR starts_with(m.origin, $5 || ':'))`;

function boundsOf(narrowed: PassageFilter): [from: string, to: string, origin: string] {
  const { from, to } = { ...ALWAYS, ...withoutUndefined(narrowed) };
  const { origin = "" } = narrowed;
  return [from, to, origin];
}

/** Undefined if it admits everything. */
function filterOf(narrowed: PassageFilter = {}): Filter | undefined {
  const { from, to, origin } = narrowed;
  if (from === undefined && to === undefined && origin === undefined) return undefined;
  return { where: IN_BOUNDS, values: boundsOf(narrowed) };
}
