import * as z from "zod";
import type { Records } from "../../index.ts";
import { Book, type Entry } from "./book.ts";
import { newId } from "./ids.ts";

const folderSchema = z.object({
  name: z.string(),
  /** Name of the source that holds its documents; the source exists once there is a document. */
  source: z.string(),
  description: z.string().nullable().default(null),
  instructions: z.string().nullable().default(null),
  metadata: z.record(z.string(), z.unknown()).default({}),
  createdAt: z.string(),
});
export type FolderRecord = z.infer<typeof folderSchema>;
export type FolderEntry = Entry<FolderRecord>;

/** Folders: sets of documents that agents search, each a source in its user's home. */
export class FolderBook extends Book<FolderRecord> {
  readonly #records: Records;

  constructor(records: Records) {
    super(records, { kind: "folder", schema: folderSchema, noun: "folder", prefix: "source" });
    this.#records = records;
  }

  /** Adds a folder for each of these sources that has none. */
  async adopt(sources: readonly string[]): Promise<void> {
    const missing = (): string[] => {
      const known = new Set(this.all().map(({ source }) => source));
      return sources.filter((source) => !known.has(source));
    };
    if (missing().length === 0) return;
    const createdAt = new Date().toISOString();
    await this.#records.change(() =>
      missing().map((source) =>
        this.table.change(newId("source"), folderSchema.parse({ name: source, source, createdAt })),
      ),
    );
  }
}
