/** The new value of a record; undefined removes it. */
export type RecordChange = { readonly kind: string; readonly id: string; readonly value: unknown };

/** A record in memory. Every write creates a new object. */
export type StoredRecord = { readonly place: number; readonly value: unknown };

/**
 * What is kept beside agents: small values by kind and id, which several processes may read and write. They are in
 * memory as they were when they were last refreshed or written here.
 *
 * @throws MemGPTError `storage_failed` from what reads and writes storage.
 */
export interface Records {
  /** Grows with every change that was read or written. */
  readonly version: number;
  /** Reads what others have written. */
  refresh(): Promise<void>;
  get(kind: string, id: string): StoredRecord | undefined;
  /** In the order in which they were first put. */
  entries(kind: string): [id: string, record: StoredRecord][];
  /** The records of every kind, in that order. */
  all(): RecordChange[];
  /** The position of `id` in that order, even after its removal; undefined if it never existed. */
  place(kind: string, id: string): number | undefined;
  /** Stores changes, all or none. */
  write(changes: readonly RecordChange[]): Promise<void>;
  /** The same for the changes that `work` makes of what is stored now; it is called again if others were faster. */
  change(work: () => readonly RecordChange[]): Promise<void>;
}
