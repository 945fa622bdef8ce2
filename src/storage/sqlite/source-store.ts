import { dirname, join } from "node:path";
import type { Statement } from "better-sqlite3";
import { knowsMeanings } from "../../schema/embedding.ts";
import { originOf } from "../../schema/origin.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { SourceStore, SourceTotals } from "../../ports/source.ts";
import type { ArchivalStorage } from "../../ports/archival.ts";
import type {
  DocumentPart,
  PassageOrigin,
  SourceDocument,
  SourcePassage,
  SourceSettings,
  StoredDocument,
} from "../../schema/source.ts";
import { SqliteArchivalStorage } from "./archival.ts";
import { guarded, openDatabase, storing } from "./database.ts";
import { FullTextIndexes } from "./full-text.ts";
import type { Database } from "./load-sqlite.ts";
import { PassageVectors, type PassageVectorsOptions } from "./passage-vectors.ts";
import { type DocumentRow, PARTS_OF, type StoredSourcePassage, documentOf, partsOf } from "../source-rows.ts";
import { toBlob } from "../stored-values.ts";
import { SOURCE_TABLES } from "./source-tables.ts";

export type SourceStoreOptions = {
  readonly name: string;
  readonly file: string;
  /** Opens the file read-only; a missing one is then an error. */
  readonly readonly?: boolean;
  /** Receives notices on the indexes. */
  readonly notify?: NoticeSink;
} & Pick<PassageVectorsOptions, "graphFrom">;

/** SQLite has no booleans. */
type Row = Omit<DocumentRow, "complete"> & { readonly complete: number };
type PlaceRow = {
  id: string;
  name: string;
  position: number;
  page: number | null;
  line: number | null;
  heading: string | null;
};

const SETTINGS = "source";
const LAST_SEQ = "last_passage";
const AT_A_TIME = 500;

/** One source's `source.db`: passages like an agent's, and the documents that they are from. */
export class SqliteSourceStore implements SourceStore {
  readonly name: string;
  readonly archival: ArchivalStorage;
  readonly #db: Database;
  readonly #vectors: PassageVectors;
  readonly #fullText: FullTextIndexes;
  readonly #meta: Statement<[key: string], { value: string }>;
  readonly #setMeta: Statement<[key: string, value: string]>;
  readonly #totals: Statement<[], SourceTotals>;
  readonly #after: Statement<[id: number, limit: number], Row>;
  readonly #find: Statement<[root: string, name: string, hash: string], Row>;
  readonly #begin: Statement<[string, string, string, string, number, string]>;
  readonly #grow: Statement<[passages: number, complete: number, id: number]>;
  readonly #older: Statement<[root: string, name: string, id: number], { id: number }>;
  readonly #addPassage: Statement<[number, string, string, string, Buffer | null, origin: string]>;
  readonly #addPlace: Statement<[number, number, number, number | null, number | null, string | null]>;
  readonly #passages: Statement<[document: number, after: number, limit: number], StoredSourcePassage>;
  readonly #origins: Statement<[ids: string], PlaceRow>;

