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

/** Vectors that are looked at to see what all are like. */
const SAMPLE = 16;
/** Rows that are named at a time: a few milliseconds. */
const SPAN = 10_000;

/** What the vector index must know of the `passages` table, without a walk through it but for `between`. */
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

  /** What a graph of the vectors should be made for. */
  kind(): VectorKind {
    return kindOf(this.after(0, SAMPLE).map(({ vector }) => vector));
  }

  /** The next changes of what is live. Each row comes as it is now: without a vector if it is not to be found by one. */
  toggledAfter(toggle: number, limit: number): Toggle[] {
    return this.#toggled.all(toggle, limit).map(({ n, seq, embedding }) => ({
      toggle: n,
      seq,
      vector: embedding === null ? undefined : toVector(embedding),
    }));
  }

  /** The live rows after one up to another that have a vector. Walks through the table: 2 ms for 1,000. */
  between(after: number, last: number): number[] {
    return this.#between.all(after, last).map(({ seq }) => seq);
  }

  /** Every live row in the range that has a vector, a portion at a time, so that nothing waits for all of them. */
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

  /** Those of the rows that are live and have a vector. */
  some(seqs: readonly number[]): VectorRow[] {
    return this.#some.all(JSON.stringify(seqs)).map(toRow);
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
