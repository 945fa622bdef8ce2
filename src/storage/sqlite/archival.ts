import type { Statement } from "better-sqlite3";
import type { Passage } from "../../schema/passage.ts";
import { PassageComparison } from "./passage-comparison.ts";
import type { ArchivalQuery, ArchivalStorage, CollectionInfo, Searchable } from "../../ports/archival.ts";
import type { Hit, ListRequest, Page, PageRequest, TimeRange } from "../../schema/page.ts";
import type { PassageVectors } from "./passage-vectors.ts";
import type { StoredRange } from "./vector-rows.ts";
import { guarded } from "./database.ts";
import type { FullTextIndexes } from "./full-text.ts";
import { ListedRows } from "./list-rows.ts";
import type { Database } from "./load-sqlite.ts";
import { SqlitePassages } from "./passages.ts";
import { HidingArchivalStorage } from "../../search/passages/hiding.ts";
import type { TextVectors } from "../../ports/text-index.ts";
import { PASSAGE, type StoredPassage, passageOf } from "../passage-columns.ts";
import { type LatePassageSearch, latePassageSearch } from "../../search/passages/late-search.ts";
import { ALWAYS, AT_A_TIME, withoutUndefined } from "../stored-values.ts";

type PassageRow = StoredPassage & { readonly seq: number };

/** Archival storage in the `passages` table, its full-text index, and a vector index beside it. */
export class SqliteArchivalStorage implements ArchivalStorage {
  readonly #db: Database;
  readonly #fullText: FullTextIndexes;
  readonly #vectors: PassageVectors;
  readonly searchable: Searchable;
  readonly #comparison: PassageComparison;
  readonly #search: LatePassageSearch;
  readonly #latest: Statement<[limit: number], PassageRow>;
  readonly #list: ListedRows<PassageRow>;
  readonly #after: Statement<[seq: number, limit: number], PassageRow>;
  readonly #get: Statement<[id: string], PassageRow>;
  readonly #size: Statement<[], { value: number }>;
  readonly #withoutVector: Statement<[], { count: number }>;

  constructor(db: Database, fullText: FullTextIndexes, vectors: PassageVectors) {
    this.#db = db;
    this.#fullText = fullText;
    this.#vectors = vectors;
    this.#comparison = new PassageComparison(db, vectors);
    this.searchable = {
      passages: new SqlitePassages(db),
      vectorsFor: async (query) => this.#vectorsFor(query),
      guard: async (work) => this.#fullText.mendingReads(work),
    };
    this.#search = latePassageSearch(this.searchable.passages);
    this.#latest = db.prepare(`SELECT seq, ${PASSAGE} FROM passages WHERE live = 1 ORDER BY seq DESC LIMIT ?`);
    this.#list = new ListedRows(db, "passages", `seq, ${PASSAGE}`);
    this.#after = db.prepare(`SELECT seq, ${PASSAGE} FROM passages WHERE live = 1 AND seq > ? ORDER BY seq LIMIT ?`);
    this.#get = db.prepare(`SELECT seq, ${PASSAGE} FROM passages WHERE id = ? AND live = 1`);
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'passages'");
    this.#withoutVector = db.prepare("SELECT count(*) AS count FROM passages WHERE live = 1 AND embedding IS NULL");
  }

  async search(query: ArchivalQuery, request: PageRequest): Promise<Page<Hit<Passage>>> {
    const { vectorsFor, guard } = this.searchable;
    return guard(async () => (await this.#search()).search(query, request, vectorsFor));
  }

  async latest(count: number): Promise<Passage[]> {
    return guarded(this.#db, () => this.#latest.all(count).map(passageOf));
  }

  async list(request: ListRequest): Promise<Passage[]> {
    return guarded(this.#db, () => this.#list.read(request).map(passageOf));
  }

  async *all(): AsyncGenerator<Passage, void, void> {
    for (let seq = 0; ;) {
      const rows = guarded(this.#db, () => this.#after.all(seq, AT_A_TIME));
      yield* rows.map(passageOf);
      const last = rows.at(-1);
      if (last === undefined) return;
      seq = last.seq;
    }
  }

  async get(id: string): Promise<Passage | undefined> {
    const row = guarded(this.#db, () => this.#get.get(id));
    return row === undefined ? undefined : passageOf(row);
  }

  async size(): Promise<number> {
    return guarded(this.#db, () => this.#size.get()?.value ?? 0);
  }

  without(ids: readonly string[]): ArchivalStorage {
    return new HidingArchivalStorage(this, ids, this.searchable);
  }

  async collection(): Promise<CollectionInfo> {
    return guarded(this.#db, () => {
      const { model, dimensions } = this.#vectors.collection.current() ?? { model: null, dimensions: null };
      return { model, dimensions, withoutVector: this.#withoutVector.get()?.count ?? 0 };
    });
  }

  async accepts(model: string): Promise<boolean> {
    return guarded(this.#db, () => this.#vectors.collection.accepts(model));
  }

  async usesVector(text: string, model: string): Promise<boolean> {
    const { collection } = this.#vectors;
    if (!guarded(this.#db, () => collection.current() !== undefined && collection.accepts(model))) return false;
    const isWanted = (await import("../../search/query.ts")).wantsSimilar(text);
    // The query is embedded meanwhile.
    if (isWanted) void this.#vectors.prepare(model).catch(() => undefined);
    return isWanted;
  }

  /** The vectors for a query; undefined if it has no vector that is comparable with them. */
  async #vectorsFor({ embedding, minSimilarity = 0, range }: ArchivalQuery): Promise<TextVectors | undefined> {
    if (embedding === undefined || embedding === null) return undefined;
    return this.#comparison.with(embedding, { minSimilarity, range: storedRange(range) });
  }
}

/** Undefined if the range admits every time. */
function storedRange(range: TimeRange = {}): StoredRange | undefined {
  const bounds = withoutUndefined(range);
  return bounds.from === undefined && bounds.to === undefined ? undefined : { ...ALWAYS, ...bounds };
}
