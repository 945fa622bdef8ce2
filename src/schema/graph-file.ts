import * as z from "zod";
import { collectionSchema } from "./collection.ts";

/** What the database notes of one file. Rows are in base64 of 32-bit numbers. */
export const shardNoteSchema = z.object({
  /** 0 for `archival.hnsw`, n for `archival.n.hnsw`. */
  number: z.number().int().nonnegative(),
  bytes: z.number(),
  crc32: z.number(),
  /** How many rows are in the file, with those that are removed. */
  count: z.number(),
  /** The rows that are in it and marked as removed there. */
  marked: z.string(),
  /** The rows that are in it and are removed by now: removing and bringing back rows needs no new file. */
  removed: z.string(),
});
export type ShardNote = z.infer<typeof shardNoteSchema>;

/** What the database notes of the files of its vector index: no other file is read. */
export const graphFileSchema = z.object({
  /** What must be so for the files to be of any use. */
  made: z.object({
    format: z.number(),
    arch: z.string(),
    metric: z.string(),
    collection: collectionSchema,
    kind: z.enum(["dense", "sparse"]),
    m: z.number(),
    efConstruction: z.number(),
  }),
  /** All rows of the table up to `seq` are in one of them, as they were after change number `toggle`. */
  seq: z.number(),
  toggle: z.number(),
  shards: z.array(shardNoteSchema),
});
export type GraphFile = z.infer<typeof graphFileSchema>;
