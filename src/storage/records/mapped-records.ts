import type { RecordChange, Records, StoredRecord } from "../../ports/records.ts";
import { RecordMap } from "./record-map.ts";

/** Stored records, cached in memory for reading. */
export abstract class MappedRecords implements Records {
  protected readonly map = new RecordMap();

  abstract refresh(): Promise<void>;
  abstract change(work: () => readonly RecordChange[]): Promise<void>;

  get version(): number {
    return this.map.version;
  }

  get(kind: string, id: string): StoredRecord | undefined {
    return this.map.get(kind, id);
  }

  entries(kind: string): [id: string, record: StoredRecord][] {
    return this.map.entries(kind);
  }

  all(): RecordChange[] {
    return this.map.all();
  }

  place(kind: string, id: string): number | undefined {
    return this.map.place(kind, id);
  }

  async write(changes: readonly RecordChange[]): Promise<void> {
    if (changes.length > 0) await this.change(() => changes);
  }
}
