import type { ArchivalQuery } from "../../ports/archival.ts";
import type { VectorIndexInfo } from "../../ports/maintenance.ts";
import type { NearText, TextVectors, TextWithVector } from "../../ports/text-index.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { ALWAYS, withoutUndefined } from "../stored-values.ts";
import { dot } from "../vectors/dot.ts";
import { ExactIndex } from "../vectors/exact-index.ts";
import { type Neighbour, bySimilarity, toUnit } from "../vectors/vector-index.ts";
import { type PgCollection, collectionIn } from "./collection.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import type { PgHead } from "./head.ts";
import type { Candidates, NearVectors } from "./near-vectors.ts";
import { vectorIn } from "../stored-values.ts";

/** Vectors held in memory at a time. */
const PORTION = 2_000;

type Beside = { readonly collection: PgCollection; readonly near: NearVectors; readonly notify: NoticeSink };

type Row = { readonly seq: number; readonly embedding: Uint8Array };

/** Number of vectors from which comparing one by one is too slow for a search. */
const MANY = 20_000;

/**
 * Compares the vectors of an agent's passages with those of queries: the candidates that pgvector finds, or, without pgvector, all
 * of them in portions.
 */
export class PgPassageVectors {
  readonly #database: Queryable;
  readonly #head: PgHead;
  readonly #collection: PgCollection;
  readonly #near: NearVectors;
  readonly #notify: NoticeSink;

  constructor(database: Queryable, head: PgHead, { collection, near, notify }: Beside) {
    this.#database = database;
    this.#head = head;
    this.#collection = collection;
    this.#near = near;
    this.#notify = notify;
  }

  /** Undefined if the query has no vector, or, with a notice, if the stored vectors are of another model. */
  async comparedWith({ embedding, minSimilarity = 0, range = {} }: ArchivalQuery): Promise<TextVectors | undefined> {
    if (embedding === undefined || embedding === null) return undefined;
    const { model, vector } = embedding;
    if (!(await this.#collection.accepts(model))) return undefined;
    const current = await this.#collection.current();
    if (current?.model !== model) return undefined;
    await this.#warnOfMany();
    const unit = toUnit(vector, current.dimensions);
    const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
    return {
      model,
      nearest: async (count) => {
        const request = { generation: current.generation, count, from, to };
        const found = (await this.#near.isThere())
          ? await this.#nearest(unit, request, await this.#near.candidates(unit, request))
          : await this.#nearest(unit, request);
        return found.filter(({ similarity }) => similarity >= minSimilarity);
      },
      similarities: async (numbers) => {
        const rows = await this.#rows("seq = ANY ($2::bigint[])", numbers);
        return new Map(rows.map((row) => [row.seq, dot(unit, vectorIn(row.embedding))]));
      },
      sample: async (count) => this.#sample(count),
    };
  }

  async #warnOfMany(): Promise<void> {
    const { passage } = await this.#head.figures();
    if (passage < MANY || (await this.#near.isThere())) return;
    this.#notify(
      `The database has no pgvector, so ${passage.toLocaleString("en")} passages are compared one by one, which is slow. ` +
        "If pgvector 0.8 or newer is installed there, memgpt uses it from the next start on.",
    );
  }

  async info(): Promise<VectorIndexInfo> {
    const head = await this.#head.figures();
    const sql = "SELECT count(*) AS count FROM passages WHERE agent = $1 AND live AND embedding IS NOT NULL";
    const [row] = await reading(() => this.#database.query<{ count: number }>(sql, [this.#head.agent]));
    const vectors = row?.count ?? 0;
    const { dimensions = 0, generation = 0 } = collectionIn(head) ?? {};
    const memoryBytes = 4 * Math.min(vectors, PORTION) * dimensions;
    const none = { pending: 0, removed: 0, memoryBytes, fileBytes: 0 };
    if (vectors === 0 || !(await this.#near.isThere()))
      return { kind: vectors === 0 ? "none" : "exact", vectors, ...none };
    const added = await this.#near.count(generation);
    return { ...none, kind: "graph", vectors: added, pending: Math.max(0, vectors - added) };
  }

  /** Compares the candidates, and all passages after the last one considered for them. */
  async #nearest(
    unit: Float32Array,
    { count, from, to }: { readonly count: number; readonly from: string; readonly to: string },
    { seqs, upTo }: Candidates = { seqs: [], upTo: 0 },
  ): Promise<NearText[]> {
    const compared = async (rows: readonly Row[]): Promise<Neighbour[]> => {
      const index = new ExactIndex(unit.length);
      for (const { seq, embedding } of rows) {
        if (embedding.byteLength === unit.byteLength) index.add(seq, vectorIn(embedding));
      }
      return index.search(unit, count);
    };
    let best = seqs.length === 0 ? [] : await compared(await this.#rows("seq = ANY ($2::bigint[])", seqs));
    for (let after = upTo; ;) {
      const where = "seq > $2 AND created_at >= $3 AND created_at < $4 ORDER BY seq LIMIT $5";
      const rows = await this.#rows(where, after, from, to, PORTION);
      best = [...best, ...(await compared(rows))].sort(bySimilarity).slice(0, count);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PORTION) break;
      after = last.seq;
    }
    return best.map(({ seq, similarity }) => ({ n: seq, similarity }));
  }

  /** A sample of passages at even steps. */
  async #sample(count: number): Promise<TextWithVector[]> {
    const { passage: last } = await this.#head.figures();
    const step = Math.max(1, last / count);
    const seqs = Array.from({ length: Math.min(count, last) }, (_, i) => 1 + Math.floor(i * step));
    const sql = `SELECT seq, text, embedding FROM passages
      WHERE agent = $1 AND live AND embedding IS NOT NULL AND seq = ANY ($2::bigint[]) ORDER BY seq`;
    const rows = await reading(() => this.#database.query<Row & { text: string }>(sql, [this.#head.agent, seqs]));
    return rows.map(({ text, embedding }) => ({ text, vector: vectorIn(embedding) }));
  }

  async #rows(where: string, ...values: Value[]): Promise<Row[]> {
    const sql = `SELECT seq, embedding FROM passages WHERE agent = $1 AND live AND embedding IS NOT NULL AND ${where}`;
    return reading(() => this.#database.query<Row>(sql, [this.#head.agent, ...values]));
  }
}
