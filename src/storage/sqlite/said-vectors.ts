import { setImmediate } from "node:timers/promises";
import type { Statement } from "better-sqlite3";
import type { TextVectors, TextWithVector } from "../../ports/text-index.ts";
import type { SaidEmbeddings, SaidLine } from "../../ports/maintenance.ts";
import type { Embedding } from "../../schema/passage.ts";
import { EmbeddedSpan, type Lines } from "../embedded-span.ts";
import { LineVectors } from "../vectors/line-vectors.ts";
import { fromBytes, inBytes } from "../stored-values.ts";
import { guarded, storing, unsynced } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

type Row = { seq: number; n: number; embedding: Buffer | null };

/** Rows read at a time. */
const PORTION = 2_000;

/**
 * The vectors of lines, in the table `said_vectors`, with one byte per number, embedded in the background after the line is stored.
 * Retracted lines have one too, since an undo may restore them. From the first search on, the vectors of the searched model are
 * held in memory.
 */
export class SaidVectors implements SaidEmbeddings {
  readonly #db: Database;
  readonly #between: Statement<[model: string, above: number, below: number, most: number], SaidLine>;
  readonly #missing: Statement<[model: string], { count: number }>;
  readonly #said: Statement<[], { count: number }>;
  readonly #model: Statement<[], { model: string }>;
  readonly #has: Statement<[model: string], { found: number }>;
  readonly #others: Statement<[model: string]>;
  readonly #add: Statement<[n: number, model: string, embedding: Buffer | null]>;
  readonly #after: Statement<[model: string, seq: number, limit: number], Row>;
  readonly #newest: Statement<[], { seq: number } & Lines>;
  readonly #live: Statement<[numbers: string], { n: number }>;
  readonly #text: Statement<[n: number], { text: string }>;
  readonly #span = new EmbeddedSpan();
  #held: { readonly model: string; readonly vectors: LineVectors; seq: number; rewritten: number } | undefined;

  constructor(db: Database) {
    this.#db = db;
    const lacking =
      "FROM messages m LEFT JOIN said_vectors v ON v.n = m.n AND v.model = ? WHERE m.n IS NOT NULL AND v.n IS NULL";
    this.#between = db.prepare(
      `SELECT m.n AS n, m.text AS text ${lacking} AND m.n > ? AND m.n < ? ORDER BY m.n DESC LIMIT ?`,
    );
    this.#missing = db.prepare(`SELECT count(*) AS count ${lacking}`);
    this.#said = db.prepare("SELECT count(*) AS count FROM messages WHERE n IS NOT NULL");
    this.#model = db.prepare("SELECT model FROM said_vectors ORDER BY seq DESC LIMIT 1");
    this.#has = db.prepare("SELECT EXISTS (SELECT 1 FROM said_vectors WHERE model = ?) AS found");
    this.#others = db.prepare("DELETE FROM said_vectors WHERE model <> ?");
    this.#add = db.prepare("INSERT OR REPLACE INTO said_vectors (n, model, embedding) VALUES (?, ?, ?)");
    this.#after = db.prepare(
      "SELECT seq, n, embedding FROM said_vectors WHERE model = ? AND seq > ? ORDER BY seq LIMIT ?",
    );
    this.#newest = db.prepare(
      `SELECT coalesce((SELECT max(seq) FROM said_vectors), 0) AS seq,
              coalesce((SELECT max(n) FROM messages WHERE n IS NOT NULL), 0) AS newest,
              (SELECT value FROM totals WHERE name = 'rewritten') AS rewritten`,
    );
    this.#live = db.prepare("SELECT n FROM messages WHERE live = 1 AND n IN (SELECT value FROM json_each(?))");
    this.#text = db.prepare("SELECT text FROM messages WHERE n = ?");
  }

  async coverage(model: string): Promise<{ embedded: number; total: number }> {
    return guarded(this.#db, () => {
      const total = this.#said.get()?.count ?? 0;
      return { embedded: total - (this.#missing.get(model)?.count ?? 0), total };
    });
  }

  async model(): Promise<string | null> {
    return guarded(this.#db, () => this.#model.get()?.model ?? null);
  }

  async has(model: string): Promise<boolean> {
    return guarded(this.#db, () => this.#has.get(model)?.found === 1);
  }

  async keepOnly(model: string): Promise<void> {
    storing(this.#db, () => {
      this.#others.run(model);
    });
  }

  async next(model: string, count: number): Promise<SaidLine[]> {
    const { newest, rewritten } = this.#end();
    return this.#span.next({ model, count, newest, rewritten }, async ({ above, below, most }) =>
      guarded(this.#db, () => this.#between.all(model, above, below, most)),
    );
  }

  async add(
    model: string,
    lines: readonly { readonly n: number; readonly vector: Float32Array | null }[],
  ): Promise<void> {
    const insert = this.#db.transaction(() => {
      for (const { n, vector } of lines) this.#add.run(n, model, vector === null ? null : inBytes(vector));
    });
    storing(this.#db, () => {
      unsynced(this.#db, () => {
        insert.immediate();
      });
    });
    this.#span.add(model, lines);
  }

  /** Undefined if no line has a vector of the embedding's model. */
  async comparedWith({ model, vector }: Embedding, minSimilarity: number): Promise<TextVectors | undefined> {
    const vectors = await this.#follow(model, vector.length);
    if (vectors === undefined) return undefined;
    return {
      model,
      nearest: async (count) => {
        // Some of the nearest lines may have been retracted.
        const found = vectors.nearest(vector, 2 * count).filter(({ similarity }) => similarity >= minSimilarity);
        const live = this.#liveOf(found.map(({ n }) => n));
        return found.filter(({ n }) => live.has(n)).slice(0, count);
      },
      similarities: async (numbers) => vectors.similarities(vector, numbers),
      sample: async (count) => this.#sample(vectors, count),
    };
  }

  /** Reads vectors added since the last search, or all of them if those read before may have changed. */
  async #follow(model: string, dimensions: number): Promise<LineVectors | undefined> {
    const { seq, rewritten } = this.#end();
    const known = this.#held;
    const isSame = known?.model === model && known.rewritten === rewritten && known.seq <= seq;
    const held = isSame ? known : { model, vectors: new LineVectors(dimensions), seq: 0, rewritten };
    while (held.seq < seq) {
      const rows = guarded(this.#db, () => this.#after.all(model, held.seq, PORTION));
      for (const { n, embedding } of rows)
        if (embedding?.length === dimensions) held.vectors.add(n, fromBytes(embedding));
      held.seq = rows.length < PORTION ? seq : (rows.at(-1)?.seq ?? seq);
      if (rows.length === PORTION) await setImmediate();
    }
    this.#held = held;
    return held.vectors.size === 0 ? undefined : held.vectors;
  }

  #end(): { readonly seq: number } & Lines {
    return guarded(this.#db, () => this.#newest.get()) ?? { seq: 0, newest: 0, rewritten: 0 };
  }

  #liveOf(numbers: readonly number[]): ReadonlySet<number> {
    return new Set(guarded(this.#db, () => this.#live.all(JSON.stringify(numbers))).map(({ n }) => n));
  }

  #sample(vectors: LineVectors, count: number): TextWithVector[] {
    return vectors.spread(count).flatMap(({ n, vector }) => {
      const row = guarded(this.#db, () => this.#text.get(n));
      return row === undefined ? [] : [{ text: row.text, vector }];
    });
  }
}
