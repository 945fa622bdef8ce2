import type { Embedder } from "../ports/embedder.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { Hit, Page, PageRequest, TimeRange } from "../schema/page.ts";
import type { Embedding } from "../schema/passage.ts";
import type { Collections, SourcedPassage } from "../search/passages/collections.ts";
import { archivalVector } from "./embed.ts";
import { rerankOf } from "./rerank.ts";

/** A search of an agent's own and attached passages. */
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
  const byEmbedder = new Map<Embedder, Embedding>();
  // All at once, because some then begin to read a large file.
  const asked = collections.all.map(async ({ archival, embedder }) => ({
    embedder,
    isUsed: await archival.usesVector(query.text, embedder.model),
  }));
  const embeddings: (Embedding | null)[] = [];
  for (const { embedder, isUsed } of await Promise.all(asked)) {
    // Collections often share an embedder, which embeds the query only once.
    const known = isUsed ? byEmbedder.get(embedder) : undefined;
    const usesVector = async (): Promise<boolean> => isUsed;
    const { embedding = null } =
      known === undefined
        ? await archivalVector(query.text, { archival: { usesVector }, embedder, ...context })
        : { embedding: known };
    if (embedding !== null) byEmbedder.set(embedder, embedding);
    embeddings.push(embedding);
  }
  const { reranking } = collections;
  return collections.search({ ...query, embeddings, ...rerankOf(query.text, reranking, context) }, page);
}
