import type { Change } from "./history.ts";

/** Upkeep of an agent's storage. No conversation needs it. */
export interface Maintenance {
  readonly reindexing: Reindexing;
  readonly said: SaidEmbeddings;
  /** How passages are searched by their vectors. Neither loads nor builds the index. */
  vectorIndex(): Promise<VectorIndexInfo>;
}

/** A line to embed, by its number. */
export type SaidLine = { readonly n: number; readonly text: string };

/** The vectors of what was said. They follow the lines in the background; words find what is not embedded yet. */
export interface SaidEmbeddings {
  /** The model of the newest vector; null if there is no vector. */
  model(): Promise<string | null>;
  /** Whether `model` has embedded any line. */
  has(model: string): Promise<boolean>;
  /** How many of all lines `model` has embedded, retracted ones included. */
  coverage(model: string): Promise<{ readonly embedded: number; readonly total: number }>;
  /** The newest `count` lines that `model` has not embedded; none at the end. */
  next(model: string, count: number): Promise<SaidLine[]>;
  /** A vector is null for a line with nothing to embed. */
  add(model: string, lines: readonly { readonly n: number; readonly vector: Float32Array | null }[]): Promise<void>;
  /** Deletes the vectors of other models. */
  keepOnly(model: string): Promise<void>;
}

/**
 * How passages are searched by their vectors. `exact`: the query is compared with each of `vectors`; `graph`: with the
 * few that a graph leads to; `none`: no passage has a vector.
 */
export type VectorIndexInfo = {
  readonly kind: "none" | "exact" | "graph";
  /** Of a graph: those in its files. Missing or useless files will be rebuilt. */
  readonly vectors: number;
  /** Passages not yet in the graph: compared one by one, and added to it in the background. */
  readonly pending: number;
  /** Retracted passages that are still in the graph. */
  readonly removed: number;
  /** Estimated size once it is loaded, with everything pending. */
  readonly memoryBytes: number;
  readonly fileBytes: number;
};

/**
 * The vector space to embed passages in: a model and the length of its vectors. The endpoint belongs to it, because two
 * servers may give different models the same name.
 */
export type ReindexTarget = {
  readonly provider: string;
  readonly endpoint: string | null;
  readonly model: string;
  readonly dimensions: number | null;
};

/** A passage to embed, by its number in the collection. */
export type Unembedded = { readonly seq: number; readonly text: string };

/** A new vector of a passage; null if none can be used. */
export type Reembedded = { readonly seq: number; readonly vector: Float32Array | null };

/**
 * Embeds every passage again, those taken back included, since an undo may bring them back. New vectors are kept aside
 * until all are done, also when it is interrupted: searches use the old ones until then.
 */
export interface Reindexing {
  /** Resumes a reindexing for the same target, or begins. Counts are in passages. */
  begin(target: ReindexTarget): Promise<{ readonly done: number; readonly total: number }>;
  /** The next `count` passages, oldest first; none at the end. */
  next(count: number): Promise<Unembedded[]>;
  /** A vector that is unusable, or of another length than the first, is left out: its passage will have none. */
  add(vectors: readonly Reembedded[]): Promise<void>;
  /**
   * Replaces the collection's vectors by the new ones and stores `change`, in one transaction.
   *
   * @throws MemGPTError `storage_failed` if a passage has not been embedded.
   */
  finish(change: Change): Promise<void>;
}
