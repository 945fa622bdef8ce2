import { originOf } from "../../schema/origin.ts";
import type { ArchivalStorage } from "../../ports/archival.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { SourceStore, SourceTotals } from "../../ports/source.ts";
import type { DocumentPart, PassageOrigin, SourceSettings, StoredDocument } from "../../schema/source.ts";
import { type DocumentRow, PARTS_OF, type StoredSourcePassage, documentOf, partsOf } from "../source-rows.ts";
import { AT_A_TIME } from "../stored-values.ts";
import { PgArchivalStorage } from "./archival.ts";
import { PgCollection, collectionIn } from "./collection.ts";
import { type Queryable, type Value, asRows, reading } from "./database.ts";
import { type Head, PgHead } from "./head.ts";
import type { Holding } from "./history.ts";
import { NearVectors } from "./near-vectors.ts";
import { Packing } from "./packing.ts";
import { PgPassageVectors } from "./passage-vectors.ts";
import { addRemoval, removalOf } from "./remove-documents.ts";
import { carryOut } from "./statement.ts";
import { partsOf as partsOfSet } from "./store-changes.ts";
import { WriteSet } from "./write-set.ts";

const DOCUMENTS = {
  ...{ id: "bigint", root: "text", name: "text", kind: "text", hash: "text" },
  ...{ bytes: "bigint", passages: "bigint", complete: "boolean", loaded_at: "text" },
} as const;
const GROW = "ON CONFLICT (agent, id) DO UPDATE SET passages = excluded.passages, complete = excluded.complete";

const PLACES = {
  ...{ seq: "bigint", document: "bigint", position: "bigint" },
  ...{ page: "bigint", line: "bigint", heading: "text" },
} as const;

/** A document, and whether it differs from the stored one. */
type Changing = { -readonly [Key in keyof DocumentRow]: DocumentRow[Key] } & { isChanged?: boolean };

/** What one statement stores: passages, documents, the passages' places in them, and documents to remove. */
type Changed = {
  readonly set: WriteSet;
  readonly changed: readonly DocumentRow[];
  readonly places: readonly Readonly<Record<string, Value>>[];
  readonly gone: readonly number[];
};

const DOCUMENT = Object.keys(DOCUMENTS).join(", ");

/** One source: an agent number with passages like an agent's, and the documents that they are from. */
export class PgSourceStore implements SourceStore {
  readonly name: string;
  readonly archival: ArchivalStorage;
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #head: PgHead;
  readonly #collection: PgCollection;
  readonly #near: NearVectors;
  readonly #packing: Packing;
  /** Number of the newest document, once known. */
  #lastDocument: number | undefined;
  /** Resolves when earlier work is done: commits run one at a time. */
  #before: Promise<unknown> = Promise.resolve();

