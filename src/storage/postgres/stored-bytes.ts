import type { StoredBytes } from "../../ports/repository.ts";
import { type Queryable, reading } from "./database.ts";

/** The bytes that the rows of an agent take. */
export async function bytesOf(database: Queryable, agent: number): Promise<StoredBytes> {
  const [row] = await reading(() =>
    database.query<StoredBytes>(
      `SELECT (SELECT coalesce(sum(pg_column_size(t)), 0) FROM messages t WHERE agent = $1)
            + (SELECT coalesce(sum(pg_column_size(t)), 0) FROM passages t WHERE agent = $1)
            + (SELECT coalesce(sum(pg_column_size(t)), 0) FROM journal t WHERE agent = $1)
            + (SELECT pg_column_size(t) FROM heads t WHERE agent = $1) AS database,
         (SELECT coalesce(sum(pg_column_size(t)), 0) FROM postings t WHERE agent = $1) AS index,
         (SELECT coalesce(sum(pg_column_size(t)), 0) FROM checkpoints t WHERE agent = $1) AS checkpoints`,
      [agent],
    ),
  );
  return row ?? { database: 0, index: 0, checkpoints: 0 };
}
