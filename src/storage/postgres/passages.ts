import type { NumberedPassage, PassageIndex, Passages } from "../../ports/text-index.ts";
import type { TimeRange } from "../../schema/page.ts";
import { ALWAYS, SESSION_GAP_MS, withoutUndefined } from "../stored-values.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import type { PgHead } from "./head.ts";
import { type Filter, PgTexts } from "./text-index.ts";

type Row = { readonly n: number; readonly id: string; readonly text: string; readonly created_at: string };

/** The passages of an agent, as searches read them. A passage's number is its `seq`. */
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

  async view(range: TimeRange | undefined): Promise<PassageIndex> {
    const { passages, passage_terms, passage, passages_packed, toggled } = await this.#head.figures();
    const extent = {
      size: passages,
      terms: passage_terms,
      last: passage,
      packed: passages_packed,
      generation: String(toggled),
    };
    return {
      ...(await this.#texts.index(extent, filterOf(range))),
      texts: async (numbers) => this.#textsOf(numbers, range),
      sittings: async () => this.#followSittings(),
    };
  }

  /** Rows are added and never removed, so what was read before is still so. */
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

  async #textsOf(numbers: readonly number[], range: TimeRange = {}): Promise<NumberedPassage[]> {
    const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
    const rows = await this.#rows<Row>(
      `SELECT seq AS n, id, text, created_at FROM passages
       WHERE agent = $1 AND live AND seq = ANY ($2::bigint[]) AND created_at >= $3 AND created_at < $4`,
      numbers,
      from,
      to,
    );
    return rows.map(({ n, id, text, created_at: createdAt }) => ({ n, id, text, createdAt }));
  }

  async #rows<R>(sql: string, ...values: Value[]): Promise<R[]> {
    return reading(() => this.#database.query<R>(sql, [this.#head.agent, ...values]));
  }
}

/** Undefined if the range lets everything through. */
function filterOf(range: TimeRange = {}): Filter | undefined {
  if (range.from === undefined && range.to === undefined) return undefined;
  const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
  return { where: "m.created_at >= $3 AND m.created_at < $4", values: [from, to] };
}
