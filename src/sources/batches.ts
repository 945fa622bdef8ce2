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
  /** Receives notices on whether the documents' own vectors are used. */
  readonly notify: (document: SourceDocument, text: string) => void;
};

/** Passages embedded with one request and stored with one commit. */
const BATCH = 128;
/** Embedding requests in flight. */
const CONCURRENT = 4;
/** Most documents stored with one commit, however few passages they have. */
const MOST_DOCUMENTS = 64;

/**
 * Embeds several batches of passages concurrently, but stores them in their order: what is stored is always a prefix of what was
 * added.
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

  /** @param given The vector that came with the passage. */
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

  /** Drops the unsent passages of a document that could not be read to its end. */
  abandonDocument(): void {
    this.#size -= this.#open.length;
    this.#open = [];
  }

  /** Stores the rest. */
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
    // Whoever awaits it gets its error; this prevents an unhandled rejection until then.
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

/** The text to embed: with the heading, which tells what the passage is about. */
function textOf({ text, heading }: Unembedded): string {
  return heading === null || text.startsWith(heading) ? text : `${heading}\n\n${text}`;
}
