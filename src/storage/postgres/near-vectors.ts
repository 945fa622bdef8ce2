import { toUnit } from "../vectors/vector-index.ts";
import { collectionIn } from "./collection.ts";
import { type Database, type Queryable, asRows, reading, storing } from "./database.ts";
import type { Head } from "./head.ts";
import { vectorIn } from "../stored-values.ts";

/** Number of an agent's vectors that the server compares exactly, one by one; a graph holds the others. */
const COMPARED = 20_000;
/** Most dimensions of a graph. */
const MOST_DIMENSIONS = 4_000;
/** Vectors added at a time. */
const PORTION = 500;
/** Number of new passages that may be missing in the table; searches read these directly. */
const MOST_MISSING = 128;

export type NearOptions = {
  /** Number of new passages from which their vectors are added. */
  readonly from?: number | undefined;
  /** Number of vectors compared one by one. */
  readonly compared?: number | undefined;
};

/**
 * Creates the table of vectors if the server has pgvector 0.8 or newer. Its rows are copies, rounded to 16 bits, and are removed
 * with their passage.
 */
export async function prepareVectors(database: Database): Promise<void> {
  const [found] = await reading(() =>
    database.query<{ is_missing: boolean }>(
      `SELECT to_regclass('near_vectors') IS NULL AND EXISTS (
         SELECT FROM pg_available_extensions
         WHERE name = 'vector' AND string_to_array(default_version, '.')::integer[] >= ARRAY[0, 8]
       ) AS is_missing`,
    ),
  );
  if (found?.is_missing !== true) return;
  const created = database.script(`
    SELECT pg_advisory_xact_lock(7246179);
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE IF NOT EXISTS near_vectors (
      agent bigint NOT NULL,
      generation bigint NOT NULL,
      seq bigint NOT NULL,
      dimensions integer NOT NULL,
      near halfvec NOT NULL,
      PRIMARY KEY (agent, generation, seq),
      FOREIGN KEY (agent, seq) REFERENCES passages (agent, seq) ON DELETE CASCADE
    );
    CREATE INDEX IF NOT EXISTS near_vectors_passages ON near_vectors (agent, seq)
  `);
  // Without the right to install pgvector, memgpt works without it.
  await created.catch(() => undefined);
}

/** The extension and its version; undefined if the program itself compares vectors. */
export async function vectorEngineOf(database: Queryable): Promise<string | undefined> {
  const sql = `SELECT extversion AS version FROM pg_extension
    WHERE extname = 'vector' AND to_regclass('near_vectors') IS NOT NULL`;
  const [found] = await reading(() => database.query<{ version: string }>(sql));
  return found === undefined ? undefined : `pgvector ${found.version}`;
}

/** Passages that may be near, to be compared exactly. */
export type Candidates = {
  readonly seqs: readonly number[];
  /** Number of the last passage that was considered. */
  readonly upTo: number;
};

type Wanted = { readonly generation: number; readonly count: number; readonly from: string; readonly to: string };

/** The vectors of an agent's passages in pgvector's table. Any process may add missing ones: all would add the same. */
export class NearVectors {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #from: number;
  readonly #compared: number;
  #isThere: Promise<boolean> | undefined;
  /** Number of the last passage whose vector was added, as far as known here. */
  #added: { readonly generation: number; readonly upTo: number } | undefined;
  #working: Promise<void> | undefined;

  constructor(database: Queryable, agent: number, { from = MOST_MISSING, compared = COMPARED }: NearOptions = {}) {
    this.#database = database;
    this.#agent = agent;
    this.#from = from;
    this.#compared = compared;
  }

