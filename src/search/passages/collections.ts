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

/** A passage and the source it is from; null for the agent's own. `citation`: where it stands there. */
export type SourcedPassage = Passage & { readonly source: string | null; readonly citation?: string };

/** A query, and its vector by the embedder of each collection that is searched, in their order. */
export type CollectionsQuery = Omit<ArchivalQuery, "embedding" | "minSimilarity"> & {
  readonly embeddings: readonly (Embedding | null)[];
};

/** Collections that are searched as one ranked list: an agent's own passages first, then those of attached sources. */
export class Collections {
  readonly own: PassageCollection;
  readonly all: readonly PassageCollection[];
  /** Reads the best results of a question again, in all memories of the agent. */
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

  /** The vectors of all collections as one, by the numbers of the union. */
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

/** The passages with where they stand in the documents that they are from. */
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

/** The embedding that decides how vectors are weighed: one of a model that knows meanings, if there is one. */
function leading(embeddings: CollectionsQuery["embeddings"]): Embedding | null {
  const made = embeddings.filter((embedding) => embedding !== null);
  return made.find(({ model }) => knowsMeanings(model)) ?? made[0] ?? null;
}
