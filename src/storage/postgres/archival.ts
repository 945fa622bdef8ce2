import type { ArchivalQuery, ArchivalStorage, CollectionInfo, Searchable } from "../../ports/archival.ts";
import type { Hit, ListRequest, Page, PageRequest } from "../../schema/page.ts";
import type { Passage } from "../../schema/passage.ts";
import { HidingArchivalStorage } from "../../search/passages/hiding.ts";
import { PassageSearch } from "../../search/passages/search.ts";
import { wantsSimilar } from "../../search/query.ts";
import { PASSAGE, type StoredPassage, passageOf } from "../passage-columns.ts";
import { AT_A_TIME } from "../stored-values.ts";
import type { PgCollection } from "./collection.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import type { PgHead } from "./head.ts";
import { listRows } from "./list-rows.ts";
import { PgPassages } from "./passages.ts";
import type { PgPassageVectors } from "./passage-vectors.ts";

type Row = StoredPassage & { readonly seq: number };

const COLUMNS = `seq, ${PASSAGE}`;

/** Archival storage in the `passages` table, with its postings and vectors. */
export class PgArchivalStorage implements ArchivalStorage {
  readonly searchable: Searchable;
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #head: PgHead;
  readonly #collection: PgCollection;
  readonly #search: PassageSearch;
  readonly #passages: PgPassages;

  constructor(
    database: Queryable,
    head: PgHead,
    { collection, vectors }: { readonly collection: PgCollection; readonly vectors: PgPassageVectors },
  ) {
    this.#database = database;
    this.#agent = head.agent;
    this.#head = head;
    this.#collection = collection;
    const vectorsFor: Searchable["vectorsFor"] = async (query) => vectors.comparedWith(query);
    this.#passages = new PgPassages(database, head);
    this.searchable = { passages: this.#passages, vectorsFor, guard: reading };
    this.#search = new PassageSearch(this.searchable.passages);
  }

  /** Drops all caches, after rows were removed. */
  reset(): void {
    this.#passages.reset();
  }

  async search(query: ArchivalQuery, request: PageRequest): Promise<Page<Hit<Passage>>> {
    return reading(() => this.#search.search(query, request, this.searchable.vectorsFor));
  }

  async latest(count: number): Promise<Passage[]> {
    return (await this.#rows(`live ORDER BY seq DESC LIMIT $2`, count)).map(passageOf);
  }

  async list(request: ListRequest): Promise<Passage[]> {
    const listed = { table: "passages", columns: COLUMNS, agent: this.#agent } as const;
    return (await listRows<Row>(this.#database, listed, request)).map(passageOf);
  }

  async *all(): AsyncGenerator<Passage, void, void> {
    for (let seq = 0; ;) {
      const rows = await this.#rows("live AND seq > $2 ORDER BY seq LIMIT $3", seq, AT_A_TIME);
      yield* rows.map(passageOf);
      const last = rows.at(-1);
      if (last === undefined) return;
      seq = last.seq;
    }
  }

  async get(id: string): Promise<Passage | undefined> {
    const [row] = await this.#rows("live AND id = $2", id);
    return row === undefined ? undefined : passageOf(row);
  }

  async size(): Promise<number> {
    return (await this.#head.figures()).passages;
  }

  without(ids: readonly string[]): ArchivalStorage {
    return new HidingArchivalStorage(this, ids, this.searchable);
  }

  async collection(): Promise<CollectionInfo> {
    const { model, dimensions } = (await this.#collection.current()) ?? { model: null, dimensions: null };
    const sql = "SELECT count(*) AS count FROM passages WHERE agent = $1 AND live AND embedding IS NULL";
    return { model, dimensions, withoutVector: await this.#count(sql) };
  }

  async accepts(model: string): Promise<boolean> {
    return this.#collection.accepts(model);
  }

  async usesVector(text: string, model: string): Promise<boolean> {
    if (!wantsSimilar(text) || (await this.#collection.current()) === undefined) return false;
    return this.#collection.accepts(model);
  }

  async #rows(where: string, ...values: Value[]): Promise<Row[]> {
    const sql = `SELECT ${COLUMNS} FROM passages WHERE agent = $1 AND ${where}`;
    return reading(() => this.#database.query<Row>(sql, [this.#agent, ...values]));
  }

  async #count(sql: string): Promise<number> {
    const [row] = await reading(() => this.#database.query<{ count: number }>(sql, [this.#agent]));
    return row?.count ?? 0;
  }
}
