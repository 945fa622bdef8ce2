import type { Statement } from "better-sqlite3";
import type { NumberedPassage, PassageFilter, PassageIndex, Passages } from "../../ports/text-index.ts";
import { PASSAGE, type StoredPassage, passageOf } from "../passage-columns.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import { type Filter, NEWEST, Postings } from "./postings.ts";
import { ALWAYS, SESSION_GAP_MS, withoutUndefined } from "../stored-values.ts";

type Row = StoredPassage & { readonly n: number };

/** The passages as searches read them: `passages` and their full-text index. A passage's number is its `seq`. */
export class SqlitePassages implements Passages {
  readonly #db: Database;
  readonly #postings: Postings;
  readonly #size: Statement<[], { value: number }>;
  readonly #last: Statement<[], { seq: number | null }>;
  readonly #numbersOf: Statement<[ids: string], { seq: number }>;
  readonly #generation: Statement<[], { n: number }>;
  readonly #rows: Statement<[numbers: string, ...Bounds], Row>;
  readonly #kept: Statement<[after: number], { n: number; created_at: string }>;
  #sittings: number[] = [];
  #lastKept = { n: 0, time: Number.NEGATIVE_INFINITY };

  constructor(db: Database) {
    this.#db = db;
    this.#postings = new Postings(db, { table: "passages", key: "seq" });
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'passages'");
    this.#last = db.prepare("SELECT max(seq) AS seq FROM passages");
    this.#numbersOf = db.prepare("SELECT seq FROM passages WHERE live = 1 AND id IN (SELECT value FROM json_each(?))");
    this.#generation = db.prepare("SELECT coalesce(max(n), 0) AS n FROM passage_toggles");
    this.#rows = db.prepare(
      `SELECT seq AS n, ${PASSAGE} FROM passages m
       WHERE live = 1 AND seq IN (SELECT value FROM json_each(?)) AND ${IN_BOUNDS}`,
    );
    this.#kept = db.prepare("SELECT seq AS n, created_at FROM passages WHERE seq > ? ORDER BY seq");
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

  async view(narrowed: PassageFilter | undefined): Promise<PassageIndex> {
    const postings = this.#postings;
    const filter = filterOf(narrowed);
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
      texts: async (numbers) => this.#texts(numbers, narrowed),
      sittings: async () => this.#followSittings(),
    };
  }

  /** Reads only new rows: rows are never removed, so that the sittings read before are still valid. */
  #followSittings(): readonly number[] {
    for (const { n, created_at: createdAt } of this.#kept.iterate(this.#lastKept.n)) {
      const time = Date.parse(createdAt);
      if (!(Math.abs(time - this.#lastKept.time) <= SESSION_GAP_MS)) this.#sittings.push(n);
      this.#lastKept = { n, time };
    }
    return this.#sittings;
  }

  #texts(numbers: readonly number[], narrowed: PassageFilter = {}): NumberedPassage[] {
    const rows = this.#rows.all(JSON.stringify(numbers), ...boundsOf(narrowed));
    return rows.map((row) => ({ n: row.n, ...passageOf(row) }));
  }
}

type Bounds = [from: string, to: string, origin: string, same: string, length: string, prefix: string];

/** An origin without a name also admits those of its kind with one. An empty origin admits all. */
const IN_BOUNDS =
  "m.created_at >= ? AND m.created_at < ? AND (? = '' OR m.origin = ? OR substr(m.origin, 1, length(?) + 1) = ? || ':')";

function boundsOf(narrowed: PassageFilter): Bounds {
  const { from, to } = { ...ALWAYS, ...withoutUndefined(narrowed) };
  const { origin = "" } = narrowed;
  return [from, to, origin, origin, origin, origin];
}

/** Undefined if it admits everything. */
function filterOf(narrowed: PassageFilter = {}): Filter | undefined {
  const { from, to, origin } = narrowed;
  if (from === undefined && to === undefined && origin === undefined) return undefined;
  return { where: IN_BOUNDS, values: boundsOf(narrowed), least: 0, most: NEWEST };
}
