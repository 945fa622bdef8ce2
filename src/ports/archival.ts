import type { Hit, ListRequest, Page, PageRequest, TimeRange } from "../schema/page.ts";
import type { Embedding, Passage } from "../schema/passage.ts";
import type { PassageOrigin } from "../schema/source.ts";
import type { Embedder } from "./embedder.ts";
import type { Rerank } from "./reranker.ts";
import type { Passages, TextVectors } from "./text-index.ts";

export type ArchivalQuery = {
  readonly text: string;
  /** Used only if the collection's vectors are of the same model. */
  readonly embedding?: Embedding | null | undefined;
  readonly minSimilarity?: number | undefined;
  /** As in `RecallQuery`. */
  readonly rerank?: Rerank | undefined;
  readonly range?: TimeRange | undefined;
  /** Restricts to an origin: a kind, or a kind with a name. */
  readonly origin?: string | undefined;
  /** As in `RecallQuery`; passages are steered by when they were kept. */
  readonly now?: string | undefined;
};

/** How an agent's passages are embedded. Model and dimensions are null until the first vector. */
export type CollectionInfo = {
  readonly model: string | null;
  readonly dimensions: number | null;
  /** Passages without a vector: only their words find them. */
  readonly withoutVector: number;
};

/** What a search reads of one set of passages, so that several sets can be ranked as one list. */
export type Searchable = {
  readonly passages: Passages;
  /** The vectors of the passages as compared with a query's; undefined if they cannot be. */
  readonly vectorsFor: (query: ArchivalQuery) => Promise<TextVectors | undefined>;
  /** Runs a search: errors of the database become errors of ours, and a damaged index is rebuilt. */
  readonly guard: <T>(work: () => Promise<T>) => Promise<T>;
};

/** One set of passages: an agent's own, or those of a source. */
export interface ArchivalStorage {
  readonly searchable: Searchable;
  /**
   * Best match first. With `embedding`, passages that are only similar (cosine at least `minSimilarity`) follow and mix
   * with those that share words.
   */
  search(query: ArchivalQuery, page: PageRequest): Promise<Page<Hit<Passage>>>;
  /** Newest first. */
  latest(count: number): Promise<Passage[]>;
  /** Passages in the order in which they were kept. */
  list(request: ListRequest): Promise<Passage[]>;
  /** Every passage, oldest first; few of them are in memory at a time. */
  all(): AsyncIterable<Passage>;
  /** The passage, or undefined. */
  get(id: string): Promise<Passage | undefined>;
  size(): Promise<number>;
  /** The same storage as if the passages with these ids had been retracted. Unknown ids are ignored. */
  without(ids: readonly string[]): ArchivalStorage;
  collection(): Promise<CollectionInfo>;
  /**
   * Whether vectors of `model` can be stored: the first vector decides for all. If they cannot, a notice says so, and
   * embedding anything for this collection is wasted.
   */
  accepts(model: string): Promise<boolean>;
  /** Whether a search for `text` would use a vector of `model`. Gives the notice of `accepts`. */
  usesVector(text: string, model: string): Promise<boolean>;
}

/** One set of passages for callers that leave ranking to it. */
export type PassageReader = Omit<ArchivalStorage, "searchable" | "without"> & {
  without(ids: readonly string[]): PassageReader;
};

/** Passages that an agent can search, with the embedder of their vectors. */
export type PassageCollection = {
  /** Name of the attached source; null for the agent's own passages. */
  readonly source: string | null;
  readonly archival: ArchivalStorage;
  readonly embedder: Embedder;
  /** Origins of the passages with these ids, if they come from documents. */
  readonly origins?: ((ids: readonly string[]) => Promise<ReadonlyMap<string, PassageOrigin>>) | undefined;
};
