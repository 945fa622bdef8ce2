import type { SaidEmbeddings, SaidLine } from "../../ports/maintenance.ts";
import type { TextVectors, TextWithVector } from "../../ports/text-index.ts";
import type { Embedding } from "../../schema/passage.ts";
import { EmbeddedSpan, type Lines } from "../embedded-span.ts";
import { fromBytes, inBytes } from "../stored-values.ts";
import { LineVectors } from "../vectors/line-vectors.ts";
import { type Queryable, type Value, asRows, base64, reading, storing } from "./database.ts";

/** Rows read at a time. */
const PORTION = 2_000;

type Row = { readonly seq: number; readonly n: number; readonly embedding: Uint8Array | null };

/**
 * The vectors of lines, in the table `said_vectors`, with one byte per number, embedded in the background after the line is stored.
 * Retracted lines have one too, since an undo may restore them. From the first search on, the vectors of the searched model are
 * held in memory.
 */
export class PgSaidVectors implements SaidEmbeddings {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #span = new EmbeddedSpan();
  #held: { readonly model: string; readonly vectors: LineVectors; seq: number; rewritten: number } | undefined;

  constructor(database: Queryable, agent: number) {
    this.#database = database;
    this.#agent = agent;
  }

  async coverage(model: string): Promise<{ embedded: number; total: number }> {
    const [row] = await this.#rows<{ embedded: number; total: number }>(
      `SELECT count(v.n) AS embedded, count(*) AS total FROM messages m
       LEFT JOIN said_vectors v ON v.agent = $1 AND v.n = m.n AND v.model = $2 WHERE m.agent = $1 AND m.n IS NOT NULL`,
      model,
    );
    return row ?? { embedded: 0, total: 0 };
  }

  async model(): Promise<string | null> {
    const sql = "SELECT model FROM said_vectors WHERE agent = $1 ORDER BY seq DESC LIMIT 1";
    return (await this.#rows<{ model: string }>(sql))[0]?.model ?? null;
  }

  async has(model: string): Promise<boolean> {
    return (await this.#rows("SELECT 1 FROM said_vectors WHERE agent = $1 AND model = $2 LIMIT 1", model)).length > 0;
  }

  async keepOnly(model: string): Promise<void> {
    const sql = "DELETE FROM said_vectors WHERE agent = $1 AND model <> $2";
    await storing(() => this.#database.query(sql, [this.#agent, model]));
  }

  async next(model: string, count: number): Promise<SaidLine[]> {
    const [lines = { newest: 0, rewritten: 0 }] = await this.#rows<Lines>(
      `SELECT rewritten, coalesce((SELECT max(n) FROM messages WHERE agent = $1 AND n IS NOT NULL), 0) AS newest
       FROM heads WHERE agent = $1`,
    );
    return this.#span.next({ model, count, ...lines }, ({ above, below, most }) =>
      this.#rows<SaidLine>(
        `SELECT m.n, m.text FROM messages m
         LEFT JOIN said_vectors v ON v.agent = $1 AND v.n = m.n AND v.model = $2
         WHERE m.agent = $1 AND m.n IS NOT NULL AND v.n IS NULL AND m.n > $3 AND m.n < $4 ORDER BY m.n DESC LIMIT $5`,
        model,
        above,
        below,
        most,
      ),
    );
  }

  async add(
    model: string,
    lines: readonly { readonly n: number; readonly vector: Float32Array | null }[],
  ): Promise<void> {
    const rows = lines.map(({ n, vector }, place) => ({
      n,
      place,
      embedding: vector === null ? null : base64(inBytes(vector)),
    }));
    await storing(() =>
      this.#database.query(
        `WITH counted AS (
           UPDATE heads SET vectors = vectors + $3::bigint WHERE agent = $1 RETURNING vectors - $3::bigint AS before
         )
         INSERT INTO said_vectors (agent, n, model, seq, embedding)
         SELECT $1::bigint, r.n, $2::text, counted.before + r.place + 1, decode(r.embedding, 'base64')
         FROM counted, json_to_recordset($4::json) AS r (n bigint, place bigint, embedding text)
         ON CONFLICT (agent, n, model) DO UPDATE SET seq = excluded.seq, embedding = excluded.embedding`,
        [this.#agent, model, rows.length, asRows(rows)],
      ),
    );
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
        const live = await this.#liveOf(found.map(({ n }) => n));
        return found.filter(({ n }) => live.has(n)).slice(0, count);
      },
      similarities: async (numbers) => vectors.similarities(vector, numbers),
      sample: async (count) => this.#sample(vectors, count),
    };
  }

  /** Reads vectors added since the last search, or all of them if those read before may have changed. */
  async #follow(model: string, dimensions: number): Promise<LineVectors | undefined> {
    const [newest] = await this.#rows<{ vectors: number; rewritten: number }>(
      "SELECT vectors, rewritten FROM heads WHERE agent = $1",
    );
    const { vectors: seq, rewritten } = newest ?? { vectors: 0, rewritten: 0 };
    const known = this.#held;
    const isSame = known?.model === model && known.rewritten === rewritten && known.seq <= seq;
    const held = isSame ? known : { model, vectors: new LineVectors(dimensions), seq: 0, rewritten };
    while (held.seq < seq) {
      const sql = `SELECT seq, n, embedding FROM said_vectors
        WHERE agent = $1 AND seq > $2 AND seq <= $3 AND model = $4 ORDER BY seq LIMIT $5`;
      const rows = await this.#rows<Row>(sql, held.seq, seq, model, PORTION);
      for (const { n, embedding } of rows) {
        if (embedding?.length === dimensions) held.vectors.add(n, fromBytes(embedding));
      }
      held.seq = rows.length < PORTION ? seq : (rows.at(-1)?.seq ?? seq);
    }
    this.#held = held;
    return held.vectors.size === 0 ? undefined : held.vectors;
  }

  async #liveOf(numbers: readonly number[]): Promise<ReadonlySet<number>> {
    const sql = "SELECT n FROM messages WHERE agent = $1 AND live AND n = ANY ($2::bigint[])";
    return new Set((await this.#rows<{ n: number }>(sql, numbers)).map(({ n }) => n));
  }

  async #sample(vectors: LineVectors, count: number): Promise<TextWithVector[]> {
    const spread = vectors.spread(count);
    const sql = "SELECT n, text FROM messages WHERE agent = $1 AND n = ANY ($2::bigint[])";
    const rows = await this.#rows<{ n: number; text: string }>(
      sql,
      spread.map(({ n }) => n),
    );
    const texts = new Map(rows.map(({ n, text }) => [n, text]));
    return spread.flatMap(({ n, vector }) => {
      const text = texts.get(n);
      return text === undefined ? [] : [{ text, vector }];
    });
  }

  async #rows<R>(sql: string, ...values: Value[]): Promise<R[]> {
    return reading(() => this.#database.query<R>(sql, [this.#agent, ...values]));
  }
}
