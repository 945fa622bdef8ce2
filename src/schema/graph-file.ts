import * as z from "zod";
import { collectionSchema } from "./collection.ts";
import { once } from "./once.ts";

/** What the database records about one file. Rows are 32-bit numbers in base64. */
const shardNoteSchema = once(() =>
  z.object({
    /** 0 for `archival.hnsw`, n for `archival.n.hnsw`. */
    number: z.number().int().nonnegative(),
    bytes: z.number(),
    crc32: z.number(),
    /** Rows in the file, removed ones included. */
    count: z.number(),
    /** Rows marked as removed in the file. */
    marked: z.string(),
    /** Rows of the file that are removed by now: removing or restoring a row needs no new file. */
    removed: z.string(),
  }),
);
export type ShardNote = z.infer<ReturnType<typeof shardNoteSchema>>;

/** What the database records about the files of its vector index. No other file is read. */
export const graphFileSchema = once(() =>
  z.object({
    /** The files are used only if all of this holds. */
    made: z.object({
      format: z.number(),
      arch: z.string(),
      metric: z.string(),
      collection: collectionSchema(),
      kind: z.enum(["dense", "sparse"]),
      m: z.number(),
      efConstruction: z.number(),
    }),
    /** The files hold all rows up to `seq`, as of change number `toggle`. */
    seq: z.number(),
    toggle: z.number(),
    shards: z.array(shardNoteSchema()),
  }),
);
export type GraphFile = z.infer<ReturnType<typeof graphFileSchema>>;