  /** @param known The head, if the holder of the source has just read it. */
  constructor(
    database: Queryable,
    { agent, packFrom, compared }: Holding,
    { name, notify = () => undefined, known }: { name: string; notify?: NoticeSink | undefined; known?: Head },
  ) {
    this.name = name;
    this.#database = database;
    this.#agent = agent;
    this.#head = new PgHead(database, agent, known);
    this.#collection = new PgCollection(database, this.#head, notify);
    this.#near = new NearVectors(database, agent, { from: packFrom, compared });
    this.#packing = new Packing(database, agent, packFrom);
    const beside = { collection: this.#collection, near: this.#near, notify };
    const vectors = new PgPassageVectors(database, this.#head, beside);
    this.archival = new PgArchivalStorage(database, this.#head, { collection: this.#collection, vectors });
  }

  async settings(): Promise<SourceSettings> {
    const [row] = await this.#rows<{ settings: string }>("SELECT settings FROM sources WHERE agent = $1");
    return JSON.parse(row?.settings ?? "{}") as SourceSettings;
  }

  async totals(): Promise<SourceTotals> {
    const [totals] = await this.#rows<SourceTotals>(
      `SELECT count(DISTINCT (root, name)) AS documents, count(*) FILTER (WHERE NOT complete) AS incomplete,
         coalesce(sum(passages), 0)::bigint AS passages, coalesce(sum(bytes), 0)::bigint AS bytes
       FROM documents WHERE agent = $1`,
    );
    return totals ?? { documents: 0, incomplete: 0, passages: 0, bytes: 0 };
  }

  async *documents(): AsyncGenerator<StoredDocument, void, void> {
    for await (const row of this.#documents()) yield documentOf(row);
  }

  async document(root: string, name: string, hash: string): Promise<StoredDocument | undefined> {
    const sql = `SELECT ${DOCUMENT} FROM documents WHERE agent = $1 AND root = $2 AND name = $3 AND hash = $4`;
    const [row] = await this.#rows<DocumentRow>(sql, root, name, hash);
    return row === undefined ? undefined : documentOf(row);
  }

  async add(parts: readonly DocumentPart[]): Promise<void> {
    await this.#alone(async (head) => {
      const set = new WriteSet(head);
      const documents = await this.#known(parts);
      const places: Record<string, Value>[] = [];
      const replaced: number[] = [];
      for (const { document, passages, isLast } of parts) {
        const { root, name, kind, hash, bytes } = document;
        let row = documents.find((it) => it.root === root && it.name === name && it.hash === hash);
        if (row === undefined) {
          const loaded_at = passages[0]?.createdAt ?? new Date().toISOString();
          row = {
            id: await this.#nextDocument(),
            root,
            name,
            kind,
            hash,
            bytes,
            passages: 0,
            complete: false,
            loaded_at,
          };
          documents.push(row);
        }
        for (const { position, page, line, heading, embedding, ...passage } of passages) {
          const vector = embedding === null ? null : await this.#collection.storable(embedding, set);
          const seq = set.addPassage({ ...passage, origin: originOf("document", name) }, vector);
          places.push({ seq, document: row.id, position, page, line, heading });
        }
        row.passages += passages.length;
        row.complete = isLast;
        row.isChanged = true;
        if (!isLast) continue;
        const { id } = row;
        replaced.push(
          ...documents.filter((it) => it.root === root && it.name === name && it.id !== id).map((it) => it.id),
        );
      }
      const changed = documents
        .filter(({ id, isChanged = false }) => isChanged && !replaced.includes(id))
        .map(({ isChanged: _, ...row }) => row);
      return { set, changed, places, gone: replaced };
    });
  }

  async drop(keeps: (document: StoredDocument) => boolean): Promise<void> {
    const dropped: number[] = [];
    for await (const row of this.#documents()) if (!keeps(documentOf(row))) dropped.push(row.id);
    for (const id of dropped) {
      await this.#alone(async (head) => ({ set: new WriteSet(head), changed: [], places: [], gone: [id] }));
    }
  }

  /** Does nothing: what PostgreSQL retains of removed rows is up to its operator. */
  async scrub(): Promise<void> {
    await this.#before;
  }

  async *parts(): AsyncGenerator<DocumentPart, void, void> {
    const model = collectionIn(await this.#head.figures())?.model ?? "";
    const sql = `SELECT p.seq, p.id, p.created_at, p.text, p.embedding, l.position, l.page, l.line, l.heading
      FROM places l JOIN passages p ON p.agent = l.agent AND p.seq = l.seq
      WHERE l.agent = $1 AND l.document = $2 AND l.seq > $3 ORDER BY l.seq LIMIT ${PARTS_OF}`;
    for await (const row of this.#documents()) {
      yield* partsOf(row, (after) => this.#rows<StoredSourcePassage>(sql, row.id, after), model);
    }
  }

  async origins(ids: readonly string[]): Promise<ReadonlyMap<string, PassageOrigin>> {
    const rows = await this.#rows<Omit<PassageOrigin, "source"> & { readonly id: string }>(
      `SELECT p.id, d.name AS document, l.position, l.page, l.line, l.heading
       FROM passages p JOIN places l ON l.agent = p.agent AND l.seq = p.seq
       JOIN documents d ON d.agent = l.agent AND d.id = l.document
       WHERE p.agent = $1 AND p.id = ANY ($2::text[])`,
      ids,
    );
    return new Map(rows.map(({ id, ...origin }) => [id, { source: this.name, ...origin }]));
  }

  async indexed(): Promise<void> {
    await this.#before;
    await this.#near.settled();
  }

  async close(): Promise<void> {
    await this.indexed();
  }

  async *#documents(): AsyncGenerator<DocumentRow, void, void> {
    for (let after = 0; ;) {
      const sql = `SELECT ${DOCUMENT} FROM documents WHERE agent = $1 AND id > $2 ORDER BY id LIMIT $3`;
      const rows = await this.#rows<DocumentRow>(sql, after, AT_A_TIME);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  /** The stored documents with the names of some parts. */
  async #known(parts: readonly DocumentPart[]): Promise<Changing[]> {
    const names = parts.map(({ document: { root, name } }) => ({ root, name }));
    const sql = `SELECT ${DOCUMENT} FROM documents d WHERE agent = $1 AND EXISTS (
      SELECT FROM json_to_recordset($2::json) AS r (root text, name text) WHERE r.root = d.root AND r.name = d.name
    )`;
    return this.#rows<Changing>(sql, asRows(names));
  }

  async #nextDocument(): Promise<number> {
    const sql = "SELECT coalesce(max(id), 0) AS last FROM documents WHERE agent = $1";
    this.#lastDocument ??= (await this.#rows<{ last: number }>(sql))[0]?.last ?? 0;
    this.#lastDocument += 1;
    return this.#lastDocument;
  }

  /** Stores the result of `work` in one statement, then packs postings. */
  async #alone(work: (head: Head) => Promise<Changed>): Promise<void> {
    const before = this.#before;
    const mine = (async () => {
      await before.catch(() => undefined);
      const head = this.#head.known;
      if (head === undefined) throw new Error("only the holder of a source can change it");
      try {
        const { set, changed, places, gone } = await work(head);
        const removal = await removalOf(this.#database, set, gone);
        set.head.op += 1;
        const token = crypto.randomUUID();
        const parts = partsOfSet(set, { token, from: head.op });
        parts.insert("documents", changed, DOCUMENTS, GROW);
        parts.insert("places", places, PLACES);
        addRemoval(parts, removal);
        await carryOut(this.#database, this.#agent, { sql: parts.toString(), values: parts.values, token });
        this.#head.known = set.head;
      } catch (error) {
        this.#lastDocument = undefined;
        throw error;
      }
      this.#head.known = await this.#packing.after(this.#head.known);
      this.#near.later(this.#head.known);
    })();
    this.#before = mine.catch(() => undefined);
    return mine;
  }

  async #rows<Row>(sql: string, ...values: Value[]): Promise<Row[]> {
    return reading(() => this.#database.query<Row>(sql, [this.#agent, ...values]));
  }
}
