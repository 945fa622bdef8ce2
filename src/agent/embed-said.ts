import { setImmediate } from "node:timers/promises";
import { MemGPTError, describe } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { SaidEmbeddings } from "../ports/maintenance.ts";
import type { AgentParts } from "./deps.ts";
import { knowsMeanings } from "../schema/embedding.ts";

/** Lines per batch. An interruption loses at most one batch. */
const BATCH = 32;

export type SaidProgress = { readonly embedded: number; readonly total: number };

/** `onProgress`: called after each batch with the number of lines that have a vector, and the number of all lines. */
export type EmbedSaidOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SaidProgress) => void) | undefined;
};

type Work = {
  readonly said: SaidEmbeddings;
  readonly embedder: Embedder;
  readonly signal?: AbortSignal | undefined;
  /** Checked before each batch: whether to stop for more urgent work. */
  readonly isPaused?: () => boolean;
};

/**
 * Embeds the messages that have no vector of the embedder's model, newest first, in batches. It can be stopped at any point
 * and continues from there. Does nothing for an embedder that is not semantic.
 *
 * @throws as the embedder and the store do; the signal's reason.
 */
export async function* embedSaid(work: Work): AsyncGenerator<SaidProgress, void, void> {
  const { said, embedder, signal } = work;
  signal?.throwIfAborted();
  if (!knowsMeanings(embedder.model)) return;
  let { embedded, total } = await said.coverage(embedder.model);
  for await (const lines of batches(work)) {
    embedded += lines;
    total = Math.max(total, embedded);
    yield { embedded, total };
  }
}

/** As `embedSaid`, to the end. Without `onProgress` it skips counting, which takes longer the longer the conversation. */
export async function embedAllSaid(work: Work, onProgress?: (progress: SaidProgress) => void): Promise<void> {
  if (onProgress === undefined) for (const batch = batches(work); (await batch.next()).done !== true;);
  else for await (const progress of embedSaid(work)) onProgress(progress);
}

/** Yields the number of lines of each embedded batch. */
async function* batches({ said, embedder, signal, isPaused }: Work): AsyncGenerator<number, void, void> {
  if (!knowsMeanings(embedder.model)) return;
  while (isPaused?.() !== true) {
    signal?.throwIfAborted();
    // Read each time: the model's name includes its dimensions once they are known.
    const lines = await said.next(embedder.model, BATCH);
    if (lines.length === 0) return;
    const vectors = await embedder.embed(
      lines.map(({ text }) => text),
      signal,
    );
    signal?.throwIfAborted();
    await said.add(
      embedder.model,
      lines.map(({ n }, i) => ({ n, vector: vectors[i] ?? null })),
    );
    yield lines.length;
    // An embedder that never waits would starve everything else.
    await setImmediate();
  }
}

/** Embeds messages in the background, between the turns of an agent. */
export class BackgroundEmbedding {
  readonly #parts: Pick<AgentParts, "store" | "embedder" | "notices">;
  readonly #isBusy: () => boolean;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: Pick<AgentParts, "store" | "embedder" | "notices">, isBusy: () => boolean) {
    this.#parts = parts;
    this.#isBusy = isBusy;
  }

  /** Continues, unless already running. */
  wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Stops for good. The batch in progress is lost. */
  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    // A message being handled right now comes first.
    await setImmediate();
    const { signal } = this.#stopping;
    const { store, embedder, notices } = this.#parts;
    try {
      const { said } = store.maintenance;
      await embedAllSaid({ said, embedder, signal, isPaused: this.#isBusy });
    } catch (error) {
      // The next search that needs the embedder reports the problem.
      if (signal.aborted || (error instanceof MemGPTError && error.code !== "llm_unavailable")) return;
      notices.add(
        `Messages without a vector are searched by words only, because they could not be embedded (${describe(error).replace(/\.$/, "")}).`,
      );
    }
  }
}
