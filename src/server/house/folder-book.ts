import * as z from "zod";
import { MemGPTError, type Records, Table } from "../../index.ts";
import { newId } from "./ids.ts";

const folderSchema = z.object({
  name: z.string(),
  /** What the source is called that has its documents; there is one from the first document on. */
  source: z.string(),
  description: z.string().nullable().default(null),
  instructions: z.string().nullable().default(null),
  metadata: z.record(z.string(), z.unknown()).default({}),
  createdAt: z.string(),
});
export type FolderRecord = z.infer<typeof folderSchema>;
export type FolderEntry = FolderRecord & { readonly id: string };

/** Sets of documents that agents search: each is a source of its user's home. */
export class FolderBook {
  readonly #table: Table<FolderRecord>;

  constructor(records: Records) {
    this.#table = new Table(records, "folder", folderSchema);
  }

  /** @throws MemGPTError `not_found`. */
  get(id: string): FolderEntry {
    const record = this.#table.get(id);
    if (record !== undefined) return { id, ...record };
    throw new MemGPTError("not_found", `There is no folder ${id}.`);
  }

  all(): FolderEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  put(record: Partial<FolderRecord>, id = newId("source")): FolderEntry {
    return { id, ...this.#table.put(id, folderSchema.parse(record)) };
  }

  remove(id: string): void {
    this.#table.remove(id);
  }
}
