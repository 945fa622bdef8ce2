import { MemGPTError, describe } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Embedding } from "../schema/passage.ts";
import type { ArchivalStorage } from "../ports/storage.ts";

type Context = {
  readonly archival: ArchivalStorage;
  readonly embedder: Embedder;
  /** Tells the person. */
  readonly say: (notice: string) => void;
  readonly signal?: AbortSignal | undefined;
};

/** How much of a query is embedded, in characters: more than most models read, and little to send. */
const LONGEST_QUERY = 10_000;

/**
 * The vectors of texts that are to be kept; none where they cannot be had or would not be used. What is kept must not be
 * lost for want of a vector: its words find it until it has one.
 *
 * @throws MemGPTError `interrupted`, and what the signal was aborted with.
 */
export async function embedPassages(texts: readonly string[], context: Context): Promise<(Embedding | null)[]> {
  const { archival, embedder, say } = context;
  const found = await attempt(context, async () =>
    (await archival.takes(embedder.model)) ? embedAll(texts, context) : [],
  );
  if (found.failure !== undefined) {
    say(
      `Passages were kept without a vector, since they could not be embedded (${found.failure}): their words find them, ` +
        "and `memgpt reindex NAME` embeds them once that works again.",
    );
  }
  return texts.map((_, i) => found.embeddings[i] ?? null);
}

/**
 * The vector of a query, or of the beginning of a very long one; null where it cannot be had or would not be used, and words
 * are all there is to search by.
 *
 * @throws as `embedPassages`.
 */
export async function embedQuery(query: string, context: Context): Promise<Embedding | null> {
  const { archival, embedder, say } = context;
  const found = await attempt(context, async () =>
    (await archival.usesVector(query, embedder.model)) ? embedAll([beginning(query)], context) : [],
  );
  if (found.failure !== undefined) {
    say(
      `Archival memory is searched by words only, since the query could not be embedded (${found.failure}). ` +
        "`memgpt reindex NAME` embeds all of it anew, also with another embedding.",
    );
  }
  return found.embeddings[0] ?? null;
}

/** Does not end in half a character. */
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
