import type { Statement } from "better-sqlite3";
import type { Database } from "../sqlite/load-sqlite.ts";
import type { Position } from "./hnsw-file.ts";

export type VectorRow = { readonly seq: number; readonly vector: Float32Array };
export type Toggle = Position & { readonly vector: Float32Array | undefined };
type Row = { seq: number; embedding: Buffer };

/** What the vector index must know of the `passages` table, without a walk through it but for `all`. */
export class VectorRows {
  readonly #total: Statement<[], { value: number }>;
  readonly #without: Statement<[], { count: number }>;
  readonly #newest: Statement<[], Position>;
  readonly #after: Statement<[seq: number, limit: number], Row>;
  readonly #toggled: Statement<[toggle: number, limit: number], { n: number; seq: number; embedding: Buffer | null }>;
  readonly #all: Statement<[], { seq: number }>;
  readonly #get: Statement<[seq: number], Row>;

  constructor(db: Database) {
    this.#total = db.prepare("SELECT value FROM totals WHERE name = 'passages'");
    this.#without = db.prepare("SELECT count(*) AS count FROM passages WHERE live = 1 AND embedding IS NULL");
    this.#newest = db.prepare(
      `SELECT coalesce((SELECT max(seq) FROM passages), 0) AS seq,
              coalesce((SELECT max(n) FROM passage_toggles), 0) AS toggle`,
    );
    this.#after = db.prepare(
      "SELECT seq, embedding FROM passages WHERE seq > ? AND live = 1 AND embedding IS NOT NULL ORDER BY seq LIMIT ?",
    );
    this.#toggled = db.prepare(
      `SELECT t.n, t.seq, CASE p.live WHEN 1 THEN p.embedding END AS embedding
       FROM passage_toggles t LEFT JOIN passages p ON p.seq = t.seq WHERE t.n > ? ORDER BY t.n LIMIT ?`,
    );
    this.#all = db.prepare("SELECT seq FROM passages WHERE live = 1 AND embedding IS NOT NULL");
    this.#get = db.prepare("SELECT seq, embedding FROM passages WHERE seq = ? AND embedding IS NOT NULL");
  }

  /** How many live passages there are. */
  count(): number {
    return this.#total.get()?.value ?? 0;
  }

  /** How many of them have a vector. */
  embedded(): number {
    return this.count() - (this.#without.get()?.count ?? 0);
  }

  /** What a graph of the whole table would contain. */
  newest(): Position {
    return this.#newest.get() ?? { seq: 0, toggle: 0 };
  }

  /** The next live rows that have a vector. */
  after(seq: number, limit: number): VectorRow[] {
    return this.#after.all(seq, limit).map(toRow);
  }

  /** The next changes of what is live. Each row comes as it is now: without a vector if it is not to be found by one. */
  toggledAfter(toggle: number, limit: number): Toggle[] {
    return this.#toggled.all(toggle, limit).map(({ n, seq, embedding }) => ({
      toggle: n,
      seq,
      vector: embedding === null ? undefined : toVector(embedding),
    }));
  }

  /** Every live row that has a vector. Walks through the table: 0.2 s for 100,000. */
  all(): number[] {
    return this.#all.all().map(({ seq }) => seq);
  }

  get(seq: number): VectorRow | undefined {
    const row = this.#get.get(seq);
    return row === undefined ? undefined : toRow(row);
  }
}

function toRow({ seq, embedding }: Row): VectorRow {
  return { seq, vector: toVector(embedding) };
}

/** The numbers of a blob, copied only where its memory is not aligned to four bytes. A last incomplete number is dropped. */
function toVector({ buffer, byteOffset, byteLength }: Buffer): Float32Array {
  const length = Math.floor(byteLength / 4);
  if (byteOffset % 4 === 0) return new Float32Array(buffer, byteOffset, length);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + 4 * length));
}
