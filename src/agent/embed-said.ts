import { setImmediate } from "node:timers/promises";
import { MemGPTError, describe } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { SaidEmbeddings } from "../ports/maintenance.ts";
import type { AgentParts } from "./deps.ts";
import { knowsMeanings } from "../schema/embedding.ts";

/** Lines that are embedded at a time, and lost if it is interrupted. */
const BATCH = 32;

export type SaidProgress = { readonly embedded: number; readonly total: number };

/** `onProgress`: called after each batch with the number of lines that have a vector, and of all lines. */
export type EmbedSaidOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SaidProgress) => void) | undefined;
};

type Work = {
  readonly said: SaidEmbeddings;
  readonly embedder: Embedder;
  readonly signal?: AbortSignal | undefined;
  /** Asked before each batch: whether there is something better to do. */
  readonly isPaused?: () => boolean;
};

/**
 * Embeds what was said and has no vector of the embedder's model, the newest first, a batch at a time: it can be stopped at any
 * point and goes on from there. Nothing to do for an embedder that knows no meanings.
 *
 * @throws what the embedder throws, and the store; what the signal was aborted with.
 */
export async function* embedSaid({ said, embedder, signal, isPaused }: Work): AsyncGenerator<SaidProgress, void, void> {
  signal?.throwIfAborted();
  const { model } = embedder;
  if (!knowsMeanings(model)) return;
  let { embedded, total } = await said.coverage(model);
  while (isPaused?.() !== true) {
    signal?.throwIfAborted();
    // The same as of the vectors, once the model has said how long they are.
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
    embedded += lines.length;
    total = Math.max(total, embedded);
    yield { embedded, total };
    // An embedder that never waits would starve everything else.
    await setImmediate();
  }
}

/** The same until all is embedded. */
export async function embedAllSaid(work: Work, onProgress?: (progress: SaidProgress) => void): Promise<void> {
  for await (const progress of embedSaid(work)) onProgress?.(progress);
}

/** Keeps what was said embedded, between the turns of an agent. */
export class BackgroundEmbedding {
  readonly #parts: Pick<AgentParts, "store" | "embedder" | "notices">;
  readonly #isBusy: () => boolean;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: Pick<AgentParts, "store" | "embedder" | "notices">, isBusy: () => boolean) {
    this.#parts = parts;
    this.#isBusy = isBusy;
  }

  /** Goes on, unless it does already. */
  wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** What is being embedded comes to nothing. */
  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    // What is said in this moment has first place.
    await setImmediate();
    const { signal } = this.#stopping;
    const { store, embedder, notices } = this.#parts;
    try {
      const { said } = store.maintenance;
      await embedAllSaid({ said, embedder, signal, isPaused: this.#isBusy });
    } catch (error) {
      // A search that wants the embedder says what is wrong with it.
      if (signal.aborted || (error instanceof MemGPTError && error.code !== "llm_unavailable")) return;
      notices.add(
        `What was said is searched by words where it has no vector yet, since it could not be embedded (${describe(error).replace(/\.$/, "")}).`,
      );
    }
  }
}
