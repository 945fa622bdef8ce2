import type { Embedder } from "../ports/embedder.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { Hit, Page, PageRequest, TimeRange } from "../schema/page.ts";
import type { Embedding } from "../schema/passage.ts";
import type { Collections, SourcedPassage } from "../search/passages/collections.ts";
import { archivalVector } from "./embed.ts";
import { rerankOf } from "./rerank.ts";

/** What to look for in an agent's own and attached passages. */
export type SearchedPassages = {
  readonly text: string;
  readonly range?: TimeRange | undefined;
  /** As in `ArchivalQuery`. */
  readonly origin?: string | undefined;
  /** What "last week" in `text` is relative to, ISO 8601 in UTC. */
  readonly now: string;
};

/**
 * Searches all collections as one ranked list, with the query embedded by the embedder of each.
 *
 * @throws as `archivalVector` does.
 */
export async function searchCollections(
  collections: Collections,
  query: SearchedPassages,
  page: PageRequest,
  context: { readonly notify: NoticeSink; readonly signal?: AbortSignal | undefined },
): Promise<Page<Hit<SourcedPassage>>> {
  const made = new Map<Embedder, Embedding>();
  const embeddings: (Embedding | null)[] = [];
  for (const { archival, embedder } of collections.all) {
    // Collections often share an embedder: a query is embedded once by each.
    const known = made.get(embedder);
    const isKnown = known !== undefined && (await archival.usesVector(query.text, embedder.model));
    const { embedding = null } = isKnown
      ? { embedding: known }
      : await archivalVector(query.text, { archival, embedder, ...context });
    if (embedding !== null) made.set(embedder, embedding);
    embeddings.push(embedding);
  }
  const { reranking } = collections;
  return collections.search({ ...query, embeddings, ...rerankOf(query.text, reranking, context) }, page);
}