  /** Whether the database has the table. */
  async isThere(): Promise<boolean> {
    this.#isThere ??= reading(async () => {
      const sql = "SELECT to_regclass('near_vectors') IS NOT NULL AS is_there";
      const [row] = await this.#database.query<{ is_there: boolean }>(sql);
      return row?.is_there ?? false;
    });
    return this.#isThere;
  }

  /** Live passages that are near; somewhat more than `count`. */
  async candidates(unit: Float32Array, { generation, count, from, to }: Wanted): Promise<Candidates> {
    const dimensions = unit.length;
    const where = `v.agent = $1 AND v.generation = $2 AND v.dimensions = ${dimensions} AND NOT EXISTS (
      SELECT FROM passages p WHERE p.agent = v.agent AND p.seq = v.seq
      AND (NOT p.live OR p.created_at < $5 OR p.created_at >= $6)
    )`;
    const rows = await reading(() =>
      this.#database.query<{ seq: number | null; place: number }>(
        `(SELECT v.seq, 1 AS place FROM near_vectors v WHERE ${where} AND v.seq <= ${this.#compared}
          ORDER BY v.near <=> $3::text::halfvec, v.seq DESC LIMIT $4)
         UNION ALL
         (SELECT v.seq, 1 FROM near_vectors v WHERE ${where} AND v.seq > ${this.#compared}
          ORDER BY v.near::halfvec(${dimensions}) <=> $3::text::halfvec(${dimensions}) LIMIT $4)
         UNION ALL SELECT max(seq), 0 FROM near_vectors WHERE agent = $1 AND generation = $2`,
        [this.#agent, generation, vectorLiteral(unit), 2 * count + 10, from, to],
      ),
    );
    const upTo = rows.find(({ place }) => place === 0)?.seq ?? 0;
    return { seqs: rows.flatMap(({ seq, place }) => (place === 1 && seq !== null ? [seq] : [])), upTo };
  }

  /** Number of vectors in the table. */
  async count(generation: number): Promise<number> {
    const sql = "SELECT count(*) AS count FROM near_vectors WHERE agent = $1 AND generation = $2";
    const [row] = await reading(() => this.#database.query<{ count: number }>(sql, [this.#agent, generation]));
    return row?.count ?? 0;
  }

  /** Adds missing vectors in the background. Searches read those that cannot be added directly. */
  later(head: Head): void {
    const collection = collectionIn(head);
    if (collection === undefined || this.#working !== undefined) return;
    const known = this.#added;
    if (known?.generation === collection.generation && head.passage - known.upTo < this.#from) return;
    this.#working = this.#follow(collection)
      .catch(() => undefined)
      .finally(() => {
        this.#working = undefined;
      });
  }

  /** Resolves when nothing is being added. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #follow({
    generation,
    dimensions,
  }: {
    readonly generation: number;
    readonly dimensions: number;
  }): Promise<void> {
    if (!(await this.isThere())) return;
    if (this.#added?.generation !== generation) {
      await this.#database.query("DELETE FROM near_vectors WHERE agent = $1 AND generation < $2", [
        this.#agent,
        generation,
      ]);
    }
    for (;;) {
      const rows = await this.#database.query<{ seq: number; embedding: Uint8Array }>(
        `SELECT seq, embedding FROM passages
         WHERE agent = $1 AND embedding IS NOT NULL AND length(embedding) = $2 AND seq > (
           SELECT coalesce(max(seq), 0) FROM near_vectors WHERE agent = $1 AND generation = $3
         ) ORDER BY seq LIMIT $4`,
        [this.#agent, 4 * dimensions, generation, PORTION],
      );
      const last = rows.at(-1)?.seq ?? this.#added?.upTo ?? 0;
      if (last > this.#compared) await this.#makeGraph(dimensions);
      const near = rows.map(({ seq, embedding }) => ({
        seq,
        near: vectorLiteral(toUnit(vectorIn(embedding), dimensions)),
      }));
      await storing(() =>
        this.#database.query(
          `INSERT INTO near_vectors (agent, generation, seq, dimensions, near)
           SELECT $1::bigint, $2::bigint, r.seq, $3::integer, r.near::halfvec
           FROM json_to_recordset($4::json) AS r (seq bigint, near text) ON CONFLICT DO NOTHING`,
          [this.#agent, generation, dimensions, asRows(near)],
        ),
      );
      this.#added = { generation, upTo: last };
      if (rows.length < PORTION) return;
    }
  }

  /** One graph per vector length. Without the right to create it, or with too many dimensions, vectors are compared one by one. */
  async #makeGraph(dimensions: number): Promise<void> {
    if (dimensions > MOST_DIMENSIONS) return;
    const name = `near_vectors_${dimensions}`;
    const [found] = await this.#database.query<{ is_there: boolean }>(
      `SELECT to_regclass('${name}') IS NOT NULL AS is_there`,
    );
    if (found?.is_there === true) return;
    await this.#database
      .query(
        `CREATE INDEX IF NOT EXISTS ${name} ON near_vectors USING hnsw ((near::halfvec(${dimensions})) halfvec_cosine_ops)
         WHERE dimensions = ${dimensions} AND seq > ${this.#compared}`,
      )
      .catch(() => undefined);
  }
}

/** A vector in pgvector's notation. */
function vectorLiteral(vector: Float32Array): string {
  return `[${vector.join(",")}]`;
}
