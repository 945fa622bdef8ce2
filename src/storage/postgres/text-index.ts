import type { Match, NumbersRequest, TextIndex } from "../../ports/text-index.ts";
import { termsIn } from "../../search/analyze.ts";
import { TermTexts } from "../../search/postings/packed.ts";
import { type ReadText, WordSearch } from "../../search/postings/word-search.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import { KINDS } from "./packing.ts";

/** Narrows a search: a WHERE clause about `m`, the searched table, whose values begin at `$3`. */
export type Filter = { readonly where: string; readonly values: readonly Value[] };

/** The figures of a table's texts in an agent's head. */
export type Extent = {
  readonly size: number;
  readonly terms: number;
  readonly last: number;
  /** Number of the last text with packed postings. */
  readonly packed: number;
  /** Changes when older texts are retracted, restored or rewritten. */
  readonly generation: string;
};

type Aside = { readonly n: number; readonly live: boolean; readonly is_stale: boolean };

/** Full-text search in one table of an agent. */
export class PgTexts {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #table: keyof typeof KINDS;
  /** Cached terms of texts that are read directly, by number. */
  #terms = new Map<number, readonly string[]>();
  #generation = "";

  constructor(database: Queryable, agent: number, table: keyof typeof KINDS) {
    this.#database = database;
    this.#agent = agent;
    this.#table = table;
  }

  /** An index of the present texts, narrowed by a filter. */
  async index(extent: Extent, filter: Filter | undefined): Promise<Omit<TextIndex, "texts">> {
    const aside = await this.#aside(extent);
    const gone = new Set(aside.map(({ n }) => n));
    const read = await this.#read(
      aside.filter(({ live }) => live).map(({ n }) => n),
      extent,
    );
    const { size, terms, last } = extent;
    const words = new WordSearch({ size, terms, gone, read, postings: async (wanted) => this.#postings(wanted) });
    const passing = new Map<Match, Promise<readonly number[]>>();
    const numbersOf = async (match: Match): Promise<readonly number[]> => {
      const known = passing.get(match);
      if (known !== undefined) return known;
      const found = (async () => {
        const [numbers = []] = await words.numbers([match]);
        if (filter === undefined) return numbers;
        const admitted = await this.admitted(numbers, filter);
        return numbers.filter((n) => admitted.has(n));
      })();
      passing.set(match, found);
      return found;
    };
    const newest = async ({ match, limit, to }: NumbersRequest): Promise<readonly number[]> => {
      const numbers = await numbersOf(match);
      const within = to === undefined ? numbers : numbers.filter((n) => n <= to);
      return limit === 0 ? [] : within.slice(-limit);
    };
    return {
      size,
      last,
      isNarrowed: filter !== undefined,
      frequencies: async (matches) => (await words.numbers(matches)).map(({ length }) => length),
      count: async (match) => (await numbersOf(match)).length,
      numbers: async (requests) => {
        await words.numbers(requests.map(({ match }) => match));
        return Promise.all(requests.map(newest));
      },
      best: async (match, { limit, from }) => {
        const numbers = await numbersOf(match);
        return (await words.scored(match, from === 0 ? numbers : numbers.filter((n) => n >= from))).slice(0, limit);
      },
      matching: async (match, numbers) => {
        const [all = []] = await words.numbers([match]);
        const subset = new Set(numbers);
        return new Set(all.filter((n) => subset.has(n)));
      },
      admitted: async (numbers) => this.admitted(numbers, filter),
    };
  }

  /** The subset of `numbers` that passes the filter. */
  async admitted(numbers: readonly number[], filter: Filter | undefined): Promise<ReadonlySet<number>> {
    if (filter === undefined || numbers.length === 0) return new Set(numbers);
    const key = `m.${KINDS[this.#table].key}`;
    const sql = `SELECT ${key} AS n FROM ${this.#table} m WHERE m.agent = $1 AND ${key} = ANY ($2::bigint[]) AND ${filter.where}`;
    const rows = await reading(() =>
      this.#database.query<{ n: number }>(sql, [this.#agent, numbers, ...filter.values]),
    );
    return new Set(rows.map(({ n }) => n));
  }

  /** Texts whose postings are ignored: retracted, new or rewritten ones. */
  async #aside({ packed, last }: Extent): Promise<Aside[]> {
    const { key } = KINDS[this.#table];
    const [isOld, stale] =
      this.#table === "messages" ? ["n IS NOT NULL AND (NOT live OR is_stale)", "is_stale"] : ["NOT live", "FALSE"];
    const columns = `${key} AS n, live, ${stale} AS is_stale`;
    const sql = `SELECT ${columns} FROM ${this.#table} WHERE agent = $1 AND ${isOld} AND ${key} <= $2
      UNION ALL SELECT ${columns} FROM ${this.#table} WHERE agent = $1 AND ${key} > $2 AND ${key} <= $3`;
    return reading(() => this.#database.query<Aside>(sql, [this.#agent, packed, last]));
  }

  async #read(numbers: readonly number[], { generation }: Extent): Promise<ReadText[]> {
    if (generation !== this.#generation) this.#terms = new Map();
    this.#generation = generation;
    const { key } = KINDS[this.#table];
    const known = this.#terms;
    const unknown = numbers.filter((n) => !known.has(n));
    if (unknown.length > 0) {
      const sql = `SELECT ${key} AS n, text FROM ${this.#table} WHERE agent = $1 AND ${key} = ANY ($2::bigint[])`;
      const rows = await reading(() =>
        this.#database.query<{ n: number; text: string | null }>(sql, [this.#agent, unknown]),
      );
      for (const { n, text } of rows) known.set(n, termsIn(text ?? ""));
    }
    this.#terms = new Map(numbers.map((n) => [n, known.get(n) ?? []]));
    return numbers.map((n) => ({ n, terms: this.#terms.get(n) ?? [] })).sort((a, b) => a.n - b.n);
  }

  async #postings(terms: readonly string[]): Promise<ReadonlyMap<string, TermTexts>> {
    const { kind } = KINDS[this.#table];
    const rows = await reading(() =>
      this.#database.query<{ term: string; bytes: Uint8Array }>(
        `SELECT term, bytes FROM postings WHERE agent = $1 AND kind = ${kind} AND term = ANY ($2::text[]) ORDER BY term, block`,
        [this.#agent, terms],
      ),
    );
    const parts = new Map<string, Uint8Array[]>();
    for (const { term, bytes } of rows) parts.set(term, [...(parts.get(term) ?? []), bytes]);
    return new Map([...parts].map(([term, bytes]) => [term, new TermTexts(bytes)]));
  }
}
