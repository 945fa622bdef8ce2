import type { Embedder } from "../ports/embedder.ts";
import type { SourceStore } from "../ports/source.ts";
import { GivenVectors } from "./given-vectors.ts";
import type { DocumentPart, SourceDocument, SourcePassage } from "../schema/source.ts";

type Unembedded = Omit<SourcePassage, "embedding">;
type Waiting = { readonly passage: Unembedded; readonly given: readonly number[] | undefined };
type Part = { readonly document: SourceDocument; readonly passages: readonly Waiting[]; readonly isLast: boolean };

export type BatchesOptions = {
  readonly store: SourceStore;
  readonly embedder: Embedder;
  readonly signal?: AbortSignal | undefined;
  /** Receives what became of the vectors that came with texts. */
  readonly notify: (document: SourceDocument, text: string) => void;
};

/** Passages that are embedded with one request and stored with one commit. */
const BATCH = 128;
/** Requests that wait for their answers at the same time. */
const CONCURRENT = 4;
/** Documents that are stored with one commit, however few passages they have. */
const MOST_DOCUMENTS = 64;

/**
 * Embeds passages, some batches at a time, and stores them in the order in which they came: what is stored is always the
 * beginning of what was given.
 */
export class Batches {
  readonly #store: SourceStore;
  readonly #vectors: GivenVectors;
  readonly #signal: AbortSignal | undefined;
  #parts: Part[] = [];
  #open: Waiting[] = [];
  #size = 0;
  /** Batches that are being embedded, oldest first. */
  readonly #waiting: Promise<DocumentPart[]>[] = [];
  /** Passages stored so far. */
  stored = 0;

  constructor({ store, embedder, signal, notify }: BatchesOptions) {
    this.#store = store;
    this.#vectors = new GivenVectors(embedder, notify);
    this.#signal = signal;
  }

  /** @param given the vector that came with the passage. */
  async add(document: SourceDocument, passage: Unembedded, given?: readonly number[]): Promise<void> {
    this.#open.push({ passage, given });
    this.#size += 1;
    if (this.#size < BATCH) return;
    this.#close(document, false);
    await this.#send();
  }

  async endDocument(document: SourceDocument): Promise<void> {
    this.#close(document, true);
    if (this.#parts.length >= MOST_DOCUMENTS) await this.#send();
  }

  /** Forgets the passages of a document that could not be read to its end, as far as they have not been sent. */
  abandonDocument(): void {
    this.#size -= this.#open.length;
    this.#open = [];
  }

  /** Stores what is left. */
  async end(): Promise<void> {
    await this.#send();
    while (this.#waiting.length > 0) await this.#storeNext();
  }

  #close(document: SourceDocument, isLast: boolean): void {
    this.#parts.push({ document, passages: this.#open, isLast });
    this.#open = [];
  }

  async #send(): Promise<void> {
    const parts = this.#parts;
    [this.#parts, this.#size] = [[], 0];
    if (parts.length === 0) return;
    const embedded = this.#embed(parts);
    // Its error goes to the caller that awaits it, and must not count as unhandled until then.
    embedded.catch(() => undefined);
    this.#waiting.push(embedded);
    if (this.#waiting.length >= CONCURRENT) await this.#storeNext();
  }

  async #storeNext(): Promise<void> {
    const parts = await this.#waiting.shift();
    if (parts === undefined) return;
    await this.#store.add(parts);
    this.stored += parts.reduce((sum, { passages }) => sum + passages.length, 0);
  }

  async #embed(parts: readonly Part[]): Promise<DocumentPart[]> {
    const texts = parts.flatMap(({ document, passages }) =>
      passages.map(({ passage, given }) => ({ text: textOf(passage), given, document })),
    );
    const vectors = texts.length === 0 ? [] : await this.#vectors.embed(texts, this.#signal);
    const { model } = this.#vectors;
    let next = 0;
    return parts.map((part) => ({
      ...part,
      passages: part.passages.map(({ passage }) => {
        const vector = vectors[next] ?? null;
        next += 1;
        return { ...passage, embedding: vector === null ? null : { model, vector } };
      }),
    }));
  }
}

/** What a passage is about shows in its heading, which only the first below it begins with. */
function textOf({ text, heading }: Unembedded): string {
  return heading === null || text.startsWith(heading) ? text : `${heading}\n\n${text}`;
}
