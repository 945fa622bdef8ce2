import type { Statement } from "better-sqlite3";
import type { TimeRange } from "../../schema/page.ts";
import type { NumberedPassage, PassageIndex, Passages } from "../../ports/text-index.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import { type Filter, NEWEST, Postings } from "./postings.ts";
import { ALWAYS, withoutUndefined } from "./recall.ts";

type Row = { n: number; id: string; text: string; created_at: string };

/** The full-text index of `passages` and what it is an index of, for ranking. A passage's number is its `seq`. */
export class SqlitePassages implements Passages {
  readonly #db: Database;
  readonly #postings: Postings;
  readonly #size: Statement<[], { value: number }>;
  readonly #last: Statement<[], { seq: number | null }>;
  readonly #numbersOf: Statement<[ids: string], { seq: number }>;
  readonly #generation: Statement<[], { n: number }>;
  readonly #rows: Statement<[numbers: string, from: string, to: string], Row>;

  constructor(db: Database) {
    this.#db = db;
    this.#postings = new Postings(db, { table: "passages", key: "seq" });
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'passages'");
    this.#last = db.prepare("SELECT max(seq) AS seq FROM passages");
    this.#numbersOf = db.prepare("SELECT seq FROM passages WHERE live = 1 AND id IN (SELECT value FROM json_each(?))");
    this.#generation = db.prepare("SELECT coalesce(max(n), 0) AS n FROM passage_toggles");
    this.#rows = db.prepare(
      `SELECT seq AS n, id, text, created_at FROM passages
       WHERE live = 1 AND seq IN (SELECT value FROM json_each(?)) AND created_at >= ? AND created_at < ?`,
    );
  }

  async generation(): Promise<string> {
    return String(guarded(this.#db, () => this.#generation.get())?.n ?? 0);
  }

  async numbersOf(ids: readonly string[]): Promise<number[]> {
    return this.#numbersOf.all(JSON.stringify(ids)).map(({ seq }) => seq);
  }

  async passages(numbers: readonly number[]): Promise<NumberedPassage[]> {
    return this.#texts(numbers);
  }

  async view(range: TimeRange | undefined): Promise<PassageIndex> {
    const postings = this.#postings;
    const filter = filterOf(range);
    return {
      size: this.#size.get()?.value ?? 0,
      last: this.#last.get()?.seq ?? 0,
      isNarrowed: filter !== undefined,
      frequencies: async (matches) => matches.map((match) => postings.count(match)),
      count: async (match) => postings.count(match, filter),
      numbers: async (requests) => requests.map((request) => postings.numbers(request, filter)),
      best: async (match, options) => postings.best(match, options, filter),
      admitted: async (numbers) => postings.admitted(numbers, filter),
      matching: async (match, numbers) => postings.matching(match, numbers),
      texts: async (numbers) => this.#texts(numbers, range),
    };
  }

  #texts(numbers: readonly number[], range: TimeRange = {}): NumberedPassage[] {
    const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
    const rows = this.#rows.all(JSON.stringify(numbers), from, to);
    return rows.map(({ n, id, text, created_at: createdAt }) => ({ n, id, text, createdAt }));
  }
}

/** Undefined if the range lets everything through. */
function filterOf(range: TimeRange = {}): Filter | undefined {
  if (range.from === undefined && range.to === undefined) return undefined;
  const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
  return { where: "m.created_at >= ? AND m.created_at < ?", values: [from, to], least: 0, most: NEWEST };
}
