import { MemGPTError, describe } from "../errors.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Embedding } from "../schema/passage.ts";
import type { ArchivalStorage } from "../ports/archival.ts";

type Context = {
  readonly archival: ArchivalStorage;
  readonly embedder: Embedder;
  readonly notify: NoticeSink;
  readonly signal?: AbortSignal | undefined;
};

/** Characters of a query that are embedded: more than most models read, and little to send. */
const LONGEST_QUERY = 10_000;

/**
 * The vectors of texts to store; null for a text whose vector is unavailable or would not be used. A text is stored even
 * without a vector: until it has one, only its words find it.
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
      `Passages were kept without a vector, since embedding failed (${found.failure}): only their words find them. ` +
        "`memgpt reindex NAME` embeds them once it works again.",
    );
  }
  return texts.map((_, i) => found.embeddings[i] ?? null);
}

/**
 * The vector of a query, or of the beginning of a very long one; null if it is unavailable or would not be used, so that
 * the search goes by words only.
 *
 * @throws as `embedPassages` does.
 */
export async function embedQuery(query: string, context: Context): Promise<Embedding | null> {
  const { archival, embedder, notify } = context;
  const found = await attempt(context, async () =>
    (await archival.usesVector(query, embedder.model)) ? embedAll([beginning(query)], context) : [],
  );
  if (found.failure !== undefined) {
    notify(
      `Archival memory is searched by words only, since the query could not be embedded (${found.failure}). ` +
        "`memgpt reindex NAME` re-embeds it, with another embedding if you wish.",
    );
  }
  return found.embeddings[0] ?? null;
}

/** Never ends in half a surrogate pair. */
function beginning(query: string): string {
  return query.slice(0, LONGEST_QUERY).replace(/[\uD800-\uDBFF]$/, "");
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