  static async open(options: SourceStoreOptions): Promise<SqliteSourceStore> {
    const db = await openDatabase(options.file, options);
    try {
      if (options.readonly !== true) db.exec(SOURCE_TABLES);
      const store = new SqliteSourceStore(db, options);
      store.#fullText.check();
      return store;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private constructor(db: Database, options: SourceStoreOptions) {
    this.name = options.name;
    this.#db = db;
    const { file, readonly = false, notify = () => undefined } = options;
    this.#vectors = new PassageVectors(db, { ...options, notify, file: join(dirname(file), "archival.hnsw") });
    this.#fullText = new FullTextIndexes(db, { isReadonly: readonly, notify });
    this.archival = new SqliteArchivalStorage(db, this.#fullText, this.#vectors);
    this.#meta = db.prepare("SELECT value FROM meta WHERE key = ?");
    this.#setMeta = db.prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#totals = db.prepare(
      `SELECT count(DISTINCT root || char(10) || name) AS documents, count(*) FILTER (WHERE complete = 0) AS incomplete,
         coalesce(sum(passages), 0) AS passages, coalesce(sum(bytes), 0) AS bytes
       FROM documents`,
    );
    this.#after = db.prepare("SELECT * FROM documents WHERE id > ? ORDER BY id LIMIT ?");
    this.#find = db.prepare("SELECT * FROM documents WHERE root = ? AND name = ? AND hash = ?");
    this.#begin = db.prepare(
      `INSERT INTO documents (root, name, kind, hash, bytes, passages, complete, loaded_at) VALUES (?, ?, ?, ?, ?, 0, 0, ?)`,
    );
    this.#grow = db.prepare("UPDATE documents SET passages = passages + ?, complete = ? WHERE id = ?");
    this.#older = db.prepare("SELECT id FROM documents WHERE root = ? AND name = ? AND id <> ?");
    this.#addPassage = db.prepare(
      "INSERT INTO passages (seq, id, created_at, text, embedding, origin) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#addPlace = db.prepare("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?)");
    this.#passages = db.prepare(
      `SELECT p.seq, p.id, p.created_at, p.text, p.embedding, l.position, l.page, l.line, l.heading
       FROM places l JOIN passages p ON p.seq = l.seq WHERE l.document = ? AND l.seq > ? ORDER BY l.seq LIMIT ?`,
    );
    this.#origins = db.prepare(
      `SELECT p.id, d.name, l.position, l.page, l.line, l.heading
       FROM json_each(?) wanted JOIN passages p ON p.id = wanted.value
       JOIN places l ON l.seq = p.seq JOIN documents d ON d.id = l.document`,
    );
  }

  get isMade(): boolean {
    return guarded(this.#db, () => this.#meta.get(SETTINGS)) !== undefined;
  }

  async settings(): Promise<SourceSettings> {
    const row = guarded(this.#db, () => this.#meta.get(SETTINGS));
    return JSON.parse(row?.value ?? "{}") as SourceSettings;
  }

  /** Must be called when the source is created. */
  setSettings(settings: SourceSettings): void {
    this.#setMeta.run(SETTINGS, JSON.stringify(settings));
  }

  async totals(): Promise<SourceTotals> {
    return guarded(this.#db, () => this.#totals.get() ?? { documents: 0, incomplete: 0, passages: 0, bytes: 0 });
  }

  async *documents(): AsyncGenerator<StoredDocument, void, void> {
    for (const row of this.#documents()) yield documentOf(row);
  }

  *#documents(): Generator<DocumentRow, void, void> {
    for (let after = 0; ;) {
      const rows = guarded(this.#db, () => this.#after.all(after, AT_A_TIME));
      yield* rows.map((row) => ({ ...row, complete: row.complete === 1 }));
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  async document(root: string, name: string, hash: string): Promise<StoredDocument | undefined> {
    const row = guarded(this.#db, () => this.#find.get(root, name, hash));
    return row === undefined ? undefined : documentOf({ ...row, complete: row.complete === 1 });
  }

  async add(parts: readonly DocumentPart[]): Promise<void> {
    const stored: { readonly seq: number; readonly vector: Float32Array | null }[] = [];
    this.#fullText.mending(() => {
      stored.length = 0;
      this.#db
        .transaction(() => {
          let seq = Number(this.#meta.get(LAST_SEQ)?.value ?? 0);
          for (const { document, passages, isLast } of parts) {
            const id = this.#idOf(document, passages[0]?.createdAt ?? new Date().toISOString());
            for (const passage of passages) {
              seq += 1;
              stored.push({ seq, vector: this.#insert(seq, { id, name: document.name }, passage) });
            }
            this.#grow.run(passages.length, isLast ? 1 : 0, id);
            if (isLast) for (const older of this.#older.all(document.root, document.name, id)) this.#remove(older.id);
          }
          this.#setMeta.run(LAST_SEQ, String(seq));
        })
        .immediate();
    });
    for (const { seq, vector } of stored) if (vector !== null) this.#vectors.added(seq, vector);
    this.#vectors.changed();
  }

  async drop(keeps: (document: StoredDocument) => boolean): Promise<void> {
    for (let after = 0; ;) {
      const rows = guarded(this.#db, () => this.#after.all(after, AT_A_TIME));
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.id;
      const dropped = rows.filter((row) => !keeps(documentOf({ ...row, complete: row.complete === 1 })));
      if (dropped.length === 0) continue;
      this.#fullText.mending(() => {
        this.#db
          .transaction(() => {
            for (const { id } of dropped) this.#remove(id);
          })
          .immediate();
      });
      this.#vectors.changed();
    }
  }

  async scrub(): Promise<void> {
    storing(this.#db, () => {
      this.#db.exec("INSERT INTO passages_fts (passages_fts) VALUES ('optimize')");
      this.#db.exec("VACUUM");
    });
    this.#db.pragma("wal_checkpoint(TRUNCATE)");
  }

  async origins(ids: readonly string[]): Promise<ReadonlyMap<string, PassageOrigin>> {
    const rows = guarded(this.#db, () => this.#origins.all(JSON.stringify(ids)));
    return new Map(rows.map(({ id, name, ...place }) => [id, { source: this.name, document: name, ...place }]));
  }

  /** Resolves when the graph of its vectors is saved, if there are enough and their model knows meanings. */
  async indexed(): Promise<void> {
    const model = guarded(this.#db, () => this.#vectors.collection.current()?.model);
    if (model !== undefined && knowsMeanings(model)) await this.#vectors.built();
  }

  async *parts(): AsyncGenerator<DocumentPart, void, void> {
    const model = guarded(this.#db, () => this.#vectors.collection.current()?.model) ?? "";
    const rows = (document: number, after: number): StoredSourcePassage[] =>
      guarded(this.#db, () => this.#passages.all(document, after, PARTS_OF));
    for (const row of this.#documents()) yield* partsOf(row, async (after) => rows(row.id, after), model);
  }

  async close(): Promise<void> {
    this.#vectors.close();
    this.#db.close();
  }

  #idOf(document: SourceDocument, at: string): number {
    const { root, name, kind, hash, bytes } = document;
    const found = this.#find.get(root, name, hash)?.id;
    return found ?? Number(this.#begin.run(root, name, kind, hash, bytes, at).lastInsertRowid);
  }

  /** @returns the stored vector; null if it is unusable. */
  #insert(
    seq: number,
    { id: document, name }: { id: number; name: string },
    passage: SourcePassage,
  ): Float32Array | null {
    const { id, text, createdAt, embedding, position, page, line, heading } = passage;
    const vector = embedding === null ? null : this.#vectors.collection.storable(embedding);
    this.#addPassage.run(seq, id, createdAt, text, vector === null ? null : toBlob(vector), originOf("document", name));
    this.#addPlace.run(seq, document, position, page, line, heading);
    return vector;
  }

  /** Retracts the passages first, so that triggers remove them from the indexes, and then deletes them. */
  #remove(document: number): void {
    const theirs = "seq IN (SELECT seq FROM places WHERE document = ?)";
    this.#db.prepare(`UPDATE passages SET live = 0 WHERE ${theirs}`).run(document);
    this.#db.prepare(`DELETE FROM passages WHERE ${theirs}`).run(document);
    this.#db.prepare("DELETE FROM places WHERE document = ?").run(document);
    this.#db.prepare("DELETE FROM documents WHERE id = ?").run(document);
  }
}
