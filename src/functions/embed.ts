import { MemGPTError, describe } from "../errors.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Embedding } from "../schema/passage.ts";
import type { ArchivalStorage } from "../ports/archival.ts";
import type { RecallStorage } from "../ports/recall.ts";
import { beginning } from "../schema/beginning.ts";

type Means = {
  readonly embedder: Embedder;
  readonly notify: NoticeSink;
  readonly signal?: AbortSignal | undefined;
};
type Context = Means & { readonly archival: ArchivalStorage };

/** Most characters of a query to embed: more than most models read, and little to send. */
const LONGEST_QUERY = 10_000;

/**
 * The vectors of texts to store; null for a text whose vector is unavailable or would not be used. Texts are stored
 * even without a vector; until they have one, only their words find them.
 *
 * @throws MemGPTError `interrupted`, and the reason of an aborted signal.
 */
export async function embedPassages(texts: readonly string[], context: Context): Promise<(Embedding | null)[]> {
  const { archival, embedder, notify } = context;
  const found = await attempt(context, async () =>
    (await archival.accepts(embedder.model)) ? embedAll(texts, context) : [],
  );
  if (found.failure !== undefined) {
    notify(
      `Passages were stored without vectors, because embedding failed (${found.failure}): only their words find them. ` +
        "`memgpt reindex NAME` embeds them once it works again.",
    );
  }
  return texts.map((_, i) => found.embeddings[i] ?? null);
}

/** The vector part of a query; empty if there is no vector, so that only words are searched. */
export type QueryVector = { readonly embedding?: Embedding | null; readonly minSimilarity?: number };

/**
 * The vector of a query of archival memory, or of the beginning of a very long query; empty if it is unavailable or
 * would not be used, so that only words are searched.
 *
 * @throws as `embedPassages` does.
 */
export async function archivalVector(
  query: string,
  { archival, ...means }: Means & { readonly archival: Pick<ArchivalStorage, "usesVector"> },
): Promise<QueryVector> {
  return queryVector(query, means, "Archival memory", () => archival.usesVector(query, means.embedder.model));
}

/** As `archivalVector`, for the conversation. */
export async function recallVector(
  query: string,
  { recall, ...means }: Means & { readonly recall: RecallStorage },
): Promise<QueryVector> {
  return queryVector(query, means, "The conversation", () => recall.usesVector(query, means.embedder.model));
}

async function queryVector(
  query: string,
  means: Means,
  where: string,
  isUsed: () => Promise<boolean>,
): Promise<QueryVector> {
  const { embedder, notify } = means;
  const found = await attempt(means, async () =>
    (await isUsed()) ? embedAll([beginning(query, LONGEST_QUERY)], means) : [],
  );
  if (found.failure !== undefined) {
    notify(
      `${where} is searched by words only, because the query could not be embedded (${found.failure}). ` +
        "`memgpt reindex NAME` re-embeds it, with another embedding if you wish.",
    );
  }
  const [embedding = null] = found.embeddings;
  return embedding === null ? {} : { embedding, minSimilarity: embedder.minSimilarity };
}

async function embedAll(
  texts: readonly string[],
  { embedder, signal }: Pick<Context, "embedder" | "signal">,
): Promise<(Embedding | null)[]> {
  const vectors = await embedder.embed(texts, signal);
  const { model } = embedder;
  return vectors.map((vector) => (vector === null ? null : { model, vector }));
}

type Attempt = { readonly embeddings: readonly (Embedding | null)[]; readonly failure?: string };

async function attempt(
  { signal }: Pick<Context, "signal">,
  work: () => Promise<(Embedding | null)[]>,
): Promise<Attempt> {
  try {
    return { embeddings: await work() };
  } catch (error) {
    signal?.throwIfAborted();
    const isOurs = error instanceof MemGPTError && (error.code === "interrupted" || error.code.startsWith("storage_"));
    if (isOurs) throw error;
    return { embeddings: [], failure: describe(error).replace(/\.$/, "") };
  }
}
