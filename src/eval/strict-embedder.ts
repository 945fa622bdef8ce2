import { type Embedder, MemGPTError } from "../index.ts";
import { checkInterrupt } from "./run.ts";

/**
 * An embedder that remembers its failures. Storage tolerates them: it keeps the text without a vector and searches by words.
 * That suits an agent, but the figures would be those of another search.
 */
export class StrictEmbedder implements Embedder {
  /** Called with the number of texts embedded so far. */
  onEmbedded: ((count: number) => void) | undefined;
  readonly #embedder: Embedder;
  readonly #signal: AbortSignal | undefined;
  #count = 0;
  #failure: { readonly cause: unknown } | undefined;

  /** @param signal also aborts requests that storage makes without a signal. */
  constructor(embedder: Embedder, signal: AbortSignal | undefined) {
    this.#embedder = embedder;
    this.#signal = signal;
  }

  get model(): string {
    return this.#embedder.model;
  }

  get dimensions(): number | null {
    return this.#embedder.dimensions;
  }

  get minSimilarity(): number {
    return this.#embedder.minSimilarity;
  }

  async embed(texts: readonly string[], signal = this.#signal): Promise<(Float32Array | null)[]> {
    try {
      const vectors = await this.#embedder.embed(texts, signal);
      this.#count += texts.length;
      this.onEmbedded?.(this.#count);
      return vectors;
    } catch (cause) {
      this.#failure ??= { cause };
      throw cause;
    }
  }

  /** @throws MemGPTError if any text could not be embedded: what the model threw, or `interrupted`. */
  async check(): Promise<void> {
    if (this.#failure === undefined) return;
    await checkInterrupt(this.#signal);
    const { cause } = this.#failure;
    const code = cause instanceof MemGPTError ? cause.code : "llm_unavailable";
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new MemGPTError(code, `Nothing was measured, because some texts could not be embedded. ${problem}`, {
      cause,
    });
  }
}
