import type { RecordChange, StoredRecord } from "../../ports/records.ts";

/** Records in memory, by kind and id. Removed records keep their place. */
export class RecordMap {
  readonly #kinds = new Map<string, Map<string, StoredRecord>>();
  #places = 0;
  version = 0;

  /** Number of records, including removed ones. */
  get size(): number {
    return [...this.#kinds.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** @param place Place of a new record (default: after the others). */
  take({ kind: name, id, value }: RecordChange, place?: number): void {
    const kind = this.#kinds.get(name) ?? new Map<string, StoredRecord>();
    this.#kinds.set(name, kind);
    const known = kind.get(id)?.place;
    if (known === undefined) this.#places = Math.max(this.#places + 1, place ?? 0);
    kind.set(id, { place: known ?? place ?? this.#places, value });
    this.version += 1;
  }

  get(kind: string, id: string): StoredRecord | undefined {
    const record = this.#kinds.get(kind)?.get(id);
    return record?.value === undefined ? undefined : record;
  }

  entries(kind: string): [id: string, record: StoredRecord][] {
    return [...(this.#kinds.get(kind) ?? [])].filter(([, { value }]) => value !== undefined);
  }

  all(): RecordChange[] {
    return [...this.#kinds.keys()]
      .flatMap((kind) => this.entries(kind).map(([id, record]) => ({ kind, id, ...record })))
      .sort((a, b) => a.place - b.place)
      .map(({ kind, id, value }) => ({ kind, id, value }));
  }

  place(kind: string, id: string): number | undefined {
    return this.#kinds.get(kind)?.get(id)?.place;
  }

  clear(): void {
    this.#kinds.clear();
    this.version += 1;
  }
}
