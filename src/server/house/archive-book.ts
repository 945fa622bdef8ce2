import * as z from "zod";
import { type Records, Table } from "../../index.ts";

const archiveSchema = z.object({
  name: z.string(),
  description: z.string().nullable().default(null),
  createdAt: z.string(),
  metadata: z.record(z.string(), z.unknown()).default({}),
  /** The hidden agent in whose archival memory the passages are. */
  store: z.string(),
});
export type ArchiveRecord = z.infer<typeof archiveSchema>;
export type ArchiveEntry = ArchiveRecord & { readonly id: string };

/** Stores of passages that several agents may be given. */
export class ArchiveBook {
  readonly #table: Table<ArchiveRecord>;

  constructor(records: Records) {
    this.#table = new Table(records, "archive", archiveSchema);
  }

  all(): ArchiveEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  get(id: string): ArchiveEntry | undefined {
    const record = this.#table.get(id);
    return record === undefined ? undefined : { id, ...record };
  }

  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  put(id: string, record: Partial<ArchiveRecord>): ArchiveEntry {
    return { id, ...this.#table.put(id, archiveSchema.parse(record)) };
  }

  remove(id: string): void {
    this.#table.remove(id);
  }
}
