import * as z from "zod";
import type { Records } from "../../index.ts";
import { Book, type Entry } from "./book.ts";

const archiveSchema = z.object({
  name: z.string(),
  description: z.string().nullable().default(null),
  createdAt: z.string(),
  metadata: z.record(z.string(), z.unknown()).default({}),
  /** Id of the hidden agent whose archival memory holds the passages. */
  store: z.string(),
});
export type ArchiveRecord = z.infer<typeof archiveSchema>;
export type ArchiveEntry = Entry<ArchiveRecord>;

/** Archives: stores of passages that can be attached to several agents. */
export class ArchiveBook extends Book<ArchiveRecord> {
  constructor(records: Records) {
    super(records, { kind: "archive", schema: archiveSchema, noun: "archive", prefix: "archive" });
  }
}
