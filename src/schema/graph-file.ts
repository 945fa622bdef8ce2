import { z } from "zod";
import { collectionSchema } from "./collection.ts";

/** What the database notes of the file of its vector index: no other file is read. */
export const graphFileSchema = z.object({
  /** What must be so for the file to be of any use. */
  made: z.object({
    format: z.number(),
    arch: z.string(),
    metric: z.string(),
    collection: collectionSchema,
    kind: z.enum(["dense", "sparse"]),
    m: z.number(),
    efConstruction: z.number(),
  }),
  bytes: z.number(),
  crc32: z.number(),
  /** All rows of the table up to `seq` are in it, as they were after change number `toggle`. */
  seq: z.number(),
  toggle: z.number(),
  /** The rows that are in it and marked as removed, as base64 of 32-bit numbers. */
  removed: z.string(),
});
export type GraphFile = z.infer<typeof graphFileSchema>;
