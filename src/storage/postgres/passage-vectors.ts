import type { ArchivalQuery } from "../../ports/archival.ts";
import type { VectorIndexInfo } from "../../ports/maintenance.ts";
import type { NearText, TextVectors, TextWithVector } from "../../ports/text-index.ts";
import { ALWAYS, withoutUndefined } from "../stored-values.ts";
import { ExactIndex } from "../vectors/exact-index.ts";
import { type Neighbour, bySimilarity, toUnit } from "../vectors/vector-index.ts";
import { type PgCollection, collectionIn } from "./collection.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import type { PgHead } from "./head.ts";

/** Vectors that are in memory at a time. */
const PORTION = 2_000;

type Row = { readonly seq: number; readonly embedding: Uint8Array };

/** Compares the vectors of an agent's passages with those of queries, one by one, some in memory at a time. */
export class PgPassageVectors {
  readonly #database: Queryable;
  readonly #head: PgHead;
  readonly #collection: PgCollection;

  constructor(database: Queryable, head: PgHead, collection: PgCollection) {
    this.#database = database;
    this.#head = head;
    this.#collection = collection;
  }

  /** Undefined if the query has no vector, or if no stored vector is of its model; a notice then says so. */
  async comparedWith({ embedding, minSimilarity = 0, range = {} }: ArchivalQuery): Promise<TextVectors | undefined> {
    if (embedding === undefined || embedding === null) return undefined;
    const { model, vector } = embedding;
    if (!(await this.#collection.accepts(model))) return undefined;
    const current = await this.#collection.current();
    if (current?.model !== model) return undefined;
    const unit = toUnit(vector, current.dimensions);
    const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
    return {
      model,
      nearest: async (count) => {
        const found = await this.#nearest(unit, count, { from, to });
        return found.filter(({ similarity }) => similarity >= minSimilarity);
      },
      similarities: async (numbers) => {
        const rows = await this.#rows("seq = ANY ($2::bigint[])", numbers);
        return new Map(rows.map((row) => [row.seq, dot(unit, vectorOf(row.embedding))]));
      },
      sample: async (count) => this.#sample(count),
    };
  }

  async info(): Promise<VectorIndexInfo> {
    const head = await this.#head.figures();
    const sql = "SELECT count(*) AS count FROM passages WHERE agent = $1 AND live AND embedding IS NOT NULL";
    const [row] = await reading(() => this.#database.query<{ count: number }>(sql, [this.#head.agent]));
    const vectors = row?.count ?? 0;
    const memoryBytes = 4 * Math.min(vectors, PORTION) * (collectionIn(head)?.dimensions ?? 0);
    return { kind: vectors === 0 ? "none" : "exact", vectors, pending: 0, removed: 0, memoryBytes, fileBytes: 0 };
  }

  async #nearest(
    unit: Float32Array,
    count: number,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<NearText[]> {
    let best: Neighbour[] = [];
    for (let after = 0; ;) {
      const where = "seq > $2 AND created_at >= $3 AND created_at < $4 ORDER BY seq LIMIT $5";
      const rows = await this.#rows(where, after, from, to, PORTION);
      const index = new ExactIndex(unit.length);
      for (const { seq, embedding } of rows) {
        if (embedding.byteLength === unit.byteLength) index.add(seq, vectorOf(embedding));
      }
      best = [...best, ...(await index.search(unit, count))].sort(bySimilarity).slice(0, count);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PORTION) break;
      after = last.seq;
    }
    return best.map(({ seq, similarity }) => ({ n: seq, similarity }));
  }

  /** Passages that are numbered in even steps. */
  async #sample(count: number): Promise<TextWithVector[]> {
    const { passage: last } = await this.#head.figures();
    const step = Math.max(1, last / count);
    const seqs = Array.from({ length: Math.min(count, last) }, (_, i) => 1 + Math.floor(i * step));
    const sql = `SELECT seq, text, embedding FROM passages
      WHERE agent = $1 AND live AND embedding IS NOT NULL AND seq = ANY ($2::bigint[]) ORDER BY seq`;
    const rows = await reading(() => this.#database.query<Row & { text: string }>(sql, [this.#head.agent, seqs]));
    return rows.map(({ text, embedding }) => ({ text, vector: vectorOf(embedding) }));
  }

  async #rows(where: string, ...values: Value[]): Promise<Row[]> {
    const sql = `SELECT seq, embedding FROM passages WHERE agent = $1 AND live AND embedding IS NOT NULL AND ${where}`;
    return reading(() => this.#database.query<Row>(sql, [this.#head.agent, ...values]));
  }
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i += 1) sum += (one[i] ?? 0) * (other[i] ?? 0);
  return sum;
}

/** The numbers of a blob, copied, since what a driver gives may begin anywhere. */
function vectorOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
