import type { RecordChange, Records, StoredRecord } from "./records.ts";

type Schema<T> = { safeParse(value: unknown): { readonly data?: T | undefined } };

/** The records of one kind. */
export class Table<T> {
  readonly #records: Records;
  readonly #kind: string;
  readonly #schema: Schema<T>;
  readonly #checkedBefore = new WeakMap<StoredRecord, { readonly value: T | undefined }>();

  constructor(records: Records, kind: string, schema: Schema<T>) {
    this.#records = records;
    this.#kind = kind;
    this.#schema = schema;
  }

  get(id: string): T | undefined {
    const record = this.#records.get(this.#kind, id);
    return record === undefined ? undefined : this.#checked(record);
  }

  all(): { readonly id: string; readonly value: T }[] {
    return this.#records.entries(this.#kind).flatMap(([id, record]) => {
      const value = this.#checked(record);
      return value === undefined ? [] : [{ id, value }];
    });
  }

  async put(id: string, value: T): Promise<T> {
    await this.#records.write([this.change(id, value)]);
    return value;
  }

  async remove(id: string): Promise<void> {
    await this.#records.write([this.change(id, undefined)]);
  }

  /** For `Records.write`, where several must change together. */
  change(id: string, value: T | undefined): RecordChange {
    return { kind: this.#kind, id, value };
  }

  place(id: string): number | undefined {
    return this.#records.place(this.#kind, id);
  }

  /** A value is checked once. One written by a newer version and unreadable here counts as missing. */
  #checked(record: StoredRecord): T | undefined {
    const known = this.#checkedBefore.get(record) ?? { value: this.#schema.safeParse(record.value).data };
    this.#checkedBefore.set(record, known);
    return known.value;
  }
}
