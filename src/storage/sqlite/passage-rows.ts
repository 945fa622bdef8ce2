import type { Statement } from "better-sqlite3";
import type { Passage } from "../../schema/passage.ts";
import type { PassageIndex } from "../../search/passage-index.ts";
import type { TimeRange } from "../../ports/storage.ts";
import type { Database } from "./load-sqlite.ts";
import { ALWAYS, withoutUndefined } from "./recall.ts";

type Row = { n: number; id: string; text: string; created_at: string };

/** To ask the full-text index about one number takes as long as to name so many that match. */
const MATCHES_PER_LOOK = 400;

/** The full-text index of `passages` and what it is an index of, for ranking. A passage's number is its `seq`. */
export class PassageRows {
  readonly #size: Statement<[], { value: number }>;
  readonly #last: Statement<[], { seq: number | null }>;
  readonly #generation: Statement<[], { n: number }>;
  readonly #frequency: Statement<[match: string], { count: number }>;
  readonly #countIn: Statement<[match: string, from: string, to: string], { count: number }>;
  readonly #numbers: Statement<[match: string, to: number, limit: number], { numbers: string }>;
  readonly #numbersIn: Statement<
    [match: string, last: number, from: string, to: string, limit: number],
    { numbers: string }
  >;
  readonly #best: Statement<[match: string, first: number, limit: number], ScoredNumber>;
  readonly #bestIn: Statement<[match: string, from: string, to: string, first: number, limit: number], ScoredNumber>;
  readonly #matching: Statement<[match: string, numbers: string], { n: number }>;
  readonly #rows: Statement<[numbers: string, from: string, to: string], Row>;

  constructor(db: Database) {
    const matches = "FROM passages_fts f WHERE passages_fts MATCH ?";
    const joined = "FROM passages_fts f JOIN passages p ON p.seq = f.rowid WHERE passages_fts MATCH ?";
    const between = "p.created_at >= ? AND p.created_at < ?";
    // One JSON text is several times as quick as as many rows.
    const numbers = (from: string): string =>
      `SELECT json_group_array(n) AS numbers FROM (SELECT f.rowid AS n ${from} ORDER BY f.rowid DESC LIMIT ?)`;
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'passages'");
    this.#last = db.prepare("SELECT max(seq) AS seq FROM passages");
    this.#generation = db.prepare("SELECT coalesce(max(n), 0) AS n FROM passage_toggles");
    this.#frequency = db.prepare(`SELECT count(*) AS count ${matches}`);
    this.#countIn = db.prepare(`SELECT count(*) AS count ${joined} AND ${between}`);
    this.#numbers = db.prepare(numbers(`${matches} AND f.rowid <= ?`));
    this.#numbersIn = db.prepare(numbers(`${joined} AND f.rowid <= ? AND ${between}`));
    const best = (from: string): string =>
      `SELECT f.rowid AS n, -f.rank AS score ${from} AND f.rowid >= ? ORDER BY f.rank, f.rowid DESC LIMIT ?`;
    this.#best = db.prepare(best(matches));
    this.#bestIn = db.prepare(best(`${joined} AND ${between}`));
    this.#matching = db.prepare(`SELECT f.rowid AS n ${matches} AND f.rowid IN (SELECT value FROM json_each(?))`);
    this.#rows = db.prepare(
      `SELECT seq AS n, id, text, created_at FROM passages p
       WHERE p.live = 1 AND p.seq IN (SELECT value FROM json_each(?)) AND ${between}`,
    );
  }

  get size(): number {
    return this.#size.get()?.value ?? 0;
  }

  /** The greatest number there is; 0 if there is none. */
  get last(): number {
    return this.#last.get()?.seq ?? 0;
  }

  /** Changes whenever a passage is taken back or comes back; not when one is added. */
  get generation(): number {
    return this.#generation.get()?.n ?? 0;
  }

  /** The index, narrowed to `range`. */
  view(range: TimeRange | undefined): PassageIndex {
    return {
      size: this.size,
      frequency: (match) => this.#frequency.get(match)?.count ?? 0,
      numbers: (match, limit) => this.numbers(match, range, { limit }),
      matching: (match, numbers) => this.matching(match, numbers),
      texts: (numbers) => this.texts(numbers, range),
    };
  }

  count(match: string, range: TimeRange | undefined): number {
    if (isAlways(range)) return this.#frequency.get(match)?.count ?? 0;
    const { from, to } = bounds(range);
    return this.#countIn.get(match, from, to)?.count ?? 0;
  }

  /** Numbers of those that match, newest first. `to`: the newest that is wanted. */
  numbers(match: string, range: TimeRange | undefined, options: { limit: number; to?: number }): number[] {
    const { limit, to: last = Number.MAX_SAFE_INTEGER } = options;
    const { from, to } = bounds(range);
    const row = isAlways(range)
      ? this.#numbers.get(match, last, limit)
      : this.#numbersIn.get(match, last, from, to, limit);
    return JSON.parse(row?.numbers ?? "[]") as number[];
  }

  /** The best by BM25 from number `from` on, best first. */
  best(match: string, range: TimeRange | undefined, options: { limit: number; from: number }): ScoredNumber[] {
    if (isAlways(range)) return this.#best.all(match, options.from, options.limit);
    const { from, to } = bounds(range);
    return this.#bestIn.all(match, from, to, options.from, options.limit);
  }

  matching(match: string, numbers: readonly number[]): ReadonlySet<number> {
    if (numbers.length === 0) return new Set();
    const count = this.#frequency.get(match)?.count ?? 0;
    if (count < numbers.length * MATCHES_PER_LOOK) {
      const all = new Set(this.numbers(match, undefined, { limit: count }));
      return new Set(numbers.filter((n) => all.has(n)));
    }
    return new Set(this.#matching.all(match, JSON.stringify(numbers)).map(({ n }) => n));
  }

  /** Those of `numbers` that are live and in `range`, by number. */
  passages(numbers: readonly number[], range: TimeRange | undefined): ReadonlyMap<number, Passage> {
    const rows = this.texts(numbers, range);
    return new Map(rows.map(({ n, id, text, created_at: createdAt }) => [n, { id, text, createdAt }]));
  }

  /** Those of `numbers`, which are live, that are in `range`: to look at the rows takes longer than to search. */
  within(numbers: readonly number[], range: TimeRange | undefined): ReadonlySet<number> {
    return new Set(isAlways(range) ? numbers : this.texts(numbers, range).map(({ n }) => n));
  }

  texts(numbers: readonly number[], range: TimeRange | undefined): Row[] {
    const { from, to } = bounds(range);
    return numbers.length === 0 ? [] : this.#rows.all(JSON.stringify(numbers), from, to);
  }
}

export type ScoredNumber = { readonly n: number; readonly score: number };

function bounds(range: TimeRange | undefined): Required<{ from: string; to: string }> {
  return { ...ALWAYS, ...withoutUndefined(range ?? {}) };
}

function isAlways(range: TimeRange | undefined): boolean {
  return range?.from === undefined && range?.to === undefined;
}
