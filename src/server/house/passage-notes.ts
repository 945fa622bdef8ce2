import * as z from "zod";
import { type Records, Table } from "../../index.ts";

const notesSchema = z.object({
  tags: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
export type Notes = z.infer<typeof notesSchema>;
const NO_NOTES: Notes = { tags: [], metadata: {} };

/** Tags and metadata of passages. */
export class PassageNotes {
  readonly #table: Table<Notes>;
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
    this.#table = new Table(records, "passage", notesSchema);
  }

  of(id: string): Notes {
    return this.#table.get(id) ?? NO_NOTES;
  }

  /** Stores the same notes for each of these passages. */
  async put(ids: readonly string[], notes: Notes): Promise<void> {
    await this.#records.write(ids.map((id) => this.#table.change(id, notes)));
  }
}
