import type { ArchivalQuery, PassageCollection } from "../../ports/archival.ts";
import type { Reranking } from "../../ports/reranker.ts";
import type { Hit, Page, PageRequest } from "../../schema/page.ts";
import type { Embedding, Passage } from "../../schema/passage.ts";
import type { TextVectors } from "../../ports/text-index.ts";
import { knowsMeanings } from "../../schema/embedding.ts";
import { citationOf } from "../../memory/citation.ts";
import { type LatePassageSearch, latePassageSearch } from "./late-search.ts";
import { unionOf } from "./union-vectors.ts";
import { UnionPassages, partOf } from "./union.ts";

/** A passage and its source; null for the agent's own. `citation`: its place in the source. */
export type SourcedPassage = Passage & { readonly source: string | null; readonly citation?: string };

/** A query, with its vector from the embedder of each collection, in their order. */
export type CollectionsQuery = Omit<ArchivalQuery, "embedding" | "minSimilarity"> & {
  readonly embeddings: readonly (Embedding | null)[];
};

/** Collections searched as one ranked list: the agent's own passages, then attached sources. */
export class Collections {
  readonly own: PassageCollection;
  readonly all: readonly PassageCollection[];
  /** Reranks the best results of a question, in all memories of the agent. */
  readonly reranking: Reranking | undefined;
  readonly #search: LatePassageSearch | undefined;

  constructor(own: PassageCollection, attached: readonly PassageCollection[] = [], reranking?: Reranking) {
    this.own = own;
    this.reranking = reranking;
    this.all = [own, ...attached];
    const parts = this.all.map(({ archival }) => archival.searchable.passages);
    this.#search = attached.length === 0 ? undefined : latePassageSearch(new UnionPassages(parts));
  }

  /** The collection of one source alone; undefined if it is not attached. */
  only(source: string | null): Collections | undefined {
    const found = this.all.find((collection) => collection.source === source);
    return found === undefined ? undefined : new Collections(found, [], this.reranking);
  }

  async search(query: CollectionsQuery, page: PageRequest): Promise<Page<Hit<SourcedPassage>>> {
    const { embeddings, ...words } = query;
    const { own } = this;
    if (this.#search === undefined) {
      const { items, ...found } = await own.archival.search(vectorQuery(words, own, embeddings[0]), page);
      return {
        ...found,
        items: await cited(
          items.map((item) => ({ ...item, source: own.source })),
          [own],
        ),
      };
    }
    const search = this.#search;
    const run = async (): Promise<Page<Hit<Passage>>> =>
      (await search()).search({ ...words, embedding: leading(embeddings) }, page, () =>
        this.#vectorsIn(words, embeddings),
      );
    const guarded = this.all.reduce<typeof run>(
      (work, { archival }) =>
        () =>
          archival.searchable.guard(work),
      run,
    );
    const { items, ...found } = await guarded();
    const sourced = items.map((item) => {
      const { part, id } = partOf(item.id);
      return { ...item, id, source: this.all[part]?.source ?? null };
    });
    return { ...found, items: await cited(sourced, this.all) };
  }

  /** The vectors of all collections as one set, by the numbers of the union. */
  async #vectorsIn(
    words: Omit<ArchivalQuery, "embedding">,
    embeddings: CollectionsQuery["embeddings"],
  ): Promise<TextVectors | undefined> {
    const parts = await Promise.all(
      this.all.map(async (collection, i) =>
        collection.archival.searchable.vectorsFor(vectorQuery(words, collection, embeddings[i])),
      ),
    );
    return unionOf(parts);
  }
}

/** Adds citations to passages that have an origin. */
async function cited<T extends SourcedPassage>(
  passages: readonly T[],
  collections: readonly PassageCollection[],
): Promise<T[]> {
  const citations = new Map<string, string>();
  for (const { source, origins } of collections) {
    const ids = passages.filter((passage) => passage.source === source).map(({ id }) => id);
    if (origins === undefined || ids.length === 0) continue;
    for (const [id, origin] of await origins(ids)) citations.set(`${source ?? ""}\n${id}`, citationOf(origin));
  }
  return passages.map((passage) => {
    const citation = citations.get(`${passage.source ?? ""}\n${passage.id}`);
    return citation === undefined ? passage : { ...passage, citation };
  });
}

function vectorQuery(
  words: Omit<ArchivalQuery, "embedding">,
  { embedder }: PassageCollection,
  embedding: Embedding | null | undefined,
): ArchivalQuery {
  if (embedding === undefined || embedding === null) return words;
  return { ...words, embedding, minSimilarity: embedder.minSimilarity };
}

/** The embedding that decides how vectors are weighed: preferably one of a model that knows meanings. */
function leading(embeddings: CollectionsQuery["embeddings"]): Embedding | null {
  const present = embeddings.filter((embedding) => embedding !== null);
  return present.find(({ model }) => knowsMeanings(model)) ?? present[0] ?? null;
}
