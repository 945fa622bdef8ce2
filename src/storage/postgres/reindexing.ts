import type { Change } from "../../ports/history.ts";
import type { Reembedded, ReindexTarget, Reindexing, Unembedded } from "../../ports/maintenance.ts";
import type { Reindex } from "../../schema/collection.ts";
import { begunWith, isSameTarget, readReindex, unfinished, usable } from "../reindexed.ts";
import { toBlob } from "../stored-values.ts";
import { collectionIn } from "./collection.ts";
import { type Queryable, type Value, asRows, base64, reading, storing } from "./database.ts";
import { readHead } from "./head.ts";

/**
 * Reindexing with new vectors in the table `reindexed` and their target in `heads`. Passages are embedded in order and never
 * removed, so the remaining ones are those after the last embedded one.
 */
export class PgReindexing implements Reindexing {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #commit: (change: Change, reindexed: string) => Promise<void>;

  /** @param commit Stores the change together with the new collection, as JSON. */
  constructor(database: Queryable, agent: number, commit: (change: Change, reindexed: string) => Promise<void>) {
    this.#database = database;
    this.#agent = agent;
    this.#commit = commit;
  }

  async begin(target: ReindexTarget): Promise<{ done: number; total: number }> {
    const current = await this.#current();
    if (current === undefined || !isSameTarget(current, target)) {
      await this.#store(
        "WITH old AS (DELETE FROM reindexed WHERE agent = $1) UPDATE heads SET reindex = $2 WHERE agent = $1",
        begunWith(target),
      );
    }
    const [counts] = await this.#rows<{ done: number; total: number }>(
      `SELECT (SELECT count(*) FROM reindexed WHERE agent = $1) AS done,
              (SELECT count(*) FROM passages WHERE agent = $1) AS total`,
    );
    return counts ?? { done: 0, total: 0 };
  }

  async next(count: number): Promise<Unembedded[]> {
    return this.#rows<Unembedded>(
      `SELECT seq, text FROM passages
       WHERE agent = $1 AND seq > (SELECT coalesce(max(seq), 0) FROM reindexed WHERE agent = $1) ORDER BY seq LIMIT $2`,
      count,
    );
  }

  async add(vectors: readonly Reembedded[]): Promise<void> {
    const current = await this.#begun();
    let { found } = current;
    const rows = vectors.map(({ seq, vector }) => {
      const embedding = usable(vector, found);
      found ??= embedding?.length ?? null;
      return { seq, embedding: embedding === null ? null : base64(toBlob(embedding)) };
    });
    await this.#store(
      `WITH noted AS (UPDATE heads SET reindex = $2 WHERE agent = $1)
       INSERT INTO reindexed SELECT $1::bigint, r.seq, decode(r.embedding, 'base64')
       FROM json_to_recordset($3::json) AS r (seq bigint, embedding text)`,
      JSON.stringify({ ...current, found }),
      asRows(rows),
    );
  }

  async finish(change: Change): Promise<void> {
    const { model, found } = await this.#begun();
    if ((await this.next(1)).length > 0) throw unfinished();
    const current = collectionIn(await readHead(this.#database, this.#agent));
    const generation = (current?.generation ?? -1) + 1;
    // Without any vector, the collection stays as it is.
    const collection = found === null ? (current ?? null) : { model, dimensions: found, generation };
    await this.#commit(change, JSON.stringify(collection));
  }

  async #current(): Promise<Reindex | undefined> {
    const [row] = await this.#rows<{ reindex: string | null }>("SELECT reindex FROM heads WHERE agent = $1");
    return readReindex(row?.reindex ?? undefined);
  }

  async #begun(): Promise<Reindex> {
    const current = await this.#current();
    if (current === undefined) throw unfinished();
    return current;
  }

  async #rows<Row>(sql: string, ...values: Value[]): Promise<Row[]> {
    return reading(() => this.#database.query<Row>(sql, [this.#agent, ...values]));
  }

  async #store(sql: string, ...values: Value[]): Promise<void> {
    await storing(() => this.#database.query(sql, [this.#agent, ...values]));
  }
}
