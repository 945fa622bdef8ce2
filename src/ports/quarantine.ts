import type { Held } from "../schema/quarantine.ts";

/** Writes to memory that are held back. They enter with a `Change`, and leave with one, until it is undone, or for good. */
export interface Quarantine {
  /** Oldest first. */
  list(): Promise<Held[]>;
  /** Removes them without a trace. Unknown ids are ignored. */
  discard(ids: readonly string[]): Promise<void>;
}
