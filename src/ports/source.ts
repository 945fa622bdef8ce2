import type { DocumentPart, PassageOrigin, SourceSettings, StoredDocument } from "../schema/source.ts";
import type { ArchivalStorage } from "./archival.ts";

export type SourceTotals = { readonly documents: number; readonly passages: number; readonly bytes: number };

/** A named set of passages loaded from documents. Every method is one atomic unit of work. */
export interface SourceStore {
  readonly name: string;
  /** Its passages, each with where it is from. */
  readonly archival: ArchivalStorage;
  settings(): Promise<SourceSettings>;
  totals(): Promise<SourceTotals>;
  /** In the order in which they were loaded; few of them are in memory at a time. */
  documents(): AsyncIterable<StoredDocument>;
  /** The document as it was last loaded; one that is not complete where `hash` is its hash. */
  document(root: string, name: string, hash: string): Promise<StoredDocument | undefined>;
  /** Adds passages. A document that becomes complete takes the place of what it was before. */
  add(parts: readonly DocumentPart[]): Promise<void>;
  /** Removes the documents that `keeps` does not want. */
  drop(keeps: (document: StoredDocument) => boolean): Promise<void>;
  /** Where the passages with these ids are from. */
  origins(ids: readonly string[]): Promise<ReadonlyMap<string, PassageOrigin>>;
  close(): void;
}
