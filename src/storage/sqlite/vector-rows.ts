import { setImmediate } from "node:timers/promises";
import type { Statement } from "better-sqlite3";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import type { Position } from "../vectors/hnsw-file.ts";
import { type VectorKind, kindOf } from "../vectors/hnsw-graph.ts";

export type VectorRow = { readonly seq: number; readonly vector: Float32Array };
/** Times as they are stored, `from` inclusive, `to` exclusive. */
export type StoredRange = { readonly from: string; readonly to: string };
export type Toggle = Position & { readonly vector: Float32Array | undefined };
type Row = { seq: number; embedding: Buffer };

/** Number of vectors from which the kind of all is inferred. */
const SAMPLE = 16;
/** Rows listed at a time, which takes a few milliseconds. */
const SPAN = 10_000;

/** What the vector index needs to know about the `passages` table. Only `between` scans it. */
export class VectorRows {
  readonly #db: Database;
  readonly #total: Statement<[], { value: number }>;
  readonly #without: Statement<[], { count: number }>;
  readonly #newest: Statement<[], Position>;
  readonly #after: Statement<[seq: number, limit: number], Row>;
  readonly #toggled: Statement<[toggle: number, limit: number], { n: number; seq: number; embedding: Buffer | null }>;
  readonly #between: Statement<[after: number, last: number], { seq: number }>;
  readonly #within: Statement<[from: string, after: number, to: string, limit: number], { places: string }>;
  readonly #some: Statement<[seqs: string], Row>;

  constructor(db: Database) {
    this.#db = db;
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
    const live = "FROM passages WHERE live = 1 AND embedding IS NOT NULL";
    this.#between = db.prepare(`SELECT seq ${live} AND seq > ? AND seq <= ?`);
    this.#within = db.prepare(
      `SELECT json_group_array(json_array(seq, created_at)) AS places FROM (
         SELECT seq, created_at ${live} AND (created_at, seq) > (?, ?) AND created_at < ? ORDER BY created_at, seq LIMIT ?
       )`,
    );
    this.#some = db.prepare(`SELECT seq, embedding ${live} AND seq IN (SELECT value FROM json_each(?))`);
  }

  /** Number of live passages. */
  count(): number {
    return this.#total.get()?.value ?? 0;
  }

  /** Number of live passages with a vector. */
  embedded(): number {
    return this.count() - (this.#without.get()?.count ?? 0);
  }

  /** The position of an index that has the whole table. */
  newest(): Position {
    return this.#newest.get() ?? { seq: 0, toggle: 0 };
  }

  /** The next live rows with a vector. */
  after(seq: number, limit: number): VectorRow[] {
    return this.#after.all(seq, limit).map(toRow);
  }

  /** The kind of vectors, for which a graph is built. */
  kind(): VectorKind {
    return kindOf(this.after(0, SAMPLE).map(({ vector }) => vector));
  }

  /** The next retractions and restorations. Each has the row's present vector; undefined if it must not be found by one. */
  toggledAfter(toggle: number, limit: number): Toggle[] {
    return this.#toggled.all(toggle, limit).map(({ n, seq, embedding }) => ({
      toggle: n,
      seq,
      vector: embedding === null ? undefined : toVector(embedding),
    }));
  }

  /** The live rows with a vector from after `after` to `last`. Scans the table: 2 ms for 1,000 rows. */
  between(after: number, last: number): number[] {
    return this.#between.all(after, last).map(({ seq }) => seq);
  }

  /** All live rows in the range with a vector. Reads in portions, so that nothing has to wait for all of them. */
  async within({ from, to }: StoredRange): Promise<Set<number>> {
    const seqs = new Set<number>();
    for (let [after, time] = [0, from]; ;) {
      const row = guarded(this.#db, () => this.#within.get(time, after, to, SPAN));
      const places = JSON.parse(row?.places ?? "[]") as [seq: number, createdAt: string][];
      for (const [seq] of places) seqs.add(seq);
      const last = places.at(-1);
      if (last === undefined || places.length < SPAN) return seqs;
      [after, time] = last;
      await setImmediate();
    }
  }

  /** The given rows that are live and have a vector. */
  some(seqs: readonly number[]): VectorRow[] {
    return this.#some.all(JSON.stringify(seqs)).map(toRow);
  }
}

function toRow({ seq, embedding }: Row): VectorRow {
  return { seq, vector: toVector(embedding) };
}

/** The numbers in a blob, copied only if its memory is not aligned to four bytes. An incomplete last number is dropped. */
function toVector({ buffer, byteOffset, byteLength }: Buffer): Float32Array {
  const length = Math.floor(byteLength / 4);
  if (byteOffset % 4 === 0) return new Float32Array(buffer, byteOffset, length);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + 4 * length));
}
