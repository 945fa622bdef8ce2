import type { Collection } from "../../schema/collection.ts";
import type { VectorIndexInfo } from "../../ports/maintenance.ts";
import type { Database } from "./load-sqlite.ts";
import { exactBytes } from "../vectors/exact-index.ts";
import type { GraphNote, HnswFile } from "../vectors/hnsw-file.ts";
import { graphBytes } from "../vectors/hnsw-graph.ts";
import type { VectorRows } from "./vector-rows.ts";

export type IndexFacts = {
  /** Undefined until the first vector. */
  readonly collection: Collection | undefined;
  readonly rows: VectorRows;
  readonly file: HnswFile | undefined;
  /** Whether searches use a graph. */
  readonly hasGraph: boolean;
};

/** Describes the vector index without loading it. */
export function indexInfo(db: Database, { collection, rows, file, hasGraph }: IndexFacts): VectorIndexInfo {
  const vectors = rows.embedded();
  const fileBytes = file?.bytes ?? 0;
  const nothing = { vectors: 0, pending: 0, removed: 0, memoryBytes: 0, fileBytes };
  if (collection === undefined || vectors === 0) return { kind: "none", ...nothing };
  const { dimensions } = collection;
  if (!hasGraph) return { ...nothing, kind: "exact", vectors, memoryBytes: exactBytes(vectors, dimensions) };
  const note = file?.noted();
  const counted = note === undefined ? undefined : countIn(db, note, vectors);
  const counts = counted ?? { vectors: 0, pending: vectors, removed: 0 };
  const memoryBytes = graphBytes(vectors + counts.removed, dimensions, note?.kind ?? rows.kind());
  return { kind: "graph", ...counts, memoryBytes, fileBytes };
}

type Changes = { readonly later: number; readonly came: number; readonly back: number; readonly gone: number };

/**
 * Counts what the files of a graph have: their note says how far they followed the table, and the table what changed since.
 *
 * @param embedded Number of live passages with a vector.
 */
function countIn(
  db: Database,
  { position: { seq, toggle }, size, removed }: GraphNote,
  embedded: number,
): Pick<VectorIndexInfo, "vectors" | "pending" | "removed"> {
  const count = "SELECT count(*) FROM passages WHERE embedding IS NOT NULL";
  const changes = db
    .prepare<[{ seq: number; toggle: number; removed: string }], Changes>(
      `WITH removed AS (SELECT value FROM json_each(:removed)),
            changed AS (SELECT seq FROM passage_toggles WHERE n > :toggle GROUP BY seq HAVING count(*) % 2 = 1)
       SELECT (${count} AND live = 1 AND seq > :seq AND seq NOT IN removed) AS later,
              (${count} AND live = 1 AND seq <= :seq AND seq IN changed AND seq NOT IN removed) AS came,
              (${count} AND live = 1 AND seq IN removed) AS back,
              (${count} AND live = 0 AND seq <= :seq AND seq IN changed) AS gone`,
    )
    .get({ seq, toggle, removed: JSON.stringify(removed) });
  const { later, came, back, gone } = changes ?? { later: 0, came: 0, back: 0, gone: 0 };
  // Vectors that the files lacked before, such as those of a lost shard. Whether some were removed since is unknown.
  const lost = Math.max(0, embedded - later - came - back + gone - size);
  const pending = later + came + lost;
  const vectors = embedded - pending;
  return { vectors, pending, removed: removed.length - back + gone };
}
