import type { Statement } from "better-sqlite3";
import type { Passage } from "../../schema/passage.ts";
import { type SearchQuery, parseQuery, toMatchExpressions } from "../../search/query.ts";
import type { ArchivalQuery, ArchivalStorage, CollectionInfo, Hit, Page, PageRequest } from "../interfaces.ts";
import type { PassageVectors } from "../vectors/passage-vectors.ts";
import { guarded } from "./database.ts";
import type { FullTextIndexes } from "./full-text.ts";
import type { Database } from "./load-sqlite.ts";
import { ALWAYS, AT_A_TIME, withoutUndefined } from "./recall.ts";

type PassageRow = { seq: number; id: string; text: string; created_at: string; score: number };

/** How many similar passages are considered beside those that share words with the query. */
const MOST_SIMILAR = 100;

/** Archival storage in the `passages` table, its full-text index, and a vector index beside it. */
export class SqliteArchivalStorage implements ArchivalStorage {
  readonly #fullText: FullTextIndexes;
  readonly #vectors: PassageVectors;
  readonly #count: Statement<[match: string, from: string, to: string], { total: number }>;
  readonly #search: Statement<[match: string, from: string, to: string, limit: number, offset: number], PassageRow>;
  readonly #matching: Statement<[match: string, seqs: string], { seq: number }>;
  readonly #bySeq: Statement<[seqs: string, from: string, to: string], PassageRow>;
  readonly #latest: Statement<[limit: number], PassageRow>;
  readonly #after: Statement<[seq: number, limit: number], PassageRow>;
  readonly #get: Statement<[id: string], PassageRow>;
  readonly #size: Statement<[], { value: number }>;
  readonly #withoutVector: Statement<[], { count: number }>;

  constructor(db: Database, fullText: FullTextIndexes, vectors: PassageVectors) {
    this.#fullText = fullText;
    this.#vectors = vectors;
    const joined = "FROM passages_fts f JOIN passages p ON p.seq = f.rowid WHERE passages_fts MATCH ?";
    const between = "p.created_at >= ? AND p.created_at < ?";
    this.#count = db.prepare(`SELECT count(*) AS total ${joined} AND ${between}`);
    this.#search = db.prepare(
      `SELECT p.seq, p.id, p.text, p.created_at, -f.rank AS score ${joined} AND ${between}
       ORDER BY f.rank, p.seq DESC LIMIT ? OFFSET ?`,
    );
    this.#matching = db.prepare(
      "SELECT rowid AS seq FROM passages_fts WHERE passages_fts MATCH ? AND rowid IN (SELECT value FROM json_each(?))",
    );
    this.#bySeq = db.prepare(
      `SELECT seq, id, text, created_at, 0 AS score FROM passages p
       WHERE p.live = 1 AND p.seq IN (SELECT value FROM json_each(?)) AND ${between}`,
    );
    this.#latest = db.prepare(
      "SELECT seq, id, text, created_at, 0 AS score FROM passages WHERE live = 1 ORDER BY seq DESC LIMIT ?",
    );
    this.#after = db.prepare(
      "SELECT seq, id, text, created_at, 0 AS score FROM passages WHERE live = 1 AND seq > ? ORDER BY seq LIMIT ?",
    );
    this.#get = db.prepare("SELECT seq, id, text, created_at, 0 AS score FROM passages WHERE id = ? AND live = 1");
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'passages'");
    this.#withoutVector = db.prepare("SELECT count(*) AS count FROM passages WHERE live = 1 AND embedding IS NULL");
  }

  async search(query: ArchivalQuery, page: PageRequest): Promise<Page<Hit<Passage>>> {
    const parsed = parseQuery(query.text);
    const similar = wantsSimilar(parsed) ? await this.#similar(query) : [];
    return this.#fullText.mending(() => {
      const { from, to } = { ...ALWAYS, ...withoutUndefined(query.range ?? {}) };
      const { match, total } = this.#best(toMatchExpressions(parsed), from, to);
      const only = this.#withoutMatching(similar, match, from, to);
      const start = page.page * page.size;
      const rows = match === undefined ? [] : this.#search.all(match, from, to, page.size, start);
      const rest = only.slice(Math.max(0, start - total), Math.max(0, start + page.size - total));
      return {
        total: total + only.length,
        items: [...rows.map((row) => hit(row, "lexical")), ...rest.map((row) => hit(row, "vector"))],
      };
    });
  }

  async latest(count: number): Promise<Passage[]> {
    return guarded(() => this.#latest.all(count).map(passage));
  }

  async *all(): AsyncGenerator<Passage, void, void> {
    for (let seq = 0; ;) {
      const rows = guarded(() => this.#after.all(seq, AT_A_TIME));
      yield* rows.map(passage);
      const last = rows.at(-1);
      if (last === undefined) return;
      seq = last.seq;
    }
  }

  async get(id: string): Promise<Passage | undefined> {
    const row = guarded(() => this.#get.get(id));
    return row === undefined ? undefined : passage(row);
  }

  async size(): Promise<number> {
    return guarded(() => this.#size.get()?.value ?? 0);
  }

  async collection(): Promise<CollectionInfo> {
    return guarded(() => {
      const { model, dimensions } = this.#vectors.collection.current() ?? { model: null, dimensions: null };
      return { model, dimensions, withoutVector: this.#withoutVector.get()?.count ?? 0 };
    });
  }

  async takes(model: string): Promise<boolean> {
    return guarded(() => this.#vectors.collection.takes(model));
  }

  async usesVector(text: string, model: string): Promise<boolean> {
    const { collection } = this.#vectors;
    return guarded(
      () => wantsSimilar(parseQuery(text)) && collection.current() !== undefined && collection.takes(model),
    );
  }

  #best(expressions: readonly string[], from: string, to: string): { match: string | undefined; total: number } {
    for (const match of expressions) {
      const total = this.#count.get(match, from, to)?.total ?? 0;
      if (total > 0) return { match, total };
    }
    return { match: undefined, total: 0 };
  }

  async #similar(query: ArchivalQuery): Promise<{ seq: number; similarity: number }[]> {
    const { embedding, minSimilarity = 0 } = query;
    if (embedding === undefined || embedding === null) return [];
    const nearest = await this.#vectors.nearest(embedding, MOST_SIMILAR);
    return nearest.filter(({ similarity }) => similarity >= minSimilarity);
  }

  /** The similar passages that the lexical search does not return already, most similar first. */
  #withoutMatching(
    similar: readonly { seq: number; similarity: number }[],
    match: string | undefined,
    from: string,
    to: string,
  ): PassageRow[] {
    if (similar.length === 0) return [];
    const seqs = JSON.stringify(similar.map(({ seq }) => seq));
    const taken = new Set(match === undefined ? [] : this.#matching.all(match, seqs).map(({ seq }) => seq));
    const rows = new Map(this.#bySeq.all(seqs, from, to).map((row) => [row.seq, row]));
    return similar.flatMap(({ seq, similarity }) => {
      const row = rows.get(seq);
      return row === undefined || taken.has(seq) ? [] : [{ ...row, score: similarity }];
    });
  }
}

/** What must match exactly is not looked for among what is merely similar. */
function wantsSimilar({ required }: SearchQuery): boolean {
  return required.length === 0;
}

function passage(row: PassageRow): Passage {
  return { id: row.id, text: row.text, createdAt: row.created_at };
}

function hit(row: PassageRow, signal: "lexical" | "vector"): Hit<Passage> {
  return { ...passage(row), score: row.score, signals: { [signal]: row.score } };
}
