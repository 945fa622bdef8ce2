import type { DocumentPart, PassageOrigin, SourceSettings, StoredDocument } from "../schema/source.ts";
import type { ArchivalStorage } from "./archival.ts";
import type { NoticeSink } from "./notices.ts";

/** What can be searched. `incomplete`: how many of the documents an interrupted load left half read. */
export type SourceTotals = {
  readonly documents: number;
  readonly incomplete: number;
  readonly passages: number;
  readonly bytes: number;
};

/** A named set of passages loaded from documents. Every method is one atomic unit of work. */
export interface SourceStore {
  readonly name: string;
  /** Its passages, each with its origin. */
  readonly archival: ArchivalStorage;
  settings(): Promise<SourceSettings>;
  totals(): Promise<SourceTotals>;
  /** In the order in which they were loaded; few of them are in memory at a time. */
  documents(): AsyncIterable<StoredDocument>;
  /** The document as last loaded; an incomplete one only if its hash is `hash`. */
  document(root: string, name: string, hash: string): Promise<StoredDocument | undefined>;
  /** Adds passages. A document that becomes complete replaces its former version. */
  add(parts: readonly DocumentPart[]): Promise<void>;
  /** Removes the documents for which `keeps` returns false. */
  drop(keeps: (document: StoredDocument) => boolean): Promise<void>;
  /** Clears removed texts from free pages, indexes and the log, unless another program is reading them. */
  scrub(): Promise<void>;
  /**
   * Every document that has passages or is complete, as `add` takes it and in that order, vectors included; few
   * passages are in memory at a time.
   */
  parts(): AsyncIterable<DocumentPart>;
  /** Origins of the passages with these ids. */
  origins(ids: readonly string[]): Promise<ReadonlyMap<string, PassageOrigin>>;
  /** Resolves when its indexes are complete. */
  indexed(): Promise<void>;
  /** Resolves when pending work is stored. */
  close(): Promise<void>;
}

/** A source that nobody else loads into or removes until it is closed. */
export type HeldSource = {
  readonly store: SourceStore;
  /** Whether it has just been created. */
  readonly isNew: boolean;
  close(): Promise<void>;
};

/**
 * The sources of one owner, by name.
 *
 * @throws MemGPTError `not_found` for an unknown name, listing those there are; `invalid_name`; `agent_locked` naming
 *   the holder, where another process loads into it; `storage_failed`.
 */
export interface SourceRepository {
  /** In alphabetical order. */
  names(): Promise<string[]>;
  has(name: string): Promise<boolean>;
  /** Opens a source to search it, also while it is being loaded. */
  open(name: string, notify?: NoticeSink): Promise<SourceStore>;
  /** Opens a source to load into it; creates it with `settings` if it does not exist. */
  hold(name: string, settings: SourceSettings): Promise<HeldSource>;
  /** Removes a source and all its passages, for good. */
  remove(name: string): Promise<void>;
}
